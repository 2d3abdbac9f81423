// A thin door to a well-kept thread pool (oneTBB; std::thread under ThreadSanitizer).
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

namespace leaven::flow {

/// Tasks in parallel, results in order, at most a few per thread in flight.
class Pool {
 public:
  /// threads ≥ 1; no thread starts before the first call of run_ordered().
  explicit Pool(int threads);
  ~Pool();
  int threads() const { return threads_; }

  /// produce(i) on any thread for i = 0 … count − 1; commit(i, result) one at a time, in order of i. Stops early when
  /// keep_going(), asked by any thread, is false: what was produced is still committed, in order, without gaps. An exception from produce or
  /// commit stops the run when its turn comes and is thrown here: all before it is committed, nothing behind it. Returns
  /// how many were committed.
  std::size_t run_ordered(std::size_t count, const std::function<std::shared_ptr<void>(std::size_t)>& produce,
                          const std::function<void(std::size_t, std::shared_ptr<void>)>& commit,
                          const std::function<bool()>& keep_going = [] { return true; });

 private:
  int threads_;
};

/// Threads that this machine offers, cgroup limits considered.
int available_threads();

}  // namespace leaven::flow
