// Crops: fixed, centred, at random, and at random with a resize.
#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/exact_math.hpp"
#include "ops/image/canvas.hpp"

namespace leaven::ops {
namespace {

namespace crop {
struct Op {
  int x = 0, y = 0, width = 0, height = 0;
  BorderKind border = BorderKind::constant;
  std::vector<double> fill{0.0};
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::x>("x", {.doc = "Left edge of the window", .lo = -65535, .hi = 65535, .unit = "px"}),
    field<&Op::y>("y", {.doc = "Top edge of the window", .lo = -65535, .hi = 65535, .unit = "px"}),
    field<&Op::width>("width", {.doc = "Width of the window; 0: to the right edge of the image", .lo = 0, .hi = 65535,
        .unit = "px"}),
    field<&Op::height>("height", {.doc = "Height of the window; 0: to the bottom edge of the image", .lo = 0,
        .hi = 65535, .unit = "px"}),
    border_field<Op>(),
    fill_field<Op>()};
// clang-format on
Nodes lower(const Op& op, const Site& at) {
  const Region window{op.x, op.y, op.width ? op.width : at.image.width - op.x,
                      op.height ? op.height : at.image.height - op.y};
  if (window.empty())
    throw usage_error("the window starts at (" + std::to_string(op.x) + ", " + std::to_string(op.y) +
                      "), outside an image of " + describe(at.image));
  if (window == Region::whole(at.image.size())) return {};
  return {cut(window, {op.border, fill_for(op.fill, at)})};
}
}  // namespace crop

namespace center_crop {
enum class Compat : std::uint8_t { leaven, torchvision };
constexpr std::array<std::string_view, 2> kCompatNames{"leaven", "torchvision"};
struct Op {
  int width = 224, height = 224;
  Compat compat = Compat::leaven;
  BorderKind border = BorderKind::constant;
  std::vector<double> fill{0.0};
};
constexpr auto fields =
    std::array{field<&Op::width>("width", {.doc = "Width of the window", .lo = 1, .hi = 65535, .unit = "px"}),
               field<&Op::height>("height", {.doc = "Height of the window", .lo = 1, .hi = 65535, .unit = "px"}),
               field<&Op::compat>("compat", {.doc = "Whose centre, where an odd remainder is left: torchvision rounds its half to even",
                                             .choices = kCompatNames}),
               border_field<Op>(), fill_field<Op>()};
/// Where the window begins, `left` px larger being the image; negative where it is smaller.
int before(int left, Compat compat) {
  return compat == Compat::leaven || left < 0 ? left / 2 : static_cast<int>(std::nearbyint(left / 2.0));
}
Nodes lower(const Op& op, const Site& at) {
  const Region window{before(at.image.width - op.width, op.compat), before(at.image.height - op.height, op.compat), op.width, op.height};
  return {cut(window, {op.border, fill_for(op.fill, at)})};
}
}  // namespace center_crop

namespace random_crop {
enum class Smaller : std::uint8_t { pad, clip, refuse };
constexpr std::array<std::string_view, 3> kSmallerNames{"pad", "clip", "refuse"};
struct Op {
  int width = 224, height = 224;
  Smaller when_smaller = Smaller::pad;
  double x = kUnset, y = kUnset;
  BorderKind border = BorderKind::constant;
  std::vector<double> fill{0.0};
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::width>("width", {.doc = "Width of the window", .lo = 1, .hi = 65535, .unit = "px"}),
    field<&Op::height>("height", {.doc = "Height of the window", .lo = 1, .hi = 65535, .unit = "px"}),
    field<&Op::when_smaller>("when_smaller", {
        .doc = "For images smaller than the window: pad them, clip the window, or refuse",
        .choices = kSmallerNames}),
    field<&Op::x>("x", {.doc = "Left edge of the window", .lo = -65535, .hi = 65535, .unit = "px", .resolved = true}),
    field<&Op::y>("y", {.doc = "Top edge of the window", .lo = -65535, .hi = 65535, .unit = "px", .resolved = true}),
    border_field<Op>(),
    fill_field<Op>()};
// clang-format on

Size window_size(const Op& op, Size image) {
  if (op.when_smaller != Smaller::clip) return {op.width, op.height};
  return {std::min(op.width, image.width), std::min(op.height, image.height)};
}

// All places where the window lies within the image; for a smaller image, all where the image lies within the window.
double place(int image, int window, Key key, std::uint64_t element) {
  return draw(integer(std::min(0, image - window), std::max(0, image - window)), key, element);
}

void resolve(Op& op, const Site& at) {
  const Size window = window_size(op, at.image.size());
  if (std::isnan(op.x)) op.x = place(at.image.width, window.width, at.key, 0);
  if (std::isnan(op.y)) op.y = place(at.image.height, window.height, at.key, 1);
}

Nodes lower(const Op& op, const Site& at) {
  if (op.when_smaller == Smaller::refuse && (at.image.width < op.width || at.image.height < op.height))
    throw usage_error("needs an image of at least " + std::to_string(op.width) + "×" + std::to_string(op.height) +
                      ", got " + describe(at.image))
        .with_hint("when_smaller: pad or clip, or a resize before it");
  const Size window = window_size(op, at.image.size());
  return {
      cut({static_cast<int>(std::nearbyint(op.x)), static_cast<int>(std::nearbyint(op.y)), window.width, window.height},
          {op.border, fill_for(op.fill, at)})};
}
}  // namespace random_crop

namespace random_resized_crop {
struct Op {
  int width = 224, height = 224;
  std::array<double, 2> scale{0.08, 1.0}, ratio{3.0 / 4, 4.0 / 3};
  std::vector<double> region{};
  Filter filter = Filter::bilinear;
  bool antialias = true;
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::width>("width", {.doc = "Width of the output", .lo = 1, .hi = 65535, .unit = "px"}),
    field<&Op::height>("height", {.doc = "Height of the output", .lo = 1, .hi = 65535, .unit = "px"}),
    field<&Op::scale>("scale", {.doc = "Smallest and largest share of the image's area", .lo = 0.0001, .hi = 1,
        .unit = "fraction"}),
    field<&Op::ratio>("ratio", {.doc = "Smallest and largest ratio of width to height", .lo = 0.01, .hi = 100,
        .unit = "factor"}),
    field<&Op::region>("region", {.doc = "The part that is shown: x, y, width, height", .lo = 0, .hi = 65535,
        .unit = "px", .min_count = 4, .max_count = 4, .resolved = true}),
    filter_field<Op>(),
    antialias_field<Op>()};
// clang-format on

// The centred region of the nearest allowed ratio.
Region fallback(const Op& op, Size image) {
  const double in = static_cast<double>(image.width) / image.height;
  Size size = image;
  if (in < op.ratio[0])
    size.height = std::max(1, static_cast<int>(std::nearbyint(image.width / op.ratio[0])));
  else if (in > op.ratio[1])
    size.width = std::max(1, static_cast<int>(std::nearbyint(image.height * op.ratio[1])));
  return {(image.width - size.width) / 2, (image.height - size.height) / 2, size.width, size.height};
}

Region sample(const Op& op, Size image, Key key) {
  const double area = static_cast<double>(image.width) * image.height;
  for (std::uint64_t tries = 0; tries < 10; ++tries) {
    const double target = area * draw(uniform(op.scale[0], op.scale[1]), key, 4 * tries);
    const double aspect = draw(log_uniform(op.ratio[0], op.ratio[1]), key, 4 * tries + 1);
    const int w = static_cast<int>(std::nearbyint(std::sqrt(target * aspect)));
    const int h = static_cast<int>(std::nearbyint(std::sqrt(target / aspect)));
    if (w < 1 || w > image.width || h < 1 || h > image.height) continue;
    return {static_cast<int>(draw(integer(0, image.width - w), key, 4 * tries + 2)),
            static_cast<int>(draw(integer(0, image.height - h), key, 4 * tries + 3)), w, h};
  }
  return fallback(op, image);
}

void resolve(Op& op, const Site& at) {
  if (!op.region.empty()) return;
  if (op.scale[0] > op.scale[1] || op.ratio[0] > op.ratio[1])
    throw usage_error("scale and ratio must be [smallest, largest], got " +
                      to_text(Value(std::vector(op.scale.begin(), op.scale.end()))) + " and " +
                      to_text(Value(std::vector(op.ratio.begin(), op.ratio.end()))));
  const Region r = sample(op, at.image.size(), at.key);
  op.region = {double(r.x), double(r.y), double(r.width), double(r.height)};
}

Nodes lower(const Op& op, const Site&) {
  const std::vector<double>& r = op.region;
  if (r[2] <= 0 || r[3] <= 0)
    throw usage_error("region must have a width and a height above 0, got " + to_text(Value(r)));
  return {Geometry{.to_input = Matrix3::translation(r[0], r[1]) * Matrix3::scaling(r[2] / op.width, r[3] / op.height),
                   .canvas = {op.width, op.height},
                   .border = {BorderKind::edge},
                   .filter = op.filter,
                   .antialias = op.antialias}};
}
}  // namespace random_resized_crop

}  // namespace

void add_crop(OpTable& t) {
  t.add(op<crop::Op, crop::lower>({.name = "crop",
                                   .summary = "Cut out a window",
                                   .detail = "Where the window reaches over the edge, the border shows.",
                                   .family = "crop",
                                   .example = "crop: {x: 10, y: 20, width: 200, height: 160}",
                                   .labels = LabelRule::moves,
                                   .node = NodeKind::geometry,
                                   .fields = crop::fields}));
  t.add(op<center_crop::Op, center_crop::lower>({.name = "center_crop",
                                                 .summary = "Cut out the centre",
                                                 .detail = "An odd remainder leaves the larger half at the right and "
                                                           "the bottom; a smaller image gets the border around it. compat: "
                                                           "torchvision begins at half the remainder rounded to even.",
                                                 .family = "crop",
                                                 .example = "center_crop: {width: 224, height: 224}",
                                                 .labels = LabelRule::moves,
                                                 .node = NodeKind::geometry,
                                                 .fields = center_crop::fields}));
  t.add(op<random_crop::Op, random_crop::lower, random_crop::resolve>(
      {.name = "random_crop",
       .summary = "Cut out a window at a random place",
       .detail = "Every place where the window lies within the image is equally likely. A smaller image is padded "
                 "with the border (it lies anywhere in the window), or the window is clipped to it, or it is refused: "
                 "when_smaller.",
       .family = "crop",
       .example = "random_crop: {width: 32, height: 32, when_smaller: pad}",
       .labels = LabelRule::moves,
       .node = NodeKind::geometry,
       .fields = random_crop::fields}));
  t.add(op<random_resized_crop::Op, random_resized_crop::lower, random_resized_crop::resolve>(
      {.name = "random_resized_crop",
       .summary = "Cut out a random part and resize it",
       .detail = "torchvision's law: area uniform in scale, ratio log-uniform in ratio, w = round(√(area·ratio)), h = "
                 "round(√(area/ratio)), place uniform; after 10 tries that do not fit, the centre at the nearest "
                 "allowed ratio. Szegedy et al. (2015).",
       .family = "crop",
       .example = "random_resized_crop: {width: 224, height: 224, scale: [0.2, 1]}",
       .labels = LabelRule::moves,
       .node = NodeKind::geometry,
       .fields = random_resized_crop::fields}));
}

}  // namespace leaven::ops
