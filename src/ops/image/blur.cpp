// Blurring and sharpening.
#include <array>
#include <cmath>

#include "core/op.hpp"
#include "ops/image/filters.hpp"

namespace leaven::ops {
namespace {

namespace gaussian_blur {
struct Op {
  double sigma = 1;
};
constexpr auto fields = std::array{field<&Op::sigma>("sigma", {.doc = "Standard deviation",
                                                               .lo = 0,
                                                               .hi = 32,
                                                               .unit = "px",
                                                               .neutral = 0,
                                                               .strong = 6,
                                                               .draw = uniform(0.3, 1.5)})};

// Three standard deviations to each side: what is cut off is 0.3 % of the weight, well below one level in photos.
Nodes lower(const Op& op, const Site&) {
  if (op.sigma == 0) return {};
  const std::vector<float> line = gaussian_taps(op.sigma);
  return {Stencil{Separable{line, line}}};
}
}  // namespace gaussian_blur

namespace sharpen {
enum class Compat : std::uint8_t { leaven, albumentations };
constexpr std::array<std::string_view, 2> kCompatNames{"leaven", "albumentations"};
struct Op {
  double by = 1.5;
  Compat compat = Compat::leaven;
};
constexpr auto fields = std::array{field<&Op::by>("by", {.doc = "0 is smoothed, 1 the picture itself, 2 sharpened",
                                                         .lo = 0,
                                                         .hi = 10,
                                                         .unit = "factor",
                                                         .neutral = 1,
                                                         .strong = 4,
                                                         .draw = uniform(1, 1.8)}),
                              field<&Op::compat>("compat", {.doc = "Whose kernel: albumentations' is a Laplacian",
                                                            .choices = kCompatNames})};
Nodes lower(const Op& op, const Site&) {
  if (op.by == 1) return {};
  Kernel3 kernel{.keep_edge = op.compat == Compat::leaven};
  if (op.compat == Compat::albumentations) {
    const double amount = op.by - 1;
    for (std::size_t i = 0; i < 9; ++i) kernel.taps[i] = static_cast<float>(i == 4 ? 1 + 8 * amount : -amount);
    return {Stencil{kernel}};
  }
  for (std::size_t i = 0; i < 9; ++i) {
    const double smooth = (i == 4 ? 5.0 : 1.0) / 13;
    kernel.taps[i] = static_cast<float>((1 - op.by) * smooth + (i == 4 ? op.by : 0));
  }
  return {Stencil{kernel}};
}
}  // namespace sharpen

namespace box_blur {
struct Op {
  double radius = 2;
};
constexpr auto fields = std::array{field<&Op::radius>("radius", {.doc = "Pixels to each side; fractions count in part",
                                                                 .lo = 0,
                                                                 .hi = 64,
                                                                 .unit = "px",
                                                                 .neutral = 0,
                                                                 .strong = 8,
                                                                 .draw = uniform(0.5, 2.5)})};
Nodes lower(const Op& op, const Site&) {
  if (op.radius == 0) return {};
  const double whole = std::floor(op.radius), rest = op.radius - whole, width = 2 * op.radius + 1;
  std::vector<float> line(2 * static_cast<std::size_t>(whole) + 1, static_cast<float>(1 / width));
  if (rest > 0) {
    line.insert(line.begin(), static_cast<float>(rest / width));
    line.push_back(line.front());
  }
  return {Stencil{Separable{line, line}}};
}
}  // namespace box_blur

// (1 − amount)·picture + amount·kernel.
Kernel3 blended_kernel(double amount, const std::array<double, 9>& taps) {
  Kernel3 kernel;
  for (std::size_t i = 0; i < 9; ++i) kernel.taps[i] = static_cast<float>((i == 4 ? 1 - amount : 0) + amount * taps[i]);
  return kernel;
}

namespace emboss {
struct Op {
  double amount = 0.5, relief = 0.5;
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::amount>("amount", {.doc = "0 is the picture, 1 the embossed one", .lo = 0, .hi = 1, .unit = "fraction",
        .neutral = 0, .strong = 1, .draw = uniform(0.2, 0.5)}),
    field<&Op::relief>("relief", {.doc = "How strongly edges stand out", .lo = 0, .hi = 5, .unit = "factor",
        .draw = uniform(0.2, 0.7)})};
// clang-format on
Nodes lower(const Op& op, const Site&) {
  if (op.amount == 0) return {};
  const double s = op.relief;
  return {Stencil{blended_kernel(op.amount, {-1 - s, -s, 0, -s, 1, s, 0, s, 1 + s})}};
}
}  // namespace emboss

namespace edge_detect {
struct Op {
  double amount = 0.5;
};
constexpr auto fields = std::array{field<&Op::amount>("amount", {.doc = "0 is the picture, 1 its edges on black",
                                                                 .lo = 0,
                                                                 .hi = 1,
                                                                 .unit = "fraction",
                                                                 .neutral = 0,
                                                                 .strong = 1,
                                                                 .draw = uniform(0.1, 0.5)})};
// A stencil would filter alpha too, and weights that do not sum to 1 would make it another one.
Nodes lower(const Op& op, const Site& at) {
  if (op.amount == 0) return {};
  const Kernel3 kernel = blended_kernel(op.amount, {0, 1, 0, 1, -4, 1, 0, 1, 0});
  if (!at.image.alpha) return {Stencil{kernel}};
  std::vector<Tap> taps;
  for (int i = 0; i < 9; ++i) taps.push_back({i % 3 - 1, i / 3 - 1, kernel.taps[static_cast<std::size_t>(i)]});
  return filtered_channels(std::move(taps));
}
}  // namespace edge_detect

}  // namespace

void add_blur(OpTable& t) {
  t.add(
      op<gaussian_blur::Op, gaussian_blur::lower>({.name = "gaussian_blur",
                                                   .summary = "Blur with a Gaussian kernel",
                                                   .detail = "Weights exp(−i²/(2·sigma²)) for |i| ≤ ceil(3·sigma), "
                                                             "normalised, along rows and columns; edges are reflected "
                                                             "without repeating the outermost pixel.",
                                                   .family = "blur",
                                                   .example = "gaussian_blur: {sigma: 2}",
                                                   .node = NodeKind::stencil,
                                                   .fields = gaussian_blur::fields}));
  t.add(op<sharpen::Op, sharpen::lower>(
      {.name = "sharpen",
       .summary = "Sharpen, or smooth a little",
       .detail = "v' = s + by·(v − s), s the 3×3 mean with weights 1, and 5 in the middle, over 13; the outermost "
                 "ring of pixels stays: Pillow's ImageEnhance.Sharpness and torchvision's adjust_sharpness. compat: "
                 "albumentations is v' = v + (by − 1)·(8·v − the sum of the 8 neighbours) everywhere, the picture mirrored at "
                 "its edges: albumentations.Sharpen with alpha = by − 1 and lightness 1.",
       .family = "blur",
       .example = "sharpen: {by: 2}",
       .node = NodeKind::stencil,
       .fields = sharpen::fields}));
  t.add(op<box_blur::Op, box_blur::lower>(
      {.name = "box_blur",
       .summary = "Blur by the mean of a square",
       .detail = "The mean of the pixels within radius along rows and columns; of a fraction beyond whole pixels the "
                 "outermost counts in part, as Pillow's BoxBlur. Edges are reflected without repeating the outermost "
                 "pixel.",
       .family = "blur",
       .example = "box_blur: {radius: 2}",
       .node = NodeKind::stencil,
       .fields = box_blur::fields}));
  t.add(op<emboss::Op, emboss::lower>(
      {.name = "emboss",
       .summary = "Light the picture's edges from one corner",
       .detail = "(1 − amount)·v + amount·K∗v, K = ((−1 − s, −s, 0), (−s, 1, s), (0, s, 1 + s)), s = relief: imgaug's "
                 "and albumentations' kernel.",
       .family = "style",
       .example = "emboss: {amount: 0.3}",
       .node = NodeKind::stencil,
       .fields = emboss::fields}));
  t.add(op<edge_detect::Op, edge_detect::lower>(
      {.name = "edge_detect",
       .summary = "Blend with the picture's edges",
       .detail = "(1 − amount)·v + amount·K∗v, K the Laplacian ((0, 1, 0), (1, −4, 1), (0, 1, 0)), as imgaug.",
       .family = "style",
       .example = "edge_detect: {amount: 0.3}",
       .node = NodeKind::stencil,
       .fields = edge_detect::fields}));
}

}  // namespace leaven::ops
