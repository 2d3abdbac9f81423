#include "tests/flow/job_process.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <map>
#include <thread>

#include "core/error.hpp"
#include "flow/job.hpp"
#include "ops/families.hpp"

namespace leaven::flow {

namespace {

std::atomic<bool> stop_asked{};

JobOptions options_from(const JobArguments& arguments) {
  std::map<std::string, std::string> given;
  for (const std::string& argument : arguments) {
    const std::size_t equals = argument.find('=');
    given[argument.substr(0, equals)] = equals == std::string::npos ? "yes" : argument.substr(equals + 1);
  }
  const auto number = [&](const char* key) { return std::stoull(given.at(key)); };
  JobOptions options;
  options.recipe = recipe::parse(given.contains("recipe") ? given["recipe"] : "leaven: 1\nsteps: [horizontal_flip]\n",
                                 ops::op_table(), "test.yaml");
  options.recipe.source.path = given["in"];
  options.recipe.sink.path = given["out"];
  recipe::Augment& a = options.recipe.augment;
  if (given.contains("times") || given.contains("total") || given.contains("per_class"))
    a.times.reset(), a.total.reset(), a.per_class.reset();
  if (given.contains("times")) a.times = static_cast<std::uint32_t>(number("times"));
  if (given.contains("total")) a.total = number("total");
  if (given.contains("per_class")) a.per_class = number("per_class");
  if (given.contains("threads")) options.threads = static_cast<int>(number("threads"));
  if (given.contains("shard")) {
    options.shard = static_cast<std::uint32_t>(number("shard"));
    options.shards = static_cast<std::uint32_t>(std::stoul(given["shard"].substr(given["shard"].find('/') + 1)));
  }
  options.resume = given.contains("resume");
  options.overwrite = given.contains("overwrite");
  options.report = false;
  options.command = "leaven augment";
  // Root may read everything.
  if (given.contains("nobody") && ::geteuid() == 0 && ::setuid(65534) != 0) throw environment_error("cannot become nobody");
  if (given.contains("file_limit")) {  // bytes a file may have: a write beyond fails as on a full disk
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{number("file_limit"), number("file_limit")};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  return options;
}

std::string executable() {
  std::string path(4096, '\0');
  path.resize(static_cast<std::size_t>(std::max<ssize_t>(0, ::readlink("/proc/self/exe", path.data(), path.size()))));
  return path;
}

pid_t start(const JobArguments& arguments, int error_pipe) {
  std::vector<std::string> words{executable(), "--job"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const pid_t child = ::fork();
  if (child != 0) return child;
  if (error_pipe >= 0) ::dup2(error_pipe, STDERR_FILENO);
  ::execv(argv.front(), argv.data());
  ::_exit(127);
}

}  // namespace

pid_t start_job(const JobArguments& arguments) { return start(arguments, -1); }

int wait_for(pid_t process) {
  int status = 0;
  if (::waitpid(process, &status, 0) != process) return 127;
  return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

int run_job_process(const JobArguments& arguments, std::string* error) {
  int ends[2]{};
  if (::pipe2(ends, O_CLOEXEC) != 0) return 127;
  const pid_t child = start(arguments, ends[1]);
  ::close(ends[1]);
  std::string said;
  char block[4096];
  for (ssize_t got = 0; (got = ::read(ends[0], block, sizeof block)) > 0;) said.append(block, static_cast<std::size_t>(got));
  ::close(ends[0]);
  const int code = wait_for(child);
  if (error) *error = said;
  else if (!said.empty()) ADD_FAILURE() << said;
  return code;
}

int kill_until_done(const JobArguments& arguments, std::chrono::microseconds whole, std::mt19937& random, int& killed) {
  int code = -SIGKILL;
  for (int attempt = 0; attempt < 200 && code == -SIGKILL; ++attempt) {
    const pid_t job = start_job(arguments);
    std::this_thread::sleep_for(std::uniform_int_distribution<int>(0, static_cast<int>(whole.count()) * (attempt + 1) / 2)(random) *
                                std::chrono::microseconds(1));
    ::kill(job, SIGKILL);
    code = wait_for(job);
    killed += code == -SIGKILL;
  }
  return code;
}

std::chrono::microseconds time_of(const JobArguments& arguments) {
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(run_job_process(arguments), 0);
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begin);
}

int be_a_job(const JobArguments& arguments) {
  std::signal(SIGINT, [](int) { stop_asked = true; });
  try {
    const JobOptions options = options_from(arguments);
    const bool merge = std::ranges::find(arguments, "merge") != arguments.end();
    const JobSummary summary = merge ? merge_shards(options.recipe.sink.path, {}) : run_job(options, {}, stop_asked);
    return summary.too_many_broken ? 1 : 0;
  } catch (const Error& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return exit_code(e.fault());
  }
}

}  // namespace leaven::flow
