#include "plan/raster/map_annotations.hpp"

#include <algorithm>
#include <cmath>

#include "core/exact_math.hpp"
#include "core/shown_regions.hpp"
#include "plan/raster/mixing.hpp"
#include "plan/raster/point_map.hpp"
#include "plan/raster/sight.hpp"

namespace leaven::plan {

namespace {

constexpr double kPi = 3.14159265358979323846;
constexpr int kEllipsePoints = 64;
/// What the arithmetic of a chain may lose of a thing that is seen whole.
constexpr double kRounding = 1e-9;

Outline corners_of(const Box& box) {
  return {{box.left, box.top}, {box.right, box.top}, {box.right, box.bottom}, {box.left, box.bottom}};
}

/// The pixels of a mask of 0 and 1.
std::vector<Outline> outlines_of(const Raster& mask) {
  std::vector<Outline> outlines;
  for (const Region& r : shown_regions(mask.shape().size(), [&](int x, int y) { return mask.row<std::uint8_t>(y)[x] != 0; })) {
    const double x = r.x, y = r.y;
    outlines.push_back(corners_of({x, y, x + r.width, y + r.height}));
  }
  return outlines;
}

/// Inside the box, so that its bounds are never larger: the ellipse's own points.
Outline ellipse_in(const Box& box) {
  const Point centre{(box.left + box.right) / 2, (box.top + box.bottom) / 2};
  Outline ellipse;
  for (int i = 0; i < kEllipsePoints; ++i) {
    const double angle = 2 * kPi * i / kEllipsePoints;
    ellipse.push_back({centre.x + box.width() / 2 * exact::cos(angle), centre.y + box.height() / 2 * exact::sin(angle)});
  }
  return ellipse;
}

/// An outline on its way through the chain: all of it, and what every canvas so far left.
struct Trail {
  Outline whole{}, seen{};
};

class Chain {
 public:
  Chain(std::span<const LoweredStep> steps, const RasterShape& source) : maps_(point_maps(steps, source)), source_(source.size()) {
    const auto frame = [](Size canvas) { return corners_of({0, 0, static_cast<double>(canvas.width), static_cast<double>(canvas.height)}); };
    whole_.add_window(frame(source_));
    original_.add_window(frame(source_));
    for (std::size_t i = 0; i < maps_.size(); ++i) {
      direction_ *= maps_[i].direction();
      const auto to_source = [&](Outline outline) {
        for (std::size_t k = i + 1; k-- > 0;) outline = maps_[k].map_back(outline);
        return outline;
      };
      if (maps_[i].moves()) original_.add_window(to_source(frame(maps_[i].canvas())));
      for (Outline hole : maps_[i].holes()) {
        original_.add_cover(to_source(hole));
        for (std::size_t k = i + 1; k < maps_.size(); ++k) hole = maps_[k].map_outline(hole);
        last_.add_cover(hole);
      }
    }
  }

  Trail area(const Outline& outline) const {
    // The object is what the source shows of it.
    Trail trail{clipped(outline, source_), {}};
    trail.seen = trail.whole;
    for (const PointMap& map : maps_) {
      trail.whole = map.map_outline(trail.whole);
      trail.seen = clipped(map.map_outline(trail.seen), map.canvas());
    }
    return trail;
  }

  /// The pieces of a line that canvases leave.
  std::vector<Outline> line(const Outline& line) const {
    std::vector<Outline> pieces = clipped_line(line, source_);
    for (const PointMap& map : maps_) {
      std::vector<Outline> next;
      for (const Outline& piece : pieces)
        for (Outline& part : clipped_line(map.map_line(piece), map.canvas())) next.push_back(std::move(part));
      pieces = std::move(next);
    }
    return pieces;
  }

