#include "batch_room.hpp"

#include <cstring>
#include <string>

#include "leaven/error.hpp"

namespace leaven::python {

namespace {

std::string described(const ImageView& shape) {
  static constexpr const char* kTypes[]{"uint8", "uint16", "float32"};
  return std::to_string(shape.width) + "×" + std::to_string(shape.height) + "×" + std::to_string(shape.channels) + " " +
         kTypes[static_cast<std::size_t>(shape.type)];
}

bool alike(const ImageView& a, const ImageView& b) {
  return a.width == b.width && a.height == b.height && a.channels == b.channels && a.type == b.type;
}

/// What makes them alike.
const char* advice(const ImageView& a, const ImageView& b) {
  if (a.width != b.width || a.height != b.height) return "end the recipe in a crop or resize to one size";
  if (a.channels != b.channels) return "give all of them as many channels; a loader does with rgb=True";
  return "end the recipe in normalize, which makes float32 of every type";
}

}  // namespace

void* BatchRoom::slot(const ImageView& shape, std::size_t item, std::string_view key) {
  const std::lock_guard lock(mutex_);
  if (!buffer_) {
    shape_ = shape;
    bytes_ = bytes_of(shape);
    buffer_.emplace(count_ * bytes_);
  }
  if (!alike(shape, shape_))
    throw usage_error("images of one batch must come out alike, got " + described(shape) + " beside " + described(shape_))
        .with_sample(key)
        .with_hint(advice(shape, shape_));
  return buffer_->data() + item * bytes_;
}

nb::object BatchRoom::to_array(const std::vector<std::size_t>& items) && {
  if (items.empty() || !buffer_) return nb::none();
  for (std::size_t to = 0; to < items.size(); ++to)
    if (items[to] != to) std::memcpy(buffer_->data() + to * bytes_, buffer_->data() + items[to] * bytes_, bytes_);
  std::vector<std::size_t> shape = dimensions(shape_, layout_, false);
  shape.insert(shape.begin(), items.size());
  return std::move(*buffer_).to_array(shape_.type, shape);
}

}  // namespace leaven::python
