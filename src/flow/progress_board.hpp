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

/// Workers count here; one thread of its own tells the watcher about ten times a second, and once more at the end.
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
  void run();

  const std::function<void(const Progress&)>& watch_;
  const std::chrono::steady_clock::time_point begin_{std::chrono::steady_clock::now()};
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::string stage_;
  std::uint64_t total_{};
  bool over_{};
  std::thread thread_;
};

}  // namespace leaven::flow
