#include "leaven/dataset.hpp"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <cstring>
#include <mutex>

#include "arrays.hpp"
#include "batch_room.hpp"
#include "bindings.hpp"
#include "leaven/parallel.hpp"

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

/// A copy as a one-dimensional array.
template <class T>
nb::object to_vector(const std::vector<T>& values) {
  auto owned = std::make_unique<std::vector<T>>(values);
  T* const data = owned->data();
  const std::size_t count = owned->size();
  const nb::capsule owner(owned.release(), [](void* p) noexcept { delete static_cast<std::vector<T>*>(p); });
  return nb::cast(nb::ndarray<nb::numpy, T>(data, {count}, owner));
}

nb::object select(const Dataset& self, const std::optional<std::string>& split) {
  std::vector<std::uint32_t> found;
  for (std::uint32_t i = 0; i < self.size(); ++i)
    if (!split || self[i].split == *split) found.push_back(i);
  return to_vector(found);
}

nb::object label_indices(const Dataset& self) {
  std::vector<std::int64_t> labels(self.size());
  for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = self[i].label_index;
  return to_vector(labels);
}

/// Three colour channels: grey three times over, alpha left out, as Pillow's convert("RGB") does.
Image as_rgb(const Image& image) {
  const std::size_t size = image.type == PixelType::u8 ? 1 : image.type == PixelType::u16 ? 2 : 4;
  const auto channels = static_cast<std::size_t>(image.channels);
  const bool grey = channels < 3;
  Image rgb{{}, image.width, image.height, 3, image.type, false, image.bounded};
  rgb.data.resize(image.data.size() / channels * 3);
  for (std::size_t from = 0, to = 0; from < image.data.size(); from += channels * size)
    for (std::size_t c = 0; c < 3; ++c, to += size)
      std::memcpy(rgb.data.data() + to, image.data.data() + from + (grey ? 0 : c * size), size);
  return rgb;
}

/// One sample into its place of the batch.
void load_sample(const Dataset& data, std::size_t index, const Recipe& recipe, std::uint64_t epoch, std::uint32_t copy,
                 bool rgb, std::size_t item, BatchRoom& room) {
  const Dataset::Sample sample = data[index];
  const DrawKey key{sample.id, copy, epoch, sample.label};
  const Encoded source = data.read(index);
  if (!rgb || source.shape().channels == 3) {
    const Prepared prepared = recipe.prepare(source.shape(), key);
    source.run(prepared, room.slot(prepared.out(), item, sample.id), room.layout());
    return;
  }
  const Image image = as_rgb(source.decode());
  const Prepared prepared = recipe.prepare(image.view(), key);
  prepared.run(image.view(), room.slot(prepared.out(), item, sample.id), room.layout());
}

nb::tuple load_batch(const Dataset& self, const CountedRecipe& recipe, const std::vector<std::uint32_t>& indices,
                     std::uint64_t epoch, std::uint32_t copy, int threads, bool planes, bool rgb, bool skip,
                     Progress& progress) {
  BatchRoom room(indices.size(), planes ? Layout::chw : Layout::hwc);
  std::mutex mutex;
  std::vector<std::pair<std::size_t, std::string>> broken;
  {
    const nb::gil_scoped_release released;
    for_each_item(indices.size(), threads, [&](std::size_t item) {
      try {
        load_sample(self, indices[item], recipe.recipe, epoch, copy, rgb, item, room);
      } catch (Error& error) {
        error.with_sample(self[indices[item]].id);
        if (!skip || error.fault() != Fault::data) throw;
        const std::lock_guard lock(mutex);
        broken.emplace_back(item, error.what());
      }
    }, [&] { return !progress.stop; });
  }
  std::sort(broken.begin(), broken.end());
  std::vector<std::size_t> kept;
  nb::list reasons;
  for (std::size_t item = 0, b = 0; item < indices.size(); ++item) {
    if (b < broken.size() && broken[b].first == item) {
      reasons.append(nb::make_tuple(item, broken[b++].second));
    } else {
      kept.push_back(item);
    }
  }
  if (progress.stop) kept.clear();
  nb::object array = std::move(room).to_array(kept);
  return nb::make_tuple(array, kept, reasons);
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
      .def("label", [](const Dataset& self, std::size_t i) { return std::string(self[i].label); })
      .def("labels", [](const Dataset& self) { return self.labels(); })
      .def("label_kind", [](const Dataset& self) { return name_of(self.label_kind()); })
      .def("description", [](const Dataset& self) { return self.description(); })
      .def("select", &select, nb::arg().none())
      .def("label_indices", &label_indices)
      .def("load_batch", &load_batch);
  m.def("shuffled", [](std::uint32_t count, std::uint64_t seed, std::uint64_t epoch) {
    return to_vector(shuffled(count, seed, epoch));
  });
}

}  // namespace leaven::python