  Keypoint keypoint(Keypoint k) const {
    if (k.visibility == 0) return k;
    for (const PointMap& map : maps_) {
      if (map.moves()) move(map, k);
      const Size canvas = map.canvas();
      if (!(k.at.x >= 0 && k.at.y >= 0 && k.at.x < canvas.width && k.at.y < canvas.height)) return unmarked();
    }
    if (last_.hides(k.at)) k.visibility = 1;
    return k;
  }

  const Sight& whole() const { return whole_; }        ///< of the source: all that it shows
  const Sight& original() const { return original_; }  ///< of the source: what the whole chain leaves of it to be seen
  const Sight& last() const { return last_; }          ///< of the last frame: what covers hide there
  bool mirrors() const { return direction_ < 0; }

 private:
  static Keypoint unmarked() {
    Keypoint k;
    k.visibility = 0;
    return k;
  }

  /// Angle and size go along by the map's derivatives at the point.
  static void move(const PointMap& map, Keypoint& k) {
    constexpr double kStep = 1e-3;  // px
    const Point to = map.map(k.at);
    const auto derivative = [&](double dx, double dy) {
      const Point ahead = map.map({k.at.x + dx * kStep, k.at.y + dy * kStep}), behind = map.map({k.at.x - dx * kStep, k.at.y - dy * kStep});
      return Point{(ahead.x - behind.x) / (2 * kStep), (ahead.y - behind.y) / (2 * kStep)};
    };
    if (k.angle) {
      const double angle = *k.angle * kPi / 180;
      const Point d = derivative(exact::cos(angle), -exact::sin(angle));  // counter-clockwise, y down
      k.angle = exact::atan2(-d.y, d.x) * 180 / kPi;
    }
    if (k.size) {
      const Point x = derivative(1, 0), y = derivative(0, 1);
      k.size = *k.size * std::sqrt(std::abs(x.x * y.y - x.y * y.x));
    }
    k.at = to;
  }

  std::vector<PointMap> maps_;
  Size source_;
  Sight whole_{}, original_{}, last_{};
  double direction_{1};
};

}  // namespace

std::vector<LoweredStep> steps_of_masks(std::span<const LoweredStep> steps) {
  std::vector<LoweredStep> moved;
  for (const LoweredStep& step : steps) {
    LoweredStep only{step.path, nodes_of_masks(step.nodes)};
    if (!only.nodes.empty()) moved.push_back(std::move(only));
  }
  return moved;
}

namespace {

Raster moved_mask(std::span<const LoweredStep> steps, const RasterView& mask) { return run_fast(plan_raster(steps, mask.shape), mask); }

/// Steps of masks for what is interpolated.
std::vector<LoweredStep> interpolated(std::vector<LoweredStep> steps) {
  for (LoweredStep& step : steps)
    for (Node& node : step.nodes) {
      if (auto* geometry = std::get_if<Geometry>(&node)) geometry->filter = Filter::bilinear;
      else if (auto* displacement = std::get_if<Displacement>(&node)) displacement->filter = Filter::bilinear;
    }
  return steps;
}

std::optional<Box> bounds_of_mask(const Raster& mask) {
  const RasterShape& shape = mask.shape();
  int left = shape.width, top = shape.height, right = 0, bottom = 0;
  for (int y = 0; y < shape.height; ++y)
    for (int x = 0; x < shape.width; ++x)
      if (mask.row<std::uint8_t>(y)[x] != 0) {
        left = std::min(left, x), right = std::max(right, x + 1);
        top = std::min(top, y), bottom = std::max(bottom, y + 1);
      }
  if (left >= right) return std::nullopt;
  return Box{static_cast<double>(left), static_cast<double>(top), static_cast<double>(right), static_cast<double>(bottom)};
}

/// What is left of one instance, and how much.
class InstanceMapper {
 public:
  InstanceMapper(const Chain& chain, std::span<const LoweredStep> mask_steps, std::span<const Category> categories, const AnnotationRules& rules)
      : chain_(chain), mask_steps_(mask_steps), categories_(categories), rules_(rules) {}

