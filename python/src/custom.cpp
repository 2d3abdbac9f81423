// Ops written in Python.
#include "leaven/custom_op.hpp"

#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <cstring>
#include <tuple>

#include "arrays.hpp"
#include "bindings.hpp"

namespace leaven::python {

namespace {

/// A copy, rows without gaps, that the function may write to.
nb::object array_of(const ImageView& image) {
  Buffer buffer(bytes_of(image));
  const std::size_t row = bytes_of(image) / static_cast<std::size_t>(image.height);
  for (int y = 0; y < image.height; ++y)
    std::memcpy(buffer.data() + row * static_cast<std::size_t>(y), static_cast<const std::byte*>(image.data) + image.stride * y, row);
  return std::move(buffer).to_array(image.type, dimensions(image, Layout::hwc, false));
}

void add(const std::string& name, const std::string& summary, bool keeps, int version,
         const std::vector<std::tuple<std::string, double, double, double, bool>>& fields, nb::object function) {
  CustomOp op{name, summary, keeps ? CustomLabels::keep : CustomLabels::lose, version, {}, {}};
  for (const auto& [field, usual, lo, hi, whole] : fields) op.fields.push_back({field, "", "", usual, lo, hi, whole});
  // Never given back: the table of ops outlives the interpreter.
  op.work = [called = function.release()](const CustomCall& call, void* out) {
    const nb::gil_scoped_acquire acquired;
    const nb::object made = called(array_of(call.image), call.values, call.seed);
    const auto array = nb::cast<nb::ndarray<nb::ro, nb::c_contig, nb::device::cpu>>(made);
    std::memcpy(out, array.data(), bytes_of(call.image));
  };
  add_custom_op(std::move(op));
}

}  // namespace

void bind_custom(nb::module_& m) {
  m.def("add_custom_op", &add);
  m.def("load_op_library", [](const std::string& library) { load_op_library(library); });
}

}  // namespace leaven::python
