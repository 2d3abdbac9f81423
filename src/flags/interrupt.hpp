// Ctrl-C: the first one asks the job to stop cleanly, the second ends the program at once.
#pragma once

#include <atomic>

namespace leaven::flags {

/// While it lives, SIGINT and SIGTERM set stop() and say so; a second one ends the program with 130. One at a time.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  const std::atomic<bool>& stop() const;
};

}  // namespace leaven::flags
