#include "flags/interrupt.hpp"

#include <unistd.h>

#include <cerrno>
#include <csignal>

namespace leaven::flags {

namespace {

constexpr int kInterrupted = 130;

std::atomic<bool> stop_asked{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler may touch nothing else");

// Only what POSIX allows in a handler: a lock-free atomic, write and _exit.
void on_signal(int) {
  const int error = errno;
  if (stop_asked.exchange(true)) _exit(kInterrupted);
  constexpr char kText[] = "\nleaven: stopping after the samples in hand; again to stop at once\n";
  const auto ignored = write(STDERR_FILENO, kText, sizeof kText - 1);
  static_cast<void>(ignored);
  errno = error;
}

void handle(int signal, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(signal, &action, nullptr);
}

}  // namespace

Interrupt::Interrupt() {
  stop_asked = false;
  handle(SIGINT, on_signal);
  handle(SIGTERM, on_signal);
  // A reader that went away (`leaven augment … | head`) must not end a job half way.
  handle(SIGPIPE, SIG_IGN);
}

Interrupt::~Interrupt() {
  for (const int signal : {SIGINT, SIGTERM, SIGPIPE}) handle(signal, SIG_DFL);
}

const std::atomic<bool>& Interrupt::stop() const { return stop_asked; }

}  // namespace leaven::flags
