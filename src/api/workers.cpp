#include "api/workers.hpp"

#include <pthread.h>

#include <chrono>
#include <condition_variable>
#include <latch>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace leaven {

namespace {

constexpr std::chrono::seconds kPatience{5};

struct Task {
  const std::function<void()>* work;
  std::latch* left;
};

/// Those of one process. Never destroyed: threads may wait in it while the process ends.
class Workers {
 public:
  void give(const Task& task, std::size_t times) {
    std::size_t lacking = 0;
    {
      const std::lock_guard lock(mutex_);
      tasks_.insert(tasks_.end(), times, task);
      lacking = tasks_.size() > waiting_ ? std::min(times, tasks_.size() - waiting_) : 0;
      waiting_ += lacking;  // they are on their way, and each takes a task before it waits
    }
    for (std::size_t i = 0; i < times - lacking; ++i) wake_.notify_one();
    for (std::size_t i = 0; i < lacking; ++i) begin_thread();
  }

 private:
  void begin_thread() try {
    std::thread([this] { live(); }).detach();
  } catch (const std::system_error&) {
    // The system gives no more threads: one task less. All tasks of a call are the same, and its own thread does them as well.
    const std::lock_guard lock(mutex_);
    --waiting_;
    if (tasks_.size() <= waiting_) return;
    tasks_.back().left->count_down();
    tasks_.pop_back();
  }

  void live() {
    std::unique_lock lock(mutex_);
    while (wake_.wait_for(lock, kPatience, [&] { return !tasks_.empty(); })) {
      const Task task = tasks_.back();
      tasks_.pop_back();
      --waiting_;
      lock.unlock();
      (*task.work)();
      lock.lock();
      ++waiting_;  // before the caller hears of it: its next call is to find this thread
      task.left->count_down();
    }
    --waiting_;
  }

  std::mutex mutex_{};
  std::condition_variable wake_{};
  std::vector<Task> tasks_{};
  std::size_t waiting_{};  ///< threads that take the next task; never fewer than there are tasks
};

Workers* workers = nullptr;

/// A forked process has none of the threads, and perhaps a lock that nobody will open.
Workers& of_this_process() {
  static const bool begun = [] {
    workers = new Workers;
    pthread_atfork(nullptr, nullptr, [] { workers = new Workers; });
    return true;
  }();
  static_cast<void>(begun);
  return *workers;
}

}  // namespace

void on_threads(std::size_t others, const std::function<void()>& work) {
  if (others == 0) return work();
  std::latch left(static_cast<std::ptrdiff_t>(others));
  of_this_process().give({&work, &left}, others);
  const struct Joining {
    std::latch& left;
    ~Joining() { left.wait(); }
  } joining{left};
  work();
}

}  // namespace leaven
