// Batches of the time series of a dataset.
#include "leaven/series_feed.hpp"

#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <mutex>
#include <optional>

#include "arrays.hpp"
#include "bindings.hpp"
#include "label_arrays.hpp"
#include "leaven/error.hpp"
#include "leaven/parallel.hpp"

namespace leaven::python {

namespace {

struct PythonSeriesFeed {
  Dataset dataset;
  SeriesFeed feed;
};

void open(PythonSeriesFeed* self, const Dataset& dataset, const CountedRecipe& recipe, const std::vector<std::uint32_t>& samples) {
  new (self) PythonSeriesFeed{dataset, SeriesFeed(dataset, recipe.recipe, samples)};
}

/// (channels, time) of float32.
nb::object array_of(const TimeSeries& series) {
  return to_array(std::vector<float>(series.values.begin(), series.values.end()), {series.channels, series.length});
}

/// A list of arrays, one a series, their labels, and the reasons of those that are broken.
nb::tuple load_batch(const PythonSeriesFeed& self, const std::vector<std::uint32_t>& indices, std::uint64_t epoch, std::uint32_t copy,
                     int threads, bool skip, Progress& progress) {
  std::vector<std::optional<FedSeries>> made(indices.size());
  std::vector<std::string> reasons(indices.size());
  {
    const nb::gil_scoped_release released;
    for_each_item(indices.size(), threads, [&](std::size_t item) {
      try {
        made[item] = self.feed.draw(indices[item], {epoch, copy, false});
      } catch (Error& error) {
        error.with_sample(self.dataset[indices[item]].id);
        if (!skip || error.fault() != Fault::data) throw;
        reasons[item] = error.what();
      }
    }, [&] { return !progress.stop; });
  }
  nb::list arrays, broken;
  std::vector<Label> labels;
  for (std::size_t item = 0; item < made.size(); ++item) {
    if (!reasons[item].empty()) broken.append(nb::make_tuple(item, reasons[item]));
    if (!made[item]) continue;
    arrays.append(array_of(made[item]->series));
    labels.push_back({std::move(made[item]->shares), made[item]->number});
  }
  const nb::object array = label_array(labels, self.dataset.label_kind(), self.feed.soft(), self.feed.classes().size());
  return nb::make_tuple(arrays, array, broken);
}

}  // namespace

void bind_series_feed(nb::module_& m) {
  nb::class_<PythonSeriesFeed>(m, "SeriesFeed")
      .def("__init__", &open)
      .def_static("takes", &SeriesFeed::takes)
      .def("classes", [](const PythonSeriesFeed& self) { return self.feed.classes(); })
      .def("soft", [](const PythonSeriesFeed& self) { return self.feed.soft(); })
      .def("load_batch", &load_batch);
}

}  // namespace leaven::python
