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

/// One array each for all things: boxes (N, 4), keypoints (N, K, 3 or 5), a list of (M, 2) for each thing's polygons. Besides
/// them points (K, 3 or 5) that belong to the whole picture. Five are x, y, visibility, angle and size.
struct MarkArrays {
  std::optional<Numbers> boxes{}, keypoints{}, points{};
  std::optional<std::vector<std::vector<Numbers>>> polygons{};

  std::size_t count() const {
    return boxes ? boxes->shape(0) : keypoints ? keypoints->shape(0) : polygons ? polygons->size() : 0;
  }
};

std::vector<MarkedKeypoint> keypoints_at(const double* numbers, std::size_t count, std::size_t columns) {
  std::vector<MarkedKeypoint> keypoints;
  for (const double* p = numbers; p < numbers + count * columns; p += columns) {
    keypoints.push_back({p[0], p[1], static_cast<int>(p[2]), {}, {}});
    if (MarkedKeypoint& keypoint = keypoints.back(); columns == 5) keypoint.angle = p[3], keypoint.size = p[4];
  }
  return keypoints;
}

void put(const MarkedKeypoint& k, std::size_t columns, double* to) {
  to[0] = k.x, to[1] = k.y, to[2] = k.visibility;
  if (columns == 5) to[3] = k.angle.value_or(0), to[4] = k.size.value_or(0);
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
    const std::size_t count = arrays.keypoints->shape(1), columns = arrays.keypoints->shape(2);
    thing.keypoints = keypoints_at(arrays.keypoints->data() + i * count * columns, count, columns);
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

nb::object keypoints_of(const MovedMarks& moved, std::size_t count, std::size_t columns) {
  std::vector<double> values(moved.things.size() * count * columns);
  double* to = values.data();
  for (const MarkedThing& thing : moved.things)
    for (const MarkedKeypoint& k : thing.keypoints) put(k, columns, to), to += columns;
  return to_array(values, {moved.things.size(), count, columns});
}

/// The points of the whole picture are its last thing, or several where it was cut apart, each with the points that lie in its
/// piece; lost ones are unmarked. Takes those things away.
nb::object take_points(MovedMarks& moved, std::size_t things, std::size_t count, std::size_t columns) {
  std::vector<double> values(count * columns);
  while (!moved.kept.empty() && moved.kept.back() == things) {
    for (std::size_t k = 0; k < count; ++k) {
      const MarkedKeypoint& point = moved.things.back().keypoints[k];
      if (point.visibility > 0) put(point, columns, values.data() + k * columns);
    }
    moved.things.pop_back();
    moved.kept.pop_back();
  }
  return to_array(values, {count, columns});
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

/// The marks of one call, held while the engine reads them.
class TakenMarks {
 public:
  TakenMarks(const std::vector<AnyArray>& masks, MarkArrays arrays, const std::vector<std::uint32_t>& mirrored) : masks_(masks), arrays_(std::move(arrays)) {
    for (const AnyArray& mask : masks_) marks_.masks.push_back(held_.emplace_back(mask, std::nullopt, false).view());
    for (std::size_t i = 0; i < arrays_.count(); ++i) marks_.things.push_back(thing_at(arrays_, i));
    if (arrays_.points) marks_.things.emplace_back().keypoints = keypoints_at(arrays_.points->data(), arrays_.points->shape(0), arrays_.points->shape(1));
    marks_.mirrored = mirrored;
  }
  TakenMarks(const TakenMarks&) = delete;
  TakenMarks& operator=(const TakenMarks&) = delete;
  const Marks& marks() const { return marks_; }

  /// What became of them, by the names of the arguments, and of the picture that they lie on now its (height, width).
  nb::dict given(MovedMarks moved, const ImageView& picture) const {
    nb::dict result;
    result["size"] = nb::make_tuple(picture.height, picture.width);
    nb::list masks;
    for (std::size_t i = 0; i < moved.masks.size(); ++i) masks.append(python::to_array(moved.masks[i], masks_[i].ndim() == 2));
    result["masks"] = masks;
    if (arrays_.points) result["points"] = take_points(moved, arrays_.count(), arrays_.points->shape(0), arrays_.points->shape(1));
    result["kept"] = moved.kept;
    if (arrays_.boxes) result["boxes"] = boxes_of(moved);
    if (arrays_.keypoints) result["keypoints"] = keypoints_of(moved, arrays_.keypoints->shape(1), arrays_.keypoints->shape(2));
    if (arrays_.polygons) result["polygons"] = polygons_of(moved);
    return result;
  }

 private:
  const std::vector<AnyArray>& masks_;
  MarkArrays arrays_;
  std::deque<ArrayImage> held_{};
  Marks marks_{};
};

nb::dict apply_marked(const CountedRecipe& self, const AnyArray& image, const std::string& key, std::uint64_t epoch,
                      std::uint32_t copy, const std::string& label, std::optional<bool> alpha, bool bounded, bool planes,
                      const std::vector<AnyArray>& masks, std::optional<Numbers> boxes, std::optional<Numbers> keypoints,
                      std::optional<Numbers> points, std::optional<std::vector<std::vector<Numbers>>> polygons,
                      const std::vector<std::uint32_t>& mirrored) {
  MarkArrays arrays{std::move(boxes), std::move(keypoints), std::move(points), std::move(polygons)};
  const Layout layout = planes ? Layout::chw : Layout::hwc;
  std::optional<TakenMarks> taken;
  std::optional<Buffer> buffer;
  ImageView out;
  MovedMarks moved;
  without_gil([&] {
    const ArrayImage source(image, alpha, bounded);
    taken.emplace(masks, std::move(arrays), mirrored);
    const Prepared prepared = self.recipe.prepare(source.view(), {key, copy, epoch, label}, taken->marks());
    out = prepared.out();
    buffer.emplace(bytes_of(out));
    prepared.run(source.view(), buffer->data(), layout);
    moved = prepared.move(taken->marks());
  });
  nb::dict result = taken->given(std::move(moved), out);
  result["image"] = std::move(*buffer).to_array(out.type, dimensions(out, layout, image.ndim() == 2));
  return result;
}

/// A picture made new, whose predictions find their way back.
struct View {
  Prepared prepared;
};

nb::tuple view(const CountedRecipe& self, const AnyArray& image, const std::string& key, std::uint64_t epoch, std::uint32_t copy,
               const std::string& label, std::optional<bool> alpha, bool bounded, bool planes) {
  const Layout layout = planes ? Layout::chw : Layout::hwc;
  std::optional<Prepared> prepared;
  std::optional<Buffer> buffer;
  without_gil([&] {
    const ArrayImage source(image, alpha, bounded);
    prepared = self.recipe.prepare(source.view(), {key, copy, epoch, label});
    static_cast<void>(prepared->back());  // says at once what has none
    buffer.emplace(bytes_of(prepared->out()));
    prepared->run(source.view(), buffer->data(), layout);
  });
  const ImageView out = prepared->out();
  return nb::make_tuple(std::move(*buffer).to_array(out.type, dimensions(out, layout, image.ndim() == 2)), View{std::move(*prepared)});
}

nb::object back_picture(const View& self, const AnyArray& prediction) {
  std::optional<Buffer> buffer;
  ImageView out;
  without_gil([&] {
    const ArrayImage source(prediction, false, false);
    const Prepared back = self.prepared.back(source.view());
    out = back.out();
    buffer.emplace(bytes_of(out));
    back.run(source.view(), buffer->data());
  });
  return std::move(*buffer).to_array(out.type, dimensions(out, Layout::hwc, prediction.ndim() == 2));
}

nb::dict back_marks(const View& self, const std::vector<AnyArray>& masks, std::optional<Numbers> boxes, std::optional<Numbers> keypoints,
                    std::optional<Numbers> points, std::optional<std::vector<std::vector<Numbers>>> polygons,
                    const std::vector<std::uint32_t>& mirrored) {
  MarkArrays arrays{std::move(boxes), std::move(keypoints), std::move(points), std::move(polygons)};
  std::optional<TakenMarks> taken;
  MovedMarks moved;
  ImageView out;
  without_gil([&] {
    taken.emplace(masks, std::move(arrays), mirrored);
    const Prepared back = self.prepared.back();
    out = back.out();
    moved = back.move(taken->marks());
  });
  return taken->given(std::move(moved), out);
}

}  // namespace

void bind_marks(nb::module_& m) {
  m.def("apply_marked", &apply_marked, nb::arg(), nb::arg(), nb::arg(), nb::arg(), nb::arg(), nb::arg(), nb::arg().none(),
        nb::arg(), nb::arg(), nb::arg(), nb::arg().none(), nb::arg().none(), nb::arg().none(),
        nb::arg().none(), nb::arg());
  m.def("mirrored_keypoints", &mirrored_keypoints);
  nb::class_<View>(m, "View")
      .def_prop_ro("size", [](const View& self) { return nb::make_tuple(self.prepared.out().height, self.prepared.out().width); })
      .def("back_picture", &back_picture)
      .def("back_marks", &back_marks, nb::arg(), nb::arg().none(), nb::arg().none(), nb::arg().none(), nb::arg().none(), nb::arg());
  m.def("view", &view, nb::arg(), nb::arg(), nb::arg(), nb::arg(), nb::arg(), nb::arg(), nb::arg().none(), nb::arg(), nb::arg());
}

}  // namespace leaven::python
