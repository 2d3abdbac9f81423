#include "arrays.hpp"

#include <sys/mman.h>

#include <cmath>
#include <cstring>
#include <string>

namespace leaven::python {

namespace {

constexpr std::size_t kAlignment = 64;
constexpr std::size_t kMostChannels = 512, kUsualChannels = 4;  ///< as ImageView has it
// From here on large pages save more page faults than they cost.
constexpr std::size_t kLarge = std::size_t{4} << 20, kLargePage = std::size_t{2} << 20;

[[noreturn]] void throw_no_image_type() {
  throw nb::type_error("an image must be of uint8, uint16 or float32 (write image.astype(numpy.float32))");
}

PixelType type_of(const AnyArray& array) {
  if (array.dtype() == nb::dtype<std::uint8_t>()) return PixelType::u8;
  if (array.dtype() == nb::dtype<std::uint16_t>()) return PixelType::u16;
  if (array.dtype() == nb::dtype<float>()) return PixelType::f32;
  throw_no_image_type();
}

/// By the letters of Python's struct module, in this machine's order of bytes.
PixelType type_of(const char* format) {
  if (!format) return PixelType::u8;
  if (*format == '@' || *format == '=') ++format;
  if (std::strcmp(format, "B") == 0) return PixelType::u8;
  if (std::strcmp(format, "H") == 0) return PixelType::u16;
  if (std::strcmp(format, "f") == 0) return PixelType::f32;
  throw_no_image_type();
}

void require_dimensions(std::size_t dimensions) {
  if (dimensions != 2 && dimensions != 3)
    throw nb::value_error(("an image must be (height, width) or (height, width, channels), got " +
                           std::to_string(dimensions) + " dimensions").c_str());
}

std::size_t bytes_of(PixelType type) { return type == PixelType::u8 ? 1 : type == PixelType::u16 ? 2 : 4; }

/// Floats below 0 or above 1 would be cut off without a word.
void require_bounded(const ImageView& view) {
  for (int y = 0; y < view.height; ++y) {
    const auto* row = reinterpret_cast<const float*>(static_cast<const std::byte*>(view.data) + view.stride * y);
    const auto count = static_cast<std::size_t>(view.width) * static_cast<std::size_t>(view.channels);
    bool inside = true;
    for (std::size_t i = 0; i < count; ++i) inside &= row[i] >= 0.0F && row[i] <= 1.0F;
    if (!inside)
      throw nb::value_error("float images lie in [0, 1], and this one does not (divide by 255, or say bounded=False)");
  }
}

/// Rows × pixels × channels copied one after another.
std::vector<std::byte> packed_copy(const ArrayPlace& array, std::size_t channels, std::size_t size) {
  const std::size_t height = array.shape[0], width = array.shape[1];
  std::vector<std::byte> packed(height * width * channels * size);
  const auto* from = static_cast<const std::byte*>(array.data);
  std::byte* to = packed.data();
  for (std::size_t y = 0; y < height; ++y)
    for (std::size_t x = 0; x < width; ++x)
      for (std::size_t c = 0; c < channels; ++c, to += size)
        std::memcpy(to, from + static_cast<std::ptrdiff_t>(y) * array.stride[0] + static_cast<std::ptrdiff_t>(x) * array.stride[1] + static_cast<std::ptrdiff_t>(c) * array.stride[2], size);
  return packed;
}

}  // namespace

ArrayPlace ArrayPlace::of(const AnyArray& array) {
  require_dimensions(array.ndim());
  ArrayPlace place{array.data(), array.ndim(), {}, {}, type_of(array)};
  for (std::size_t i = 0; i < array.ndim(); ++i) {
    place.shape[i] = array.shape(i);
    place.stride[i] = array.stride(i) * static_cast<std::ptrdiff_t>(bytes_of(place.type));
  }
  return place;
}

ArrayPlace ArrayPlace::of(const Py_buffer& buffer) {
  const auto dimensions = static_cast<std::size_t>(buffer.ndim);
  const PixelType type = type_of(buffer.format);
  require_dimensions(dimensions);
  ArrayPlace place{buffer.buf, dimensions, {}, {}, type};
  for (std::size_t i = 0; i < dimensions; ++i) {
    place.shape[i] = static_cast<std::size_t>(buffer.shape[i]);
    place.stride[i] = buffer.strides[i];
  }
  return place;
}

HeldBuffer::HeldBuffer(nb::handle object) {
  held_ = PyObject_CheckBuffer(object.ptr()) && PyObject_GetBuffer(object.ptr(), &buffer_, PyBUF_RECORDS_RO) == 0;
  if (!held_) PyErr_Clear();
}

HeldBuffer::~HeldBuffer() {
  if (held_) PyBuffer_Release(&buffer_);
}

ArrayImage::ArrayImage(const ArrayPlace& array, std::optional<bool> alpha, bool bounded) {
  const PixelType type = array.type;
  const std::size_t channels = array.dimensions == 3 ? array.shape[2] : 1, size = bytes_of(type);
  // Few rows and many channels are planes by mistake: no picture is so low and so deep.
  const bool planes = channels > kUsualChannels && array.shape[0] >= 1 && array.shape[0] <= kUsualChannels;
  if (channels < 1 || channels > kMostChannels || planes)
    throw nb::value_error(("an image must have 1 to " + std::to_string(planes ? kUsualChannels : kMostChannels) +
                           " channels, the last dimension, got " + std::to_string(channels) +
                           (planes ? " (of planes: image.transpose(1, 2, 0))" : "")).c_str());
  constexpr std::size_t kLongest = 65535;
  if (array.shape[0] > kLongest || array.shape[1] > kLongest)
    throw nb::value_error("an image must be at most 65,535 px a side");
  view_ = {array.data, static_cast<int>(array.shape[1]), static_cast<int>(array.shape[0]), static_cast<int>(channels),
           type, 0, alpha.value_or(channels == 2 || channels == 4), type != PixelType::f32 || bounded};
  const auto pixel = static_cast<std::ptrdiff_t>(channels * size);
  const bool side_by_side = (array.dimensions == 2 || channels == 1 || array.stride[2] == static_cast<std::ptrdiff_t>(size)) &&
                            (array.shape[1] <= 1 || array.stride[1] == pixel);
  const auto row = static_cast<std::ptrdiff_t>(array.shape[1]) * pixel;
  const std::ptrdiff_t stride = array.shape[0] <= 1 ? row : array.stride[0];
  const bool aligned = reinterpret_cast<std::uintptr_t>(array.data) % size == 0 && stride % static_cast<std::ptrdiff_t>(size) == 0;
  if (side_by_side && aligned && std::abs(stride) >= row) {
    view_.stride = stride;
  } else {
    packed_ = packed_copy(array, channels, size);
    view_.data = packed_.data();
    view_.stride = row;
  }
}

void ArrayImage::check() const {
  if (view_.type == PixelType::f32 && view_.bounded) require_bounded(view_);
}

Buffer::Buffer(std::size_t bytes) {
  const std::size_t alignment = bytes >= kLarge ? kLargePage : kAlignment;
  const std::size_t size = (bytes + alignment) / alignment * alignment;
  data_.reset(static_cast<std::byte*>(std::aligned_alloc(alignment, size)));
  if (!data_) throw std::bad_alloc();
  if (bytes >= kLarge) ::madvise(data_.get(), size, MADV_HUGEPAGE);
}

void Buffer::Free::operator()(std::byte* p) const { std::free(p); }

nb::object Buffer::to_array(PixelType type, const std::vector<std::size_t>& shape) && {
  std::byte* const data = data_.release();
  const nb::capsule owner(data, [](void* p) noexcept { std::free(p); });
  const auto dtype = type == PixelType::u8    ? nb::dtype<std::uint8_t>()
                     : type == PixelType::u16 ? nb::dtype<std::uint16_t>()
                                              : nb::dtype<float>();
  return nb::cast(nb::ndarray<nb::numpy>(data, shape.size(), shape.data(), owner, nullptr, dtype));
}

nb::object new_array(PixelType type, const std::vector<std::size_t>& shape, void*& data) {
  // Found once, and never given back: the interpreter may end before this module does.
  static const nb::object* const empty = new nb::object(nb::module_::import_("numpy").attr("empty"));
  static const nb::object* const types = [] {
    const nb::object dtype = nb::module_::import_("numpy").attr("dtype");
    return new nb::object(nb::make_tuple(dtype("u1"), dtype("u2"), dtype("f4")));
  }();
  const nb::object sides = nb::steal(PyTuple_New(static_cast<Py_ssize_t>(shape.size())));
  for (std::size_t i = 0; i < shape.size(); ++i)
    PyTuple_SetItem(sides.ptr(), static_cast<Py_ssize_t>(i), PyLong_FromSize_t(shape[i]));
  nb::object made = (*empty)(sides, (*types)[static_cast<std::size_t>(type)]);
  Py_buffer buffer;
  if (PyObject_GetBuffer(made.ptr(), &buffer, PyBUF_SIMPLE | PyBUF_WRITABLE) != 0) throw nb::python_error();
  data = buffer.buf;  // the array keeps it
  PyBuffer_Release(&buffer);
  return made;
}

std::size_t bytes_of(const ImageView& shape) {
  return static_cast<std::size_t>(shape.width) * static_cast<std::size_t>(shape.height) *
         static_cast<std::size_t>(shape.channels) * bytes_of(shape.type);
}

std::vector<std::size_t> dimensions(const ImageView& shape, Layout layout, bool flat) {
  const auto height = static_cast<std::size_t>(shape.height), width = static_cast<std::size_t>(shape.width),
             channels = static_cast<std::size_t>(shape.channels);
  if (flat && channels == 1) return {height, width};
  if (layout == Layout::chw) return {channels, height, width};
  return {height, width, channels};
}

nb::object to_array(const Image& image, bool flat) {
  Buffer buffer(image.data.size());
  std::memcpy(buffer.data(), image.data.data(), image.data.size());
  return std::move(buffer).to_array(image.type, dimensions(image.view(), Layout::hwc, flat));
}

}  // namespace leaven::python
