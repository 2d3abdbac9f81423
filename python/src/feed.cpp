// Batches of a dataset, with what is labelled on them.
#include "leaven/feed.hpp"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <mutex>

#include "arrays.hpp"
#include "batch_room.hpp"
#include "bindings.hpp"
#include "label_arrays.hpp"
#include "leaven/parallel.hpp"

namespace leaven::python {

namespace {

/// What a batch is asked for, besides its samples.
struct Wanted {
  FeedDraw draw{};
  bool skip{}, masks{};
};

/// What is known of one sample of a batch, until there is a GIL to make objects of it.
struct Labelled {
  Label label{};
  FedMarks marks{};
};

/// The results of a batch, filled by any thread.
struct Results {
  std::vector<Labelled> labels{};
  std::mutex mutex{};
  std::vector<std::pair<std::size_t, std::string>> broken{};
};

nb::object boxes_of(const FedMarks& marks) {
  std::vector<float> values;
  for (const FedThing& thing : marks.things) {
    const MarkedBox box = thing.box.value_or(MarkedBox{});
    for (const double side : {box.left, box.top, box.right, box.bottom}) values.push_back(static_cast<float>(side));
  }
  return to_array(std::move(values), {marks.things.size(), 4});
}

/// The centre of the first pixel is (0, 0) for people and (0.5, 0.5) in the engine; what is not marked is 0, 0, 0.
nb::object keypoints_of(const FedMarks& marks, std::size_t most) {
  for (const FedThing& thing : marks.things) most = std::max(most, thing.keypoints.size());
  std::vector<float> values(marks.things.size() * most * 3);
  for (std::size_t i = 0; i < marks.things.size(); ++i)
    for (std::size_t k = 0; k < marks.things[i].keypoints.size(); ++k) {
      const MarkedKeypoint& point = marks.things[i].keypoints[k];
      if (point.visibility == 0) continue;
      float* const to = &values[(i * most + k) * 3];
      to[0] = static_cast<float>(point.x - 0.5), to[1] = static_cast<float>(point.y - 0.5);
      to[2] = static_cast<float>(point.visibility);
    }
  return to_array(std::move(values), {marks.things.size(), most, 3});
}

nb::object polygons_of(const FedMarks& marks) {
  nb::list things;
  for (const FedThing& thing : marks.things) {
    nb::list polygons;
    for (const std::vector<MarkedPoint>& polygon : thing.polygons) {
      std::vector<float> values;
      for (const MarkedPoint& p : polygon) values.push_back(static_cast<float>(p.x)), values.push_back(static_cast<float>(p.y));
      polygons.append(to_array(std::move(values), {polygon.size(), 2}));
    }
    things.append(polygons);
  }
  return things;
}

nb::object masks_of(const FedMarks& marks, const ImageView& canvas) {
  std::vector<std::uint8_t> values;
  for (const FedThing& thing : marks.things)
    for (const std::byte value : thing.mask.data) values.push_back(static_cast<std::uint8_t>(value));
  return to_array(std::move(values), {marks.things.size(), static_cast<std::size_t>(canvas.height), static_cast<std::size_t>(canvas.width)});
}

/// One sample's marks by the names that detection models of PyTorch know.
nb::dict target_of(const FedMarks& marks, const FedKinds& kinds, bool masks, const ImageView& canvas) {
  nb::dict target;
  if (kinds.things) {
    std::vector<std::int64_t> labels;
    std::vector<std::uint8_t> crowd;
    for (const FedThing& thing : marks.things) labels.push_back(thing.category), crowd.push_back(thing.crowd);
    target["boxes"] = boxes_of(marks);
    target["labels"] = to_array(std::move(labels), {marks.things.size()});
    target["iscrowd"] = to_array(std::move(crowd), {marks.things.size()});
    if (kinds.outlines) target["polygons"] = polygons_of(marks);
    if (kinds.keypoints) target["keypoints"] = keypoints_of(marks, kinds.most_keypoints);
    if (masks) target["masks"] = masks_of(marks, canvas);
  }
  for (const auto& [name, mask] : marks.masks) target[name.c_str()] = to_array(mask, true);
  return target;
}

/// Labels of the samples that were kept: targets, a row of shares each, numbers.
nb::object labels_of(const Feed& feed, LabelKind kind, const std::vector<Labelled>& labels, const std::vector<std::size_t>& kept,
                     bool masks, const ImageView& canvas) {
  if (feed.annotated()) {
    nb::list targets;
    for (const std::size_t item : kept) targets.append(target_of(labels[item].marks, feed.kinds(), masks, canvas));
    return targets;
  }
  std::vector<Label> plain;
  for (const std::size_t item : kept) plain.push_back(labels[item].label);
  return label_array(plain, kind, feed.soft(), feed.classes().size());
}

/// One sample into its place of the batch.
void load_sample(const Feed& feed, LabelKind kind, std::size_t index, std::string_view id, const Wanted& wanted, BatchRoom& room,
                 std::size_t item, Labelled& labelled) {
  const Fed sample = feed.draw(index, wanted.draw);
  sample.run(room.slot(sample.out(), item, id), room.layout());
  if (feed.annotated()) labelled.marks = sample.marks(wanted.masks);
  else if (kind == LabelKind::number) labelled.label.number = sample.number();
  else labelled.label.shares = sample.shares();
}

struct PythonFeed {
  Dataset dataset;
  Feed feed;
};

nb::tuple load_batch(const PythonFeed& self, const std::vector<std::uint32_t>& indices, std::uint64_t epoch, std::uint32_t copy,
                     int threads, bool planes, bool rgb, bool skip, bool masks, Progress& progress) {
  BatchRoom room(indices.size(), planes ? Layout::chw : Layout::hwc);
  const LabelKind kind = self.dataset.label_kind();
  const Wanted wanted{{epoch, copy, rgb}, skip, masks};
  Results results;
  results.labels.resize(indices.size());
  {
    const nb::gil_scoped_release released;
    for_each_item(indices.size(), threads, [&](std::size_t item) {
      const std::string_view id = self.dataset[indices[item]].id;
      try {
        load_sample(self.feed, kind, indices[item], id, wanted, room, item, results.labels[item]);
      } catch (Error& error) {
        error.with_sample(id);
        if (!skip || error.fault() != Fault::data) throw;
        const std::lock_guard lock(results.mutex);
        results.broken.emplace_back(item, error.what());
      }
    }, [&] { return !progress.stop; });
  }
  std::sort(results.broken.begin(), results.broken.end());
  std::vector<std::size_t> kept;
  nb::list reasons;
  for (std::size_t item = 0, b = 0; item < indices.size(); ++item) {
    if (b < results.broken.size() && results.broken[b].first == item) {
      reasons.append(nb::make_tuple(item, results.broken[b++].second));
    } else {
      kept.push_back(item);
    }
  }
  if (progress.stop) kept.clear();
  const ImageView canvas = room.shape();
  nb::object array = std::move(room).to_array(kept);
  return nb::make_tuple(array, labels_of(self.feed, kind, results.labels, kept, masks, canvas), reasons);
}

void open(PythonFeed* self, const Dataset& dataset, const CountedRecipe& recipe, const std::vector<std::uint32_t>& samples,
          const std::string& cache, std::uint64_t most_bytes) {
  new (self) PythonFeed{dataset, Feed(dataset, recipe.recipe, samples, {cache, most_bytes})};
}

}  // namespace

void bind_feed(nb::module_& m) {
  nb::class_<PythonFeed>(m, "Feed")
      .def("__init__", &open)
      .def("classes", [](const PythonFeed& self) { return self.feed.annotated() ? self.feed.categories() : self.feed.classes(); })
      .def("annotated", [](const PythonFeed& self) { return self.feed.annotated(); })
      .def("soft", [](const PythonFeed& self) { return self.feed.soft(); })
      .def("load_batch", &load_batch);
}

}  // namespace leaven::python
