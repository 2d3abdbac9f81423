// Blurring and sharpening.
#include <array>
#include <cmath>

#include "core/exact_math.hpp"
#include "ops/image/channels.hpp"

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
std::vector<float> taps(double sigma) {
  const int radius = static_cast<int>(std::ceil(3 * sigma));
  std::vector<double> weights;
  double sum = 0;
  for (int i = -radius; i <= radius; ++i) {
    weights.push_back(exact::exp(-0.5 * (i / sigma) * (i / sigma)));
    sum += weights.back();
  }
  std::vector<float> result;
  for (const double w : weights) result.push_back(static_cast<float>(w / sum));
  return result;
}

Nodes lower(const Op& op, const Site&) {
  if (op.sigma == 0) return {};
  const std::vector<float> line = taps(op.sigma);
  return {Stencil{Separable{line, line}}};
}
}  // namespace gaussian_blur

namespace sharpen {
struct Op {
  double by = 1.5;
};
constexpr auto fields = std::array{field<&Op::by>("by", {.doc = "0 is smoothed, 1 the picture itself, 2 sharpened",
                                                         .lo = 0,
                                                         .hi = 10,
                                                         .unit = "factor",
                                                         .neutral = 1,
                                                         .strong = 4,
                                                         .draw = uniform(1, 1.8)})};
Nodes lower(const Op& op, const Site&) {
  if (op.by == 1) return {};
  Kernel3 kernel{.keep_edge = true};
  for (std::size_t i = 0; i < 9; ++i) {
    const double smooth = (i == 4 ? 5.0 : 1.0) / 13;
    kernel.taps[i] = static_cast<float>((1 - op.by) * smooth + (i == 4 ? op.by : 0));
  }
  return {Stencil{kernel}};
}
}  // namespace sharpen

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
                 "ring of pixels stays: Pillow's ImageEnhance.Sharpness and torchvision's adjust_sharpness.",
       .family = "blur",
       .example = "sharpen: {by: 2}",
       .node = NodeKind::stencil,
       .fields = sharpen::fields}));
}

}  // namespace leaven::ops
