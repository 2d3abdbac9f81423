// A picture with what is marked on it.
#include "leaven/marks.hpp"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <deque>

#include "arrays.hpp"
#include "bindings.hpp"

namespace leaven::python {

namespace {

using Numbers = nb::ndarray<const double, nb::c_contig, nb::device::cpu>;

/// One array each for all things: boxes (N, 4), keypoints (N, K, 3), a list of (M, 2) for each thing's polygons. Besides
/// them points (K, 3) that belong to the whole picture.
struct MarkArrays {
  std::optional<Numbers> boxes{}, keypoints{}, points{};
  std::optional<std::vector<std::vector<Numbers>>> polygons{};

  std::size_t count() const {
    return boxes ? boxes->shape(0) : keypoints ? keypoints->shape(0) : polygons ? polygons->size() : 0;
  }
};

std::vector<MarkedKeypoint> keypoints_at(const double* numbers, std::size_t count) {
  std::vector<MarkedKeypoint> keypoints;
  for (const double* p = numbers; p < numbers + count * 3; p += 3) keypoints.push_back({p[0], p[1], static_cast<int>(p[2])});
  return keypoints;
}

MarkedThing thing_at(const MarkArrays& arrays, std::size_t i) {
  MarkedThing thing;
  if (arrays.boxes) {
    const double* b = arrays.boxes->data() + i * 4;
    thing.box = MarkedBox{b[0], b[1], b[2], b[3]};
  }
  if (arrays.polygons)
    for (const Numbers& points : (*arrays.polygons)[i]) {
      std::vector<MarkedPoint>& polygon = thing.polygons.emplace_back();
      for (std::size_t p = 0; p < points.shape(0); ++p) polygon.push_back({points.data()[p * 2], points.data()[p * 2 + 1]});
    }
  if (arrays.keypoints) {
    const std::size_t count = arrays.keypoints->shape(1);
    thing.keypoints = keypoints_at(arrays.keypoints->data() + i * count * 3, count);
  }
  return thing;
}

nb::object to_array(const std::vector<double>& values, const std::vector<std::size_t>& shape) {
  auto owned = std::make_unique<std::vector<double>>(values);
  double* const data = owned->data();
  const nb::capsule owner(owned.release(), [](void* p) noexcept { delete static_cast<std::vector<double>*>(p); });
  return nb::cast(nb::ndarray<nb::numpy, double>(data, shape.size(), shape.data(), owner));
}

nb::object boxes_of(const MovedMarks& moved) {
  std::vector<double> values;
  for (const MarkedThing& thing : moved.things) values.insert(values.end(), {thing.box->left, thing.box->top, thing.box->right, thing.box->bottom});
  return to_array(values, {moved.things.size(), 4});
}

nb::object keypoints_of(const MovedMarks& moved, std::size_t count) {
  std::vector<double> values;
  for (const MarkedThing& thing : moved.things)
    for (const MarkedKeypoint& k : thing.keypoints) values.insert(values.end(), {k.x, k.y, static_cast<double>(k.visibility)});
  return to_array(values, {moved.things.size(), count, 3});
}

/// The points of the whole picture are its last thing; lost ones are unmarked. Takes that thing away.
nb::object take_points(MovedMarks& moved, std::size_t things, std::size_t count) {
  std::vector<double> values(count * 3);
  if (!moved.kept.empty() && moved.kept.back() == things) {
    for (std::size_t k = 0; k < count; ++k) {
      const MarkedKeypoint& point = moved.things.back().keypoints[k];
      values[k * 3] = point.x, values[k * 3 + 1] = point.y, values[k * 3 + 2] = point.visibility;
    }
    moved.things.pop_back();
    moved.kept.pop_back();
  }
  return to_array(values, {count, 3});
}

nb::object polygons_of(const MovedMarks& moved) {
  nb::list things;
  for (const MarkedThing& thing : moved.things) {
    nb::list polygons;
    for (const std::vector<MarkedPoint>& polygon : thing.polygons) {
      std::vector<double> values;
      for (const MarkedPoint& p : polygon) values.insert(values.end(), {p.x, p.y});
      polygons.append(to_array(values, {polygon.size(), 2}));
    }
    things.append(polygons);
  }
  return things;
}

nb::dict apply_marked(const CountedRecipe& self, const AnyArray& image, const std::string& key, std::uint64_t epoch,
                      std::uint32_t copy, const std::string& label, std::optional<bool> alpha, bool bounded, bool planes,
                      const std::vector<AnyArray>& masks, std::optional<Numbers> boxes, std::optional<Numbers> keypoints,
                      std::optional<Numbers> points, std::optional<std::vector<std::vector<Numbers>>> polygons,
                      const std::vector<std::uint32_t>& mirrored) {
  const MarkArrays arrays{std::move(boxes), std::move(keypoints), std::move(points), std::move(polygons)};
  const Layout layout = planes ? Layout::chw : Layout::hwc;
  std::optional<Buffer> buffer;
  ImageView out;
  MovedMarks moved;
  without_gil([&] {
    const ArrayImage source(image, alpha, bounded);
    Marks marks;
    std::deque<ArrayImage> held;
    for (const AnyArray& mask : masks) marks.masks.push_back(held.emplace_back(mask, std::nullopt, true).view());
    for (std::size_t i = 0; i < arrays.count(); ++i) marks.things.push_back(thing_at(arrays, i));
    if (arrays.points) marks.things.emplace_back().keypoints = keypoints_at(arrays.points->data(), arrays.points->shape(0));
    marks.mirrored = mirrored;
    const Prepared prepared = self.recipe.prepare(source.view(), {key, copy, epoch, label}, marks);
    out = prepared.out();
    buffer.emplace(bytes_of(out));
    prepared.run(source.view(), buffer->data(), layout);
    moved = prepared.move(marks);
  });
  nb::dict result;
  result["image"] = std::move(*buffer).to_array(out.type, dimensions(out, layout, image.ndim() == 2));
  nb::list moved_masks;
  for (std::size_t i = 0; i < moved.masks.size(); ++i) moved_masks.append(python::to_array(moved.masks[i], masks[i].ndim() == 2));
  result["masks"] = moved_masks;
  if (arrays.points) result["points"] = take_points(moved, arrays.count(), arrays.points->shape(0));
  result["kept"] = moved.kept;
  if (arrays.boxes) result["boxes"] = boxes_of(moved);
  if (arrays.keypoints) result["keypoints"] = keypoints_of(moved, arrays.keypoints->shape(1));
  if (arrays.polygons) result["polygons"] = polygons_of(moved);
  return result;
}

}  // namespace

void bind_marks(nb::module_& m) {
  m.def("apply_marked", &apply_marked, nb::arg(), nb::arg(), nb::arg(), nb::arg(), nb::arg(), nb::arg(), nb::arg().none(),
        nb::arg(), nb::arg(), nb::arg(), nb::arg().none(), nb::arg().none(), nb::arg().none(),
        nb::arg().none(), nb::arg());
  m.def("mirrored_keypoints", &mirrored_keypoints);
}

}  // namespace leaven::python
