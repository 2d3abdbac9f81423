#include <nanobind/ndarray.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <atomic>

#include "arrays.hpp"
#include "bindings.hpp"
#include "leaven/error.hpp"
#include "leaven/parallel.hpp"
#include "leaven/series.hpp"

namespace leaven::python {

namespace {

using Channels = nb::ndarray<const double, nb::shape<-1, -1>, nb::c_contig, nb::device::cpu>;
using Stamps = nb::ndarray<const double, nb::shape<-1>, nb::c_contig, nb::device::cpu>;
using Words = std::pair<bool, std::vector<std::string>>;

/// work(), whose errors name the series.
template <class Work>
auto named(const std::string& key, const Work& work) {
  try {
    return work();
  } catch (Error& error) {
    throw error.with_sample(key);
  }
}

/// A dict of values (channels, time), stamps, marks, shares and steps for each series. `stamps` and `marks` are empty or one a
/// series.
nb::list series_batch(const CountedRecipe& self, const std::vector<Channels>& values, const std::vector<Stamps>& stamps,
                      const std::vector<std::vector<Words>>& marks, const std::vector<std::string>& keys, const std::vector<std::string>& labels,
                      const std::vector<std::string>& names, std::uint64_t epoch, std::uint32_t copy, int threads) {
  const std::size_t count = values.size();
  const auto fits = [&](std::size_t size) { return size == 0 || size == count; };
  if (keys.size() != count || !fits(stamps.size()) || !fits(marks.size()) || !fits(labels.size()))
    throw nb::value_error("keys, stamps, marks and labels must be as many as series");
  std::vector<AppliedSeries> made(count);
  bool whole = false;
  {
    const nb::gil_scoped_release released;
    std::vector<TimeSeries> series(count);
    std::vector<DrawKey> draws;
    for (std::size_t i = 0; i < count; ++i) {
      series[i].channels = values[i].shape(0);
      series[i].length = values[i].shape(1);
      series[i].values.assign(values[i].data(), values[i].data() + values[i].size());
      if (!stamps.empty()) series[i].stamps.assign(stamps[i].data(), stamps[i].data() + stamps[i].size());
      if (!marks.empty())
        for (const auto& [events, words] : marks[i]) series[i].marks.push_back({events, words});
      draws.push_back({keys[i], copy, epoch, labels.empty() ? std::string_view() : std::string_view(labels[i])});
    }
    const SeriesBatch batch(self.recipe, std::move(series), draws, names);
    whole = for_each_item(count, threads, [&](std::size_t i) {
      named(keys[i], [&] { made[i] = batch.apply(i); });
    }, SignalWatch());
  }
  if (!whole) throw nb::python_error();
  nb::list result;
  for (AppliedSeries& one : made) {
    nb::dict item;
    item["values"] = to_array(std::move(one.series.values), {one.series.channels, one.series.length});
    item["stamps"] = to_array(std::move(one.series.stamps), {one.series.stamps.size()});
    nb::list words;
    for (TimeSeries::Words& mark : one.series.marks) words.append(std::move(mark.words));
    item["marks"] = words;
    item["shares"] = std::move(one.shares);
    item["steps"] = one.steps;
    result.append(item);
  }
  return result;
}

using Block = nb::ndarray<const double, nb::shape<-1, -1, -1>, nb::c_contig, nb::device::cpu>;
using Shares = std::vector<std::pair<std::string, double>>;

/// Room for series of one shape, whose length is known when the first one is made; `fits` becomes false when another differs.
struct MadeBlock {
  std::vector<double> values{};
  std::size_t length{};
  std::atomic<bool> fits{true};
  std::vector<Shares> shares{};

  void put(std::size_t item, const SeriesRun::Made& made) {
    if (made.length != length) fits = false;
    else std::ranges::copy(made.values, values.begin() + static_cast<std::ptrdiff_t>(item * made.values.size()));
    if (!shares.empty()) shares[item].assign(made.shares.begin(), made.shares.end());
  }
};

/// Evenly sampled series of one shape: the new ones (series, channels, time) and, where the recipe mixes, how much each label
/// counts in each. None instead when they are not of one length.
nb::object series_block(const CountedRecipe& self, const Block& values, const std::vector<std::string>& keys, const std::vector<std::string>& labels,
                        const std::vector<std::string>& names, std::uint64_t epoch, std::uint32_t copy, int threads) {
  constexpr std::size_t kTogether = 32;  // by one thread, in the same memory
  const std::size_t count = values.shape(0), channels = values.shape(1);
  if (keys.size() != count || (!labels.empty() && labels.size() != count)) throw nb::value_error("keys and labels must be as many as series");
  MadeBlock made;
  bool whole = false;
  {
    const nb::gil_scoped_release released;
    std::vector<DrawKey> draws(count);
    for (std::size_t i = 0; i < count; ++i) draws[i] = {keys[i], copy, epoch, labels.empty() ? std::string_view() : std::string_view(labels[i])};
    const SeriesBatch batch(self.recipe, {values.data(), count, channels, values.shape(2)}, draws, names);
    SeriesRun first(batch);
    made.length = named(keys[0], [&] { return first.apply(0).length; });
    made.values.resize(count * channels * made.length);
    if (self.recipe.mixes()) made.shares.resize(count);
    whole = for_each_item((count + kTogether - 1) / kTogether, threads, [&](std::size_t task) {
      SeriesRun run(batch);
      for (std::size_t i = task * kTogether; i < std::min(count, (task + 1) * kTogether) && made.fits; ++i)
        named(keys[i], [&] { made.put(i, run.apply(i)); });
    }, SignalWatch());
  }
  if (!whole) throw nb::python_error();
  if (!made.fits) return nb::none();
  return nb::make_tuple(to_array(std::move(made.values), {count, channels, made.length}), made.shares);
}

}  // namespace

void bind_series(nb::module_& m) {
  m.def("series_batch", &series_batch);
  m.def("series_block", &series_block);
}

}  // namespace leaven::python
