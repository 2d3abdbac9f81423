// One array for the results of many images, taken when the first of them is known.
#pragma once

#include <mutex>
#include <optional>
#include <string_view>

#include "arrays.hpp"

namespace leaven::python {

class BatchRoom {
 public:
  BatchRoom(std::size_t count, Layout layout) : count_(count), layout_(layout) {}

  /// Where the result of `item` goes; `key` names it in the error when its shape is not that of the others. Thread-safe.
  void* slot(const ImageView& shape, std::size_t item, std::string_view key);
  /// The results of the items named, in that order, as one array; None where there are none. Needs the GIL.
  nb::object to_array(const std::vector<std::size_t>& items) &&;

  Layout layout() const { return layout_; }
  /// Of one result; empty before the first slot().
  const ImageView& shape() const { return shape_; }

 private:
  std::size_t count_, bytes_{};
  Layout layout_;
  std::mutex mutex_{};
  ImageView shape_{};
  std::optional<Buffer> buffer_{};
};

}  // namespace leaven::python
