// How far a job is, for whoever watches it.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "flow/job.hpp"

namespace leaven::flow {

/// Workers count here. The watcher is told when a stage begins, before its first piece of work (so that whoever stops a
/// stage there stops all of it), about ten times a second, and once more at the end; never from two threads at once.
class ProgressBoard {
 public:
  explicit ProgressBoard(const std::function<void(const Progress&)>& watch);
  /// Joins the thread.
  ~ProgressBoard();

  void stage(const std::string& name, std::uint64_t total);
  std::atomic<std::uint64_t> done{}, sources{}, set_aside{}, bytes{};
  double seconds() const;

 private:
  Progress now() const;
  void tell();
  void run();

  const std::function<void(const Progress&)>& watch_;
  const std::chrono::steady_clock::time_point begin_{std::chrono::steady_clock::now()};
  std::mutex telling_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::string stage_;
  std::uint64_t total_{};
  bool over_{};
  std::thread thread_;
};

}  // namespace leaven::flow
