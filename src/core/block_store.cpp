#include "core/block_store.hpp"

#include <pthread.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <thread>
#include <vector>

namespace leaven {

namespace {

constexpr std::size_t kAlignment = 64;
constexpr std::size_t kLarge = std::size_t{256} << 10;     // from here on the system gives it
constexpr std::size_t kStep = std::size_t{64} << 10;       // large blocks are multiples of this, so that more of them fit again
constexpr std::size_t kKeptPerCore = std::size_t{16} << 20;  // waiting for the next picture: some megapixels
constexpr std::uint64_t kPatience = 64;                      // what nobody took while so many were given is not needed

/// What the system gave.
struct Block {
  void* start{};
  std::size_t size{};
};

/// Large blocks that wait. Which of them is taken decides no pixel.
class Store {
 public:
  /// The smallest that is large enough; false where none waits.
  bool take(std::size_t size, Block& block) {
    const std::lock_guard lock(mutex_);
    auto best = waiting_.end();
    for (auto one = waiting_.begin(); one != waiting_.end(); ++one)
      if (one->block.size >= size && (best == waiting_.end() || one->block.size < best->block.size)) best = one;
    if (best == waiting_.end()) return false;
    block = best->block;
    kept_ -= block.size;
    waiting_.erase(best);
    return true;
  }

  /// Those that have waited longest go back to the system.
  void give(const Block& block) noexcept {
    if (block.size > most_kept_) {
      ::munmap(block.start, block.size);
      return;
    }
    const std::lock_guard lock(mutex_);
    ++given_;
    std::size_t leave = 0;
    for (; kept_ + block.size > most_kept_ || (leave < waiting_.size() && waiting_[leave].since + kPatience < given_); ++leave) {
      kept_ -= waiting_[leave].block.size;
      ::munmap(waiting_[leave].block.start, waiting_[leave].block.size);
    }
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(leave));
    waiting_.push_back({block, given_});
    kept_ += block.size;
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
    Block block{};
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

/// What stands right before a block.
struct Head {
  void* start{};
  std::size_t mapped{};  ///< bytes from `start` on that the system gave; 0: it is of the heap
};
static_assert(sizeof(Head) <= kAlignment);

Head head_of(const std::byte* block) {
  Head head;
  std::memcpy(&head, block - sizeof(Head), sizeof head);
  return head;
}

/// The block behind all of its head. `start` has kAlignment bytes more than the block.
std::byte* block_in(void* start, std::size_t mapped) {
  const std::size_t beyond = (reinterpret_cast<std::uintptr_t>(start) + sizeof(Head)) % kAlignment;
  std::byte* const block = static_cast<std::byte*>(start) + sizeof(Head) + (beyond == 0 ? 0 : kAlignment - beyond);
  const Head head{start, mapped};
  std::memcpy(block - sizeof(Head), &head, sizeof head);
  return block;
}

}  // namespace

std::byte* take_block(std::size_t bytes) {
  constexpr std::size_t kAround = sizeof(Head) + kAlignment;
  if (bytes < kLarge - kAround) {
    // Not aligned by the heap, which is several times slower at that.
    void* const start = std::malloc(bytes + kAround);
    return start ? block_in(start, 0) : nullptr;
  }
  if (bytes > SIZE_MAX - kAround - kStep) return nullptr;
  const std::size_t size = (bytes + kAround + kStep - 1) / kStep * kStep;
  if (Block one; store().take(size, one)) return block_in(one.start, one.size);
  void* const mapped = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return mapped == MAP_FAILED ? nullptr : block_in(mapped, size);
}

std::size_t bytes_waiting() { return store().kept(); }

void give_block(std::byte* block) noexcept {
  if (!block) return;
  const Head head = head_of(block);
  if (head.mapped == 0) std::free(head.start);
  else store().give({head.start, head.mapped});
}

}  // namespace leaven
