#include "core/block_store.hpp"

#include <pthread.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <new>
#include <thread>
#include <vector>

namespace leaven {

namespace {

constexpr std::size_t kAlignment = 64;
constexpr std::size_t kLarge = std::size_t{256} << 10;     // from here on the system gives it
constexpr std::size_t kStep = std::size_t{64} << 10;       // large blocks are multiples of this, so that more of them fit again
constexpr std::size_t kKeptPerCore = std::size_t{16} << 20;  // waiting for the next picture: some megapixels
constexpr std::uint64_t kPatience = 64;                      // what nobody took while so many were given is not needed

/// Large blocks that wait. Which of them is taken decides no pixel.
class Store {
 public:
  /// The smallest that is large enough, or null.
  std::byte* take(std::size_t size) {
    const std::lock_guard lock(mutex_);
    auto best = waiting_.end();
    for (auto one = waiting_.begin(); one != waiting_.end(); ++one)
      if (one->size >= size && (best == waiting_.end() || one->size < best->size)) best = one;
    if (best == waiting_.end()) return nullptr;
    std::byte* const start = best->start;
    kept_ -= best->size;
    waiting_.erase(best);
    return start;
  }

  /// Those that have waited longest go back to the system.
  void give(std::byte* start, std::size_t size) noexcept {
    if (size > most_kept_) {
      ::munmap(start, size);
      return;
    }
    const std::lock_guard lock(mutex_);
    ++given_;
    std::size_t leave = 0;
    for (; kept_ + size > most_kept_ || (leave < waiting_.size() && waiting_[leave].since + kPatience < given_); ++leave) {
      kept_ -= waiting_[leave].size;
      ::munmap(waiting_[leave].start, waiting_[leave].size);
    }
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(leave));
    waiting_.push_back({start, size, given_});
    kept_ += size;
  }

  Store() { waiting_.reserve(most_kept_ / kLarge + 1); }  // all that can wait: give() takes no memory

  std::size_t kept() {
    const std::lock_guard lock(mutex_);
    return kept_;
  }

  void lock() { mutex_.lock(); }
  void unlock() { mutex_.unlock(); }

 private:
  struct Waiting {
    std::byte* start{};
    std::size_t size{};
    std::uint64_t since{};
  };
  std::mutex mutex_{};
  std::vector<Waiting> waiting_{};
  std::size_t kept_{};
  std::uint64_t given_{};
  std::size_t most_kept_{kKeptPerCore * std::max(2U, std::thread::hardware_concurrency())};
};

/// Never destroyed: pictures may be given back while the program ends.
Store& store() {
  static Store& one = *[] {
    // A process that is forked while another thread holds the lock must have it free.
    ::pthread_atfork([] { store().lock(); }, [] { store().unlock(); }, [] { store().unlock(); });
    return new Store;
  }();
  return one;
}

/// What stands before a block: how much was mapped, 0 where it is of the heap.
constexpr std::size_t kHead = kAlignment;

}  // namespace

std::byte* take_block(std::size_t bytes) {
  std::size_t size = 0;
  std::byte* start = nullptr;
  if (bytes + kHead < kLarge) {
    start = static_cast<std::byte*>(::operator new[](bytes + kHead, std::align_val_t{kAlignment}, std::nothrow));
  } else {
    if (bytes > SIZE_MAX - kHead - kStep) return nullptr;
    size = (bytes + kHead + kStep - 1) / kStep * kStep;
    start = store().take(size);
    if (start) {
      std::memcpy(&size, start, sizeof size);  // it may be larger than was asked for
    } else {
      void* const mapped = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      start = mapped == MAP_FAILED ? nullptr : static_cast<std::byte*>(mapped);
    }
  }
  if (!start) return nullptr;
  std::memcpy(start, &size, sizeof size);
  return start + kHead;
}

std::size_t bytes_waiting() { return store().kept(); }

void give_block(std::byte* block) noexcept {
  if (!block) return;
  std::byte* const start = block - kHead;
  std::size_t size = 0;
  std::memcpy(&size, start, sizeof size);
  if (size == 0) ::operator delete[](start, std::align_val_t{kAlignment});
  else store().give(start, size);
}

}  // namespace leaven
