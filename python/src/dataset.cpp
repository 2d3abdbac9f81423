#include "leaven/dataset.hpp"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "arrays.hpp"
#include "bindings.hpp"

namespace leaven::python {

namespace {

const char* name_of(LabelKind kind) {
  switch (kind) {
    case LabelKind::none: return "none";
    case LabelKind::category: return "category";
    case LabelKind::categories: return "categories";
    case LabelKind::number: break;
  }
  return "number";
}

nb::object select(const Dataset& self, const std::optional<std::string>& split) {
  std::vector<std::uint32_t> found;
  for (std::uint32_t i = 0; i < self.size(); ++i)
    if (!split || self[i].split == *split) found.push_back(i);
  const std::size_t count = found.size();
  return to_array(std::move(found), {count});
}

void open(Dataset* self, const std::string& in, const std::string& format, const std::string& path_column,
          const std::string& label_column, const std::string& split_column, std::uint64_t limit) {
  const nb::gil_scoped_release released;
  new (self) Dataset(in, {format, path_column, label_column, split_column, limit});
}

}  // namespace

void bind_dataset(nb::module_& m) {
  nb::class_<Dataset>(m, "Dataset")
      .def("__init__", &open)
      .def("__len__", &Dataset::size)
      .def("id", [](const Dataset& self, std::size_t i) { return std::string(self[i].id); })
      .def("label_kind", [](const Dataset& self) { return name_of(self.label_kind()); })
      .def("description", [](const Dataset& self) { return self.description(); })
      .def("no_samples", [](const Dataset& self) {
        std::vector<std::pair<std::string, std::string>> found;
        for (Dataset::NoSample& one : self.no_samples()) found.emplace_back(std::move(one.path), std::move(one.reason));
        return found;
      })
      .def("select", &select, nb::arg().none());
  m.def("shuffled", [](std::uint32_t count, std::uint64_t seed, std::uint64_t epoch) {
    return to_array(shuffled(count, seed, epoch), {count});
  });
}

}  // namespace leaven::python
