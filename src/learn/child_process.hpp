// A program of somebody else's, run through a shell.
#pragma once

#include <atomic>
#include <string>

namespace leaven::learn {

struct ChildOutcome {
  int code{};  ///< exit code, or −signal
  std::string out{}, error{};  ///< what it printed; of `error` the end
  double cpu_seconds{};
};

/// Waits for it; when `stop` is set, ends it and all that it started, and throws Error(interrupted).
ChildOutcome run_child(const std::string& command, const std::atomic<bool>& stop);

/// Every `word` in the text replaced.
std::string replaced(std::string text, const std::string& word, const std::string& by);

}  // namespace leaven::learn