  /// Nothing when the rules drop it.
  std::optional<Instance> map(const Instance& instance) const {
    if (instance.box && instance.box->area() == 0 && instance.outlines.empty()) return std::nullopt;
    Instance mapped = instance;
    mapped.outlines.clear();
    Extent extent;
    if (instance.open) map_lines(instance, mapped, extent);
    else map_areas(instance, mapped, extent);
    map_keypoints(mapped);
    if (extent.known && instance.box && !extent.box && rules_.tight != TightBox::outline) return std::nullopt;
    if (instance.mask && !map_mask(instance, mapped, extent)) return std::nullopt;
    if (extent.known && extent.seen < rules_.min_visibility * extent.whole * (1 - kRounding)) return std::nullopt;
    if (instance.box || !instance.outlines.empty() || instance.mask) {
      if (!extent.box) return std::nullopt;
      if (!instance.open && extent.known && extent.left < rules_.min_area * (1 - kRounding)) return std::nullopt;
      if (!instance.open && std::min(extent.box->width(), extent.box->height()) < rules_.min_side) return std::nullopt;
    } else if (!instance.keypoints.empty() && std::ranges::none_of(mapped.keypoints, [](const Keypoint& k) { return k.visibility > 0; })) {
      return std::nullopt;
    }
    mapped.box = instance.box ? extent.box : std::nullopt;
    return mapped;
  }

 private:
  struct Extent {
    bool known{};            ///< whole and seen were measured
    double whole{}, seen{};  ///< px² in the source, or px of lines
    double left{};           ///< px² of what is seen in the last frame
    std::optional<Box> box{};
  };

  void map_areas(const Instance& instance, Instance& mapped, Extent& extent) const {
    std::vector<Outline> seen;
    Outline all_seen;
    for (const Outline& outline : instance.outlines) {
      const Trail trail = chain_.area(outline);
      seen.push_back(trail.seen);
      all_seen.insert(all_seen.end(), trail.seen.begin(), trail.seen.end());
      Outline kept = instance.rotated ? refitted(trail) : trail.seen;
      if (kept.size() >= 3) mapped.outlines.push_back(std::move(kept));
    }
    if (!instance.outlines.empty()) measure(instance.outlines, seen, extent);
    const bool by_outline = rules_.tight == TightBox::outline && !instance.outlines.empty();
    if (by_outline || !instance.box) {
      extent.box = bounds_of(all_seen);
      return;
    }
    const Outline box = corners_of(*instance.box);
    const Trail corners = chain_.area(box);
    if (instance.outlines.empty() && !instance.mask) measure(std::span(&box, 1), std::span(&corners.seen, 1), extent);
    // The ellipse may reach less far than what is seen of the corners, never farther.
    extent.box = bounds_of(rules_.tight == TightBox::ellipse ? chain_.area(ellipse_in(*instance.box)).seen : corners.seen);
  }

  /// False where nothing is left.
  bool map_mask(const Instance& instance, Instance& mapped, Extent& extent) const {
    const Raster own = instance.mask->to_raster(), mask = moved_mask(mask_steps_, own.view());
    mapped.mask = RunLengths::of(mask.view());
    if (rules_.tight == TightBox::outline || !instance.box) extent.box = bounds_of_mask(mask);
    if (mapped.mask->area() == 0) return false;
    if (instance.outlines.empty()) measure(outlines_of(own), outlines_of(mask), extent);
    return true;
  }

  /// By what it is in the source, and by what the last frame shows of that, as far as rules ask for it.
  void measure(std::span<const Outline> source, std::span<const Outline> seen, Extent& extent) const {
    extent.known = true;
    if (rules_.min_visibility > 0) {
      extent.whole = chain_.whole().area(source);
      extent.seen = chain_.original().shows_all(source) ? extent.whole : chain_.original().area(source);
    }
    if (rules_.min_area > 0) extent.left = chain_.last().area(seen);
  }

