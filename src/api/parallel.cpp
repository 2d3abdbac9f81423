#include "leaven/parallel.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>

#include "api/workers.hpp"
#include "core/error.hpp"
#include "core/interruption.hpp"
#include "flow/pool.hpp"

namespace leaven {

namespace {

/// The error of the lowest item that had one.
class FirstError {
 public:
  void put(std::size_t item, std::exception_ptr error) {
    const std::lock_guard lock(mutex_);
    if (error_ && item_ < item) return;
    item_ = item;
    error_ = std::move(error);
  }
  void rethrow() const {
    if (error_) std::rethrow_exception(error_);
  }

 private:
  std::mutex mutex_{};
  std::size_t item_{};
  std::exception_ptr error_{};
};

}  // namespace

int available_threads() { return flow::available_threads(); }

bool interruptible(const std::function<void()>& work, const std::function<bool()>& keep_going) {
  const Interruption interruption(keep_going);
  try {
    work();
  } catch (const Error& error) {
    if (error.fault() != Fault::interrupted) throw;
    return false;
  }
  return true;
}

bool for_each_item(std::size_t count, int threads, const std::function<void(std::size_t)>& work,
                   const std::function<bool()>& keep_going) {
  if (threads < 0) throw usage_error("threads must be at least 0 (0: all that there are), got " + std::to_string(threads));
  const std::size_t wanted = static_cast<std::size_t>(threads ? threads : available_threads());
  std::atomic<std::size_t> next{};
  std::atomic<bool> closed{}, stopped{};  // by an error; because nobody wants it any more
  FirstError error;
  const std::thread::id caller = std::this_thread::get_id();
  const auto take_items = [&] {
    const bool asks = std::this_thread::get_id() == caller;
    const std::function<bool()> wanted_still = [&] {
      if (asks && keep_going && !keep_going()) stopped = true;
      return !stopped;
    };
    const Interruption interruption(wanted_still);
    for (std::size_t item = 0; !closed && wanted_still() && (item = next++) < count;) {
      try {
        work(item);
      } catch (...) {
        if (stopped) return;  // what was given up is nobody's error
        // Lower items are taken already and will be finished, so the lowest error does not depend on time.
        error.put(item, std::current_exception());
        closed = true;
      }
    }
  };
  on_threads(std::min(wanted, std::max<std::size_t>(count, 1)) - 1, take_items);
  error.rethrow();
  return !stopped;
}

}  // namespace leaven
