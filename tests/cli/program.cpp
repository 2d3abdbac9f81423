#include "tests/cli/program.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

namespace leaven::cli {

namespace {

struct Pipe {
  std::array<int, 2> ends{};
  Pipe() {
    if (pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  }
};

[[noreturn]] void become(std::string program, const std::vector<std::string>& arguments, const Surroundings& around, int out,
                         int err) {
  std::string path = "PATH=/usr/bin:/bin";
  std::vector<char*> words{program.data()};
  std::vector<std::string> copies = arguments;
  for (std::string& word : copies) words.push_back(word.data());
  words.push_back(nullptr);
  std::array<char*, 2> environment{path.data(), nullptr};
  dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
  dup2(around.output.empty() ? out : open(around.output.c_str(), O_WRONLY), STDOUT_FILENO);
  dup2(err, STDERR_FILENO);
  if (around.folder.empty() || chdir(around.folder.c_str()) == 0)
    execve(program.c_str(), words.data(), environment.data());
  _exit(127);
}

/// Reads what is there; false at the end.
bool take(int end, std::string& text) {
  std::array<char, 4096> buffer{};
  const ssize_t count = read(end, buffer.data(), buffer.size());
  if (count <= 0) return false;
  text.append(buffer.data(), static_cast<std::size_t>(count));
  return true;
}

}  // namespace

testing::AssertionResult has(const std::string& text, const std::string& part) {
  constexpr std::size_t kMostShown = 4000;
  if (text.find(part) != std::string::npos) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "no \"" << part << "\" in:\n" << text.substr(0, kMostShown);
}

Outcome run_leaven(const std::vector<std::string>& arguments, const Surroundings& around) {
  return run_program(LEAVEN_BINARY_DIR "/leaven", arguments, around);
}

Outcome run_program(const std::string& program, const std::vector<std::string>& arguments, const Surroundings& around) {
  Outcome outcome;
  Pipe out, err;
  const pid_t process = fork();
  if (process == 0) become(program, arguments, around, out.ends[1], err.ends[1]);
  close(out.ends[1]);
  close(err.ends[1]);
  std::array<pollfd, 2> watched{pollfd{out.ends[0], POLLIN, 0}, pollfd{err.ends[0], POLLIN, 0}};
  while (watched[0].fd >= 0 || watched[1].fd >= 0) {
    poll(watched.data(), watched.size(), -1);
    if (watched[0].revents != 0 && !take(out.ends[0], outcome.out)) watched[0].fd = -1;
    if (watched[1].revents == 0) continue;
    if (!take(err.ends[0], outcome.err))
      watched[1].fd = -1;
    else if (around.seen)
      around.seen(process, outcome.err);
  }
  close(out.ends[0]);
  close(err.ends[0]);
  int status = 0;
  waitpid(process, &status, 0);
  outcome.code = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  return outcome;
}

}  // namespace leaven::cli
