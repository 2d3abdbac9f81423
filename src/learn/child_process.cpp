#include "learn/child_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "core/error.hpp"

namespace leaven::learn {

namespace {

constexpr std::size_t kMostErrorText = 20'000;
constexpr int kLookMs = 200;

/// Both ends of a pipe; those still open are closed at the end.
struct Pipe {
  std::array<int, 2> ends{-1, -1};
  Pipe() {
    if (pipe2(ends.data(), O_CLOEXEC) != 0) throw environment_error("no pipe: " + std::string(std::strerror(errno)));
  }
  ~Pipe() {
    shut(0);
    shut(1);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  void shut(std::size_t end) {
    if (ends[end] >= 0) close(ends[end]);
    ends[end] = -1;
  }
};

/// False when the other side has closed.
bool take(int end, std::string& text) {
  std::array<char, 4096> buffer{};
  const ssize_t count = read(end, buffer.data(), buffer.size());
  if (count < 0 && errno == EINTR) return true;
  if (count <= 0) return false;
  text.append(buffer.data(), static_cast<std::size_t>(count));
  return true;
}

}  // namespace

ChildOutcome run_child(const std::string& command, const std::atomic<bool>& stop) {
  Pipe out, error;
  const pid_t child = fork();
  if (child < 0) throw environment_error("no process: " + std::string(std::strerror(errno)));
  if (child == 0) {
    // A group of its own, so that Ctrl-C reaches it through us, and all that it started with it.
    setpgid(0, 0);
    dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
    dup2(out.ends[1], STDOUT_FILENO);
    dup2(error.ends[1], STDERR_FILENO);
    execl("/bin/sh", "sh", "-c", command.c_str(), static_cast<char*>(nullptr));
    _exit(127);
  }
  out.shut(1);
  error.shut(1);
  ChildOutcome outcome;
  bool stopped = false;
  while (out.ends[0] >= 0 || error.ends[0] >= 0) {
    if (stop && !stopped) {
      stopped = true;
      kill(-child, SIGTERM);
      break;
    }
    std::array<pollfd, 2> watched{pollfd{out.ends[0], POLLIN, 0}, pollfd{error.ends[0], POLLIN, 0}};
    if (poll(watched.data(), watched.size(), kLookMs) <= 0) continue;
    if (watched[0].revents && !take(out.ends[0], outcome.out)) out.shut(0);
    if (watched[1].revents && !take(error.ends[0], outcome.error)) error.shut(0);
    if (outcome.error.size() > kMostErrorText) outcome.error.erase(0, outcome.error.size() - kMostErrorText);
  }
  int status = 0;
  rusage used{};
  while (wait4(child, &status, 0, &used) < 0 && errno == EINTR) continue;
  if (stopped) throw Error(Fault::interrupted, "stopped").with_hint("the same command goes on from here");
  outcome.code = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  const auto seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec); };
  outcome.cpu_seconds = seconds(used.ru_utime) + seconds(used.ru_stime);
  return outcome;
}

std::string replaced(std::string text, const std::string& word, const std::string& by) {
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + by.size())) text.replace(at, word.size(), by);
  return text;
}

}  // namespace leaven::learn
