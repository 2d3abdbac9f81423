// leaven-learn, the program beside this one that trains.
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "cli/commands.hpp"
#include "cli/job.hpp"
#include "core/error.hpp"
#include "flow/generated.hpp"
#include "flow/job.hpp"
#include "io/atomic_file.hpp"

namespace leaven::cli {

namespace fs = std::filesystem;

namespace {

/// libtorch ends without a word where it has not even room to be loaded.
void require_room_to_start() {
  constexpr rlim_t kLeast = rlim_t{650} << 20;
  rlimit limit{};
  if (getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur < kLeast)
    throw environment_error("leaven-learn needs " + std::to_string(kLeast >> 20) + " MiB to start, and the limit is " + std::to_string(limit.rlim_cur >> 20) + " MiB").with_hint("a larger limit: ulimit -v");
}

/// `command`: prove, tune or generate. Throws Error(environment) where the program is missing.
fs::path learn_program(const std::string& command) {
  std::error_code error;
  const fs::path own = fs::read_symlink("/proc/self/exe", error);
  fs::path program = own.parent_path() / "leaven-learn";
  if (error || !fs::exists(program, error))
    throw environment_error("leaven " + command + " is the work of leaven-learn, which needs libtorch and was not built: there is no " + program.string())
        .with_hint("make learn installs libtorch and builds it; or apt-get install libtorch-dev libopenblas0 libxgboost-dev and build again");
  require_room_to_start();
  return program;
}

void become(const fs::path& program, const std::vector<std::string>& arguments) {
  // Each training has one thread, whose results depend on no other; trainings run side by side instead.
  for (const char* variable : {"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"}) setenv(variable, "1", 1);
  setenv("OMP_WAIT_POLICY", "passive", 1);
  std::vector<std::string> copies{"leaven-learn"};
  copies.insert(copies.end(), arguments.begin(), arguments.end());
  std::vector<char*> words;
  for (std::string& copy : copies) words.push_back(copy.data());
  words.push_back(nullptr);
  execv(program.c_str(), words.data());
}

/// Waits for it. Ctrl-C reaches it as well, and what it makes of that decides.
int run_learn(const std::vector<std::string>& arguments) {
  const fs::path program = learn_program(arguments.front());
  struct sigaction ignore {}, before_int{}, before_term{};
  ignore.sa_handler = SIG_IGN;
  sigaction(SIGINT, &ignore, &before_int);
  sigaction(SIGTERM, &ignore, &before_term);
  const pid_t child = fork();
  if (child == 0) {
    sigaction(SIGINT, &before_int, nullptr);
    sigaction(SIGTERM, &before_term, nullptr);
    prctl(PR_SET_PDEATHSIG, SIGTERM);  // when this program is killed nobody waits for it: it stops, and can be gone on with
    become(program, arguments);
    _exit(127);
  }
  int status = 0;
  while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) {}
  sigaction(SIGINT, &before_int, nullptr);
  sigaction(SIGTERM, &before_term, nullptr);
  if (child < 0 || (WIFEXITED(status) && WEXITSTATUS(status) == 127)) throw environment_error("cannot be started").with_place(program.string());
  if (!WIFEXITED(status)) throw environment_error("was ended by signal " + std::to_string(WTERMSIG(status))).with_place(program.string());
  return WEXITSTATUS(status);
}

}  // namespace

int start_learn(const std::vector<std::string>& arguments) {
  const bool external = std::ranges::any_of(arguments, [](const std::string& a) { return a == "--external" || a.starts_with("--external="); });
  const fs::path program = learn_program(arguments.front() + (external ? " --external" : ""));
  become(program, arguments);
  throw environment_error("cannot be started: " + std::string(std::strerror(errno))).with_place(program.string());
}

int draw_generated(const JobCommand& command, const recipe::Recipe& recipe) {
  learn_program("augment with generate:");  // before anything else
  const fs::path folder = flow::generator_folder(recipe);
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw environment_error("cannot be made: " + error.message()).with_place(folder.string());
  recipe::Recipe whole = recipe;
  whole.source.path = fs::absolute(recipe.source.path).lexically_normal();
  // The copy lies elsewhere than the recipe, which files may lie beside.
  const auto beside_recipe = [&](std::string& named) {
    const fs::path beside = fs::path(recipe.file).parent_path() / named;
    named = fs::absolute(fs::exists(beside, error) ? beside : fs::path(named)).lexically_normal().string();
  };
  for (std::string& named : whole.source.append) beside_recipe(named);
  for (recipe::Constraint& rule : whole.constraints)
    if (rule.kind == recipe::Constraint::Kind::references) beside_recipe(rule.text);
  whole.sink.path = fs::absolute(recipe.sink.path).lexically_normal();
  const fs::path file = folder / flow::kRecipeFile;
  io::write_file_atomically(file, recipe::to_yaml(whole));
  std::vector<std::string> words{"fill", "--recipe", file.string()};
  if (command.threads > 0) words.insert(words.end(), {"--threads", std::to_string(command.threads)});
  if (command.quiet || command.progress == "json") words.emplace_back("--quiet");
  if (command.resume) words.emplace_back("--resume");
  // Shards that begin together may each find what another one is about to make.
  if (command.overwrite || command.shards > 1) words.emplace_back("--overwrite");
  return run_learn(words);
}

}  // namespace leaven::cli
