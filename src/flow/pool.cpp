#include "flow/pool.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <exception>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>
#include <thread>
#include <utility>

#ifdef LEAVEN_STD_POOL
#include <condition_variable>
#include <mutex>
#include <vector>
#else
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/parallel_pipeline.h>
#include <oneapi/tbb/task_arena.h>
#endif

#include "core/error.hpp"

namespace leaven::flow {

namespace {

// Enough that a slow task does not leave the others without work, and few enough that results stay small in memory.
constexpr std::size_t kInFlightPerThread = 4;

/// What produce() gave, or why it gave nothing; the error is thrown when its turn to be committed has come, so that a
/// run stops at the same place for any number of threads.
struct Item {
  std::size_t index{};
  std::shared_ptr<void> result{};
  std::exception_ptr error{};
};

Item make(std::size_t index, const std::function<std::shared_ptr<void>(std::size_t)>& produce) {
  Item item{index, {}, {}};
  try {
    item.result = produce(index);
  } catch (...) {
    item.error = std::current_exception();
  }
  return item;
}

/// Hands items to commit() until one fails; those behind it are dropped.
class Committer {
 public:
  explicit Committer(const std::function<void(std::size_t, std::shared_ptr<void>)>& commit) : commit_(commit) {}

  void take(Item item) {
    if (error_) return;
    try {
      if (item.error) std::rethrow_exception(item.error);
      commit_(item.index, std::move(item.result));
      ++committed_;
    } catch (...) {
      error_ = std::current_exception();
    }
  }
  bool failed() const { return error_ != nullptr; }
  std::size_t finish() const {
    if (error_) std::rethrow_exception(error_);
    return committed_;
  }

 private:
  const std::function<void(std::size_t, std::shared_ptr<void>)>& commit_;
  std::size_t committed_{};
  std::exception_ptr error_{};
};

/// CPUs that a "quota period" pair allows, or no limit.
double cpus_of(const std::string& quota, const std::string& period) {
  char* end = nullptr;
  const double q = std::strtod(quota.c_str(), &end);
  if (end == quota.c_str() || q <= 0) return std::numeric_limits<double>::infinity();  // "max" or -1
  const double p = std::strtod(period.c_str(), nullptr);
  return p > 0 ? q / p : std::numeric_limits<double>::infinity();
}

std::string first_word(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::string word;
  in >> word;
  return word;
}

/// The smallest quota of this process's control group and those above it (version 2, then version 1 of the interface).
double cgroup_cpus() {
  namespace fs = std::filesystem;
  double cpus = std::numeric_limits<double>::infinity();
  const fs::path root = "/sys/fs/cgroup";
  std::ifstream groups("/proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {
    if (!line.starts_with("0::/")) continue;
    for (fs::path group = fs::path(line.substr(4)); ; group = group.parent_path()) {
      std::ifstream in(root / group / "cpu.max");
      std::string quota, period;
      if (in >> quota >> period) cpus = std::min(cpus, cpus_of(quota, period));
      if (group.empty()) break;
    }
  }
  const fs::path v1 = root / "cpu";
  return std::min(cpus, cpus_of(first_word(v1 / "cpu.cfs_quota_us"), first_word(v1 / "cpu.cfs_period_us")));
}

}  // namespace

int available_threads() {
  const auto cores = static_cast<double>(std::max(1U, std::thread::hardware_concurrency()));
  return std::max(1, static_cast<int>(std::ceil(std::min(cores, cgroup_cpus()))));
}

Pool::Pool(int threads) : threads_(threads) {
  if (threads < 1) throw usage_error("threads must be at least 1, got " + std::to_string(threads));
}
Pool::~Pool() = default;

#ifdef LEAVEN_STD_POOL

namespace {

/// Workers take the next index as long as it is not too far ahead of what was committed.
class Window {
 public:
  Window(std::size_t count, std::size_t width, const std::function<bool()>& keep_going)
      : count_(count), items_(width), keep_going_(keep_going) {}

  bool next(std::size_t& index) {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [&] { return closed_ || next_ == count_ || next_ < committed_ + items_.size(); });
    if (closed_ || next_ == count_ || !keep_going_()) {
      close();
      return false;
    }
    index = next_++;
    return true;
  }
  void put(Item item) {
    const std::lock_guard lock(mutex_);
    const std::size_t slot = item.index % items_.size();
    items_[slot] = {std::move(item), true};
    ready_.notify_one();
  }
  bool take(Item& item) {
    std::unique_lock lock(mutex_);
    Slot& slot = items_[committed_ % items_.size()];
    ready_.wait(lock, [&] { return slot.full || (closed_ && committed_ == next_); });
    if (!slot.full) return false;
    item = std::move(slot.item);
    slot.full = false;
    return true;
  }
  void committed(bool failed) {
    const std::lock_guard lock(mutex_);
    ++committed_;
    if (failed) close();
    room_.notify_all();
  }

 private:
  void close() {
    closed_ = true;
    room_.notify_all();
    ready_.notify_all();
  }
  struct Slot {
    Item item{};
    bool full{};
  };
  std::mutex mutex_;
  std::condition_variable room_, ready_;
  std::size_t count_, next_{}, committed_{};
  std::vector<Slot> items_;
  bool closed_{};
  const std::function<bool()>& keep_going_;
};

}  // namespace

std::size_t Pool::run_ordered(std::size_t count, const std::function<std::shared_ptr<void>(std::size_t)>& produce,
                              const std::function<void(std::size_t, std::shared_ptr<void>)>& commit,
                              const std::function<bool()>& keep_going) {
  Window window(count, kInFlightPerThread * static_cast<std::size_t>(threads_), keep_going);
  std::vector<std::thread> workers;
  for (int t = 0; t < threads_; ++t)
    workers.emplace_back([&] {
      for (std::size_t index = 0; window.next(index);) window.put(make(index, produce));
    });
  Committer committer(commit);
  for (Item item; window.take(item);) {
    committer.take(std::move(item));
    window.committed(committer.failed());
  }
  for (std::thread& worker : workers) worker.join();
  return committer.finish();
}

#else

std::size_t Pool::run_ordered(std::size_t count, const std::function<std::shared_ptr<void>(std::size_t)>& produce,
                              const std::function<void(std::size_t, std::shared_ptr<void>)>& commit,
                              const std::function<bool()>& keep_going) {
  namespace tbb = oneapi::tbb;
  const auto threads = static_cast<std::size_t>(threads_);
  // By default oneTBB starts no more threads than there are cores, and --threads is a promise.
  const tbb::global_control control(
      tbb::global_control::max_allowed_parallelism,
      std::max(threads, tbb::global_control::active_value(tbb::global_control::max_allowed_parallelism)));
  Committer committer(commit);
  std::atomic<bool> failed{};
  std::size_t next = 0;
  const auto issue = tbb::make_filter<void, std::size_t>(tbb::filter_mode::serial_in_order, [&](tbb::flow_control& flow) {
    if (next == count || failed || !keep_going()) {
      flow.stop();
      return std::size_t{0};
    }
    return next++;
  });
  const auto work = tbb::make_filter<std::size_t, Item>(tbb::filter_mode::parallel,
                                                        [&](std::size_t index) { return make(index, produce); });
  const auto finish = tbb::make_filter<Item, void>(tbb::filter_mode::serial_in_order, [&](Item item) {
    committer.take(std::move(item));
    failed = committer.failed();
  });
  tbb::task_arena arena(threads_);
  arena.execute([&] { tbb::parallel_pipeline(kInFlightPerThread * threads, issue & work & finish); });
  return committer.finish();
}

#endif

}  // namespace leaven::flow
