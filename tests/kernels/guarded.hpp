// Arrays between guard bytes, starting off any alignment.
#pragma once

#include <cstddef>
#include <vector>

namespace leaven::kernels {

template <class T>
class Guarded {
 public:
  explicit Guarded(std::size_t count) : count_(count), bytes_((count + 1) * sizeof(T) + 2 * kGuard, kMark) {}
  T* data() { return reinterpret_cast<T*>(bytes_.data() + kGuard + sizeof(T)); }
  std::byte* raw() { return reinterpret_cast<std::byte*>(data()); }
  /// Whether nothing was written outside.
  bool intact() const {
    const std::size_t begin = kGuard + sizeof(T), end = kGuard + (count_ + 1) * sizeof(T);
    for (std::size_t i = 0; i < bytes_.size(); ++i)
      if ((i < begin || i >= end) && bytes_[i] != kMark) return false;
    return true;
  }

 private:
  static constexpr std::size_t kGuard = 64;
  static constexpr std::byte kMark{0xA5};
  std::size_t count_;
  std::vector<std::byte> bytes_;
};

}  // namespace leaven::kernels
