// Pictures between NumPy and the engine.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "leaven/leaven.hpp"

namespace leaven::python {

namespace nb = nanobind;

/// Any array in main memory: (H, W) or (H, W, C); u8, u16 or f32.
using AnyArray = nb::ndarray<nb::ro, nb::device::cpu>;

/// An array in main memory as it lies there. Strides in bytes.
struct ArrayPlace {
  const void* data{};
  std::size_t dimensions{};
  std::size_t shape[3]{};
  std::ptrdiff_t stride[3]{};
  PixelType type{};

  /// Throws TypeError or ValueError for what is no image.
  static ArrayPlace of(const AnyArray& array);
  static ArrayPlace of(const Py_buffer& buffer);
};

/// What has Python's buffer protocol, as NumPy's arrays: several times quicker to reach than by DLPack. Needs the GIL.
class HeldBuffer {
 public:
  explicit HeldBuffer(nb::handle object);
  ~HeldBuffer();
  HeldBuffer(const HeldBuffer&) = delete;
  HeldBuffer& operator=(const HeldBuffer&) = delete;
  /// False for what has no buffer of strides.
  explicit operator bool() const { return held_; }
  const Py_buffer& get() const { return buffer_; }

 private:
  Py_buffer buffer_{};
  bool held_{};
};

/// An array as the engine sees it; holds a packed copy where the array's pixels do not lie side by side.
class ArrayImage {
 public:
  /// `alpha`: whether the last channel is; by default that of 2 and of 4. Throws TypeError or ValueError.
  ArrayImage(const AnyArray& array, std::optional<bool> alpha, bool bounded) : ArrayImage(ArrayPlace::of(array), alpha, bounded) {
    check();
  }
  /// Without check(), which reads every float.
  ArrayImage(const ArrayPlace& array, std::optional<bool> alpha, bool bounded);
  /// Throws ValueError for floats outside [0, 1] where they are said to be inside.
  void check() const;
  const ImageView& view() const { return view_; }

 private:
  std::vector<std::byte> packed_{};
  ImageView view_{};
};

/// Uninitialised memory that becomes an array without a copy.
class Buffer {
 public:
  explicit Buffer(std::size_t bytes);
  std::byte* data() { return data_.get(); }
  /// Gives the memory to an array of this shape. Needs the GIL.
  nb::object to_array(PixelType type, const std::vector<std::size_t>& shape) &&;

 private:
  struct Free {
    void operator()(std::byte* p) const;
  };
  std::unique_ptr<std::byte[], Free> data_;
};

/// numpy.empty, and where its memory lies. Needs the GIL.
nb::object new_array(PixelType type, const std::vector<std::size_t>& shape, void*& data);

std::size_t bytes_of(const ImageView& shape);
/// (H, W, C) or (C, H, W), or (H, W) where `flat` and there is one channel.
std::vector<std::size_t> dimensions(const ImageView& shape, Layout layout, bool flat);
/// A copy as an array. Needs the GIL.
nb::object to_array(const Image& image, bool flat);
/// Numbers as an array of this shape. Needs the GIL.
template <class T>
nb::object to_array(std::vector<T> values, const std::vector<std::size_t>& shape) {
  auto owned = std::make_unique<std::vector<T>>(std::move(values));
  T* const data = owned->data();
  const nb::capsule owner(owned.release(), [](void* p) noexcept { delete static_cast<std::vector<T>*>(p); });
  return nb::cast(nb::ndarray<nb::numpy, T>(data, shape.size(), shape.data(), owner));
}

}  // namespace leaven::python