  /// The smallest rectangle around what is seen, beginning at the corner where it began before.
  static Outline refitted(const Trail& trail) {
    Outline rectangle = smallest_rectangle(trail.seen);
    if (rectangle.size() != 4 || trail.whole.empty()) return rectangle;
    if ((signed_area(rectangle) < 0) != (signed_area(trail.whole) < 0)) std::reverse(rectangle.begin(), rectangle.end());
    const auto distance = [&](Point p) { return std::hypot(p.x - trail.whole[0].x, p.y - trail.whole[0].y); };
    const auto first = std::ranges::min_element(rectangle, {}, distance);
    std::rotate(rectangle.begin(), first, rectangle.end());
    return rectangle;
  }

  void map_lines(const Instance& instance, Instance& mapped, Extent& extent) const {
    extent.known = true;
    extent.whole = chain_.whole().length(instance.outlines);
    extent.seen = chain_.original().length(instance.outlines);
    Outline all;
    for (const Outline& line : instance.outlines)
      for (Outline& piece : chain_.line(line)) {
        all.insert(all.end(), piece.begin(), piece.end());
        mapped.outlines.push_back(std::move(piece));
      }
    extent.box = bounds_of(all);
  }

  void map_keypoints(Instance& mapped) const {
    for (Keypoint& k : mapped.keypoints) k = chain_.keypoint(k);
    if (!chain_.mirrors() || mapped.category >= categories_.size()) return;
    const std::vector<std::uint32_t>& places = categories_[mapped.category].mirrored;
    if (places.size() != mapped.keypoints.size()) return;
    const std::vector<Keypoint> before = mapped.keypoints;
    for (std::size_t i = 0; i < places.size(); ++i) mapped.keypoints[places[i]] = before[i];
  }

  const Chain& chain_;
  std::span<const LoweredStep> mask_steps_;
  std::span<const Category> categories_;
  const AnnotationRules& rules_;
};

}  // namespace

bool keeps_required(const MappedAnnotations& mapped, const AnnotationRules& rules) {
  switch (rules.require) {
    case AnnotationRules::Require::none: return true;
    case AnnotationRules::Require::any: return mapped.dropped == 0 || !mapped.annotations.instances.empty();
    case AnnotationRules::Require::all: return mapped.dropped == 0;
  }
  return true;
}

MappedAnnotations map_annotations(std::span<const LoweredStep> steps, const RasterShape& source, const Annotations& annotations,
                                  std::span<const Category> categories, const AnnotationRules& rules) {
  MappedAnnotations mapped = map_annotations(strands_of(steps, source), source, annotations, categories, rules);
  mapped.annotations.extra = annotations.extra;
  const std::vector<LoweredStep> mask_steps = steps_of_masks(steps);
  for (const MaskField& mask : annotations.masks) {
    const bool heatmap = mask.pixels.shape().dtype == Dtype::f32;
    mapped.annotations.masks.push_back({mask.name, moved_mask(heatmap ? interpolated(mask_steps) : mask_steps, mask.pixels.view())});
  }
  return mapped;
}

MappedAnnotations map_annotations(std::span<const Strand> ways, const RasterShape& source, const Annotations& annotations,
                                  std::span<const Category> categories, const AnnotationRules& rules) {
  std::vector<Chain> chains;
  for (const Strand& way : ways) chains.emplace_back(way.points, source);
  MappedAnnotations mapped;
  for (std::size_t i = 0; i < annotations.instances.size(); ++i) {
    const std::size_t before = mapped.kept.size();
    for (std::size_t w = 0; w < ways.size(); ++w) {
      auto kept = InstanceMapper(chains[w], ways[w].masks, categories, rules).map(annotations.instances[i]);
      if (!kept) continue;
      mapped.annotations.instances.push_back(std::move(*kept));
      mapped.kept.push_back(i);
    }
    mapped.dropped += mapped.kept.size() == before;
  }
  return mapped;
}

}  // namespace leaven::plan
