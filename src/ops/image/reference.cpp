// Colours and tones of another picture, which a file holds or another sample is.
#include <algorithm>
#include <array>
#include <cmath>

#include "ops/image/channels.hpp"
#include "ops/image/low_frequencies.hpp"
#include "ops/image/mix.hpp"
#include "ops/image/named_file.hpp"
#include "ops/image/planes.hpp"
#include "ops/image/resample.hpp"

namespace leaven::ops {
namespace {

template <class Op>
consteval FieldInfo path_field() {
  return field<&Op::path>("path", {.doc = "Image file whose colours are taken, or a folder of which each copy draws one; beside the recipe",
                                   .file = true});
}

/// The reference's colour planes, as many as the picture has: grey is repeated, three colours become their luma.
std::vector<Plane> reference_planes(const Raster& reference, const Site& at) {
  Planes own(reference.view());
  if ((own.colours() != 1 && own.colours() != 3) || !own.shape().bounded)
    throw usage_error("needs a reference with 1 or 3 colour channels in [0, 1], got " + describe(reference.shape()));
  std::vector<Plane> planes;
  const int wanted = has_colour(at) ? 3 : 1;
  for (int c = 0; c < wanted; ++c)
    planes.push_back(wanted == own.colours() ? std::move(own[c]) : wanted == 1 ? grey_of(own) : own[0].clone());
  return planes;
}

namespace histogram_matching {
constexpr std::size_t kLevels = 1024;  ///< that the reference's values are counted in
struct Op {
  std::string path{};
  double strength = 1;
  std::string digest{};
};
// clang-format off
constexpr auto fields = std::array{
    path_field<Op>(),
    field<&Op::strength>("strength", {.doc = "0 keeps the picture's tones, 1 takes all of the reference's", .lo = 0, .hi = 1,
        .unit = "fraction", .neutral = 0, .strong = 1, .draw = uniform(0.5, 1)}),
    digest_field<Op>()};
// clang-format on

void resolve(Op& op, const Site& at) { resolve_image(op, at); }

/// The reference's values in order, at equal steps of their share: entry i is the value below which i/(n − 1) of them lie.
using Quantiles = std::vector<float>;
Quantiles quantiles_of(const Plane& plane) {
  std::vector<std::uint64_t> counts(kLevels);
  for (int y = 0; y < plane.height(); ++y)
    for (int x = 0; x < plane.width(); ++x)
      ++counts[static_cast<std::size_t>(std::nearbyint(static_cast<double>(plane.at(x, y)) * (kLevels - 1)))];
  const double all = static_cast<double>(plane.width()) * plane.height();
  Quantiles quantiles(kLevels);
  std::size_t level = 0;
  double below = static_cast<double>(counts[0]);
  for (std::size_t i = 0; i < kLevels; ++i) {
    const double wanted = all * static_cast<double>(i) / (kLevels - 1);
    while ((below == 0 || below < wanted) && level + 1 < kLevels) below += static_cast<double>(counts[++level]);
    quantiles[i] = static_cast<float>(level) / (kLevels - 1);
  }
  return quantiles;
}

/// Every level of the picture goes to the value that has the same share below it, counted to the middle of the level.
Table matched(const std::array<Quantiles, kGroupChannels>& reference, const Statistics& statistics, int colours, double strength) {
  Table table = Table::all({});
  table.whole_levels = true;
  for (std::size_t c = 0; c < static_cast<std::size_t>(colours); ++c) {
    const std::vector<std::uint64_t>& counts = statistics.histogram[c];
    double all = 0, below = 0;
    for (const std::uint64_t n : counts) all += static_cast<double>(n);
    auto levels = std::make_shared<std::vector<float>>();
    for (std::size_t v = 0; v < counts.size(); ++v) {
      const double own = static_cast<double>(v) / static_cast<double>(counts.size() - 1);
      const double share = (below + static_cast<double>(counts[v]) / 2) / all;
      below += static_cast<double>(counts[v]);
      const float there = reference[c][static_cast<std::size_t>(std::nearbyint(share * (kLevels - 1)))];
      levels->push_back(static_cast<float>((1 - strength) * own + strength * static_cast<double>(there)));
    }
    table.curves[c] = {.form = Curve::Form::levels, .table = std::move(levels)};
  }
  return table;
}

Nodes lower(const Op& op, const Site& at) {
  if (op.strength == 0) return {};
  require_bounded(at);
  const std::vector<Plane> planes = reference_planes(named_image(at, op.path, op.digest)->pixels, at);
  std::array<Quantiles, kGroupChannels> reference;
  for (std::size_t c = 0; c < planes.size(); ++c) reference[c] = quantiles_of(planes[c]);
  return {Reduce{.histogram = true,
                 .tail = [reference = std::move(reference), strength = op.strength](const Statistics& statistics,
                                                                                     const RasterShape& shape) {
                   return matched(reference, statistics, shape.colour_channels(), strength);
                 }}};
}
}  // namespace histogram_matching

namespace fourier_adaptation {
struct Op {
  std::string path{};
  double beta = 0.01, strength = 1;
  std::string digest{};
};
// clang-format off
constexpr auto fields = std::array{
    path_field<Op>(),
    field<&Op::beta>("beta", {.doc = "Which frequencies: up to this share of the picture's shorter side, along each axis",
        .lo = 0.0005, .hi = 0.1, .unit = "fraction", .draw = log_uniform(0.002, 0.03)}),
    field<&Op::strength>("strength", {.doc = "0 keeps the picture's amplitudes, 1 takes all of the reference's", .lo = 0,
        .hi = 1, .unit = "fraction", .neutral = 0, .strong = 1}),
    digest_field<Op>()};
// clang-format on

void resolve(Op& op, const Site& at) { resolve_image(op, at); }

Nodes lower(const Op& op, const Site& at) {
  if (op.strength == 0) return {};
  require_bounded(at);
  const Size in = at.image.size();
  const int most = static_cast<int>(std::floor(op.beta * std::min(in.width, in.height)));
  auto reference = std::make_shared<std::vector<LowFrequencies>>();
  for (const Plane& plane : reference_planes(named_image(at, op.path, op.digest)->pixels, at))
    reference->emplace_back(resampled(plane, in.width, in.height, Filter::bilinear), most);
  return on_planes([reference, most, strength = op.strength](Planes& planes) {
    for (int c = 0; c < planes.colours(); ++c) {
      LowFrequencies own(planes[c], most);
      own.take_amplitudes((*reference)[static_cast<std::size_t>(c)], strength);
      own.add_change_to(planes[c]);
    }
  });
}
}  // namespace fourier_adaptation

/// The partner's picture, or the picture itself where nobody gave one.
const RasterView& picture_beside(const RasterView& image, std::span<const RasterView> partners) {
  return partners.empty() ? image : partners.front();
}

namespace partner_histogram {
struct Op {
  Partners partners = Partners::any;
  double strength = 1;
};
constexpr auto fields = std::array{
    partners_field<Op>(), field<&Op::strength>("strength", {.doc = "0 keeps the picture's tones, 1 takes all of the partner's", .lo = 0,
                                                            .hi = 1, .unit = "fraction", .neutral = 0, .strong = 1, .draw = uniform(0.5, 1)})};

std::size_t level_of(float value, std::size_t levels) {
  return static_cast<std::size_t>(std::nearbyint(std::clamp(static_cast<double>(value), 0.0, 1.0) * static_cast<double>(levels - 1)));
}

Raster taken(const RasterView& image, const RasterView& partner, double strength) {
  using histogram_matching::Quantiles;
  Planes planes(image);
  const Planes reference(partner);
  const std::size_t levels = image.shape.dtype == Dtype::u8 ? 256 : 65536;
  std::array<Quantiles, kGroupChannels> quantiles;
  Statistics statistics;
  for (int c = 0; c < planes.colours(); ++c) {
    const auto at = static_cast<std::size_t>(c);
    quantiles.at(at) = histogram_matching::quantiles_of(reference[c]);
    statistics.histogram.at(at).resize(levels);
    for (int y = 0; y < planes.height(); ++y)
      for (int x = 0; x < planes.width(); ++x) ++statistics.histogram[at][level_of(planes[c].at(x, y), levels)];
  }
  const Table table = histogram_matching::matched(quantiles, statistics, planes.colours(), strength);
  for (int c = 0; c < planes.colours(); ++c) {
    const std::vector<float>& values = *table.curves.at(static_cast<std::size_t>(c)).table;
    for (int y = 0; y < planes.height(); ++y)
      for (int x = 0; x < planes.width(); ++x) planes[c].at(x, y) = values[level_of(planes[c].at(x, y), levels)];
  }
  return planes.to_raster();
}

Nodes lower(const Op& op, const Site& at) {
  if (op.strength == 0) return {};
  require_bounded(at);
  Opaque node;
  node.apply_beside = [strength = op.strength](const RasterView& image, std::span<const RasterView> partners) {
    return taken(image, picture_beside(image, partners), strength);
  };
  return {std::move(node)};
}
}  // namespace partner_histogram

namespace partner_fourier {
struct Op {
  Partners partners = Partners::any;
  double beta = 0.01, strength = 1;
};
// clang-format off
constexpr auto fields = std::array{
    partners_field<Op>(),
    field<&Op::beta>("beta", {.doc = "Which frequencies: up to this share of the picture's shorter side, along each axis",
        .lo = 0.0005, .hi = 0.1, .unit = "fraction", .draw = log_uniform(0.002, 0.03)}),
    field<&Op::strength>("strength", {.doc = "0 keeps the picture's amplitudes, 1 takes all of the partner's", .lo = 0,
        .hi = 1, .unit = "fraction", .neutral = 0, .strong = 1})};
// clang-format on

Nodes lower(const Op& op, const Site& at) {
  if (op.strength == 0) return {};
  require_bounded(at);
  const int most = static_cast<int>(std::floor(op.beta * std::min(at.image.width, at.image.height)));
  Opaque node;
  node.apply_beside = [most, strength = op.strength](const RasterView& image, std::span<const RasterView> partners) {
    Planes planes(image);
    const Planes reference(picture_beside(image, partners));
    for (int c = 0; c < planes.colours(); ++c) {
      LowFrequencies own(planes[c], most);
      own.take_amplitudes(LowFrequencies(resampled(reference[c], planes.width(), planes.height(), Filter::bilinear), most), strength);
      own.add_change_to(planes[c]);
    }
    return planes.to_raster();
  };
  return {std::move(node)};
}
}  // namespace partner_fourier

}  // namespace

void add_reference(OpTable& t) {
  t.add(op<histogram_matching::Op, histogram_matching::lower, histogram_matching::resolve>(
      {.name = "histogram_matching",
       .summary = "Take the tones of a picture in a file",
       .detail = "Each channel by itself: a level with the share s of the picture's pixels below its middle becomes the value "
                 "with the share s of the reference's below it, mixed with the level by strength. Alpha counts for nothing.",
       .family = "color",
       .example = "histogram_matching: {path: reference.jpg, strength: 0.7}",
       .node = NodeKind::reduce,
       .fields = histogram_matching::fields,
       .tints = true}));
  t.add(op<fourier_adaptation::Op, fourier_adaptation::lower, fourier_adaptation::resolve>(
      {.name = "fourier_adaptation",
       .summary = "Take the lowest frequencies' amplitudes of a picture in a file",
       .detail = "FDA (Yang and Soatto 2020): the reference is resized to the picture; of all frequencies (k, l) with |k|, |l| ≤ "
                 "floor(beta·min(W, H)) the amplitude becomes (1 − strength)·own + strength·the reference's, the phase stays. "
                 "Alpha stays.",
       .family = "color",
       .example = "fourier_adaptation: {path: reference.jpg, beta: 0.01}",
       .node = NodeKind::opaque,
       .fields = fourier_adaptation::fields,
       .tints = true}));
  t.add(op<partner_histogram::Op, partner_histogram::lower>(
      {.name = "partner_histogram",
       .summary = "Take the tones of another sample of train",
       .detail = "As histogram_matching, with a picture that is drawn for each copy: brought to the same kind of pixels, after the steps "
                 "before this one. Class and marks stay the picture's own.",
       .family = "color",
       .example = "partner_histogram: {partners: other_class, strength: 0.7}",
       .node = NodeKind::opaque,
       .fields = partner_histogram::fields,
       .partners = 1,
       .tints = true}));
  t.add(op<partner_fourier::Op, partner_fourier::lower>(
      {.name = "partner_fourier",
       .summary = "Take the lowest frequencies' amplitudes of another sample of train",
       .detail = "As fourier_adaptation (FDA, Yang and Soatto 2020), with a picture that is drawn for each copy: brought to the same kind "
                 "of pixels and the same size, after the steps before this one. Class and marks stay the picture's own.",
       .family = "color",
       .example = "partner_fourier: {beta: 0.01}",
       .node = NodeKind::opaque,
       .fields = partner_fourier::fields,
       .partners = 1,
       .tints = true}));
}

}  // namespace leaven::ops
