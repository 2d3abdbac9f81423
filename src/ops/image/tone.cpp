// Tone curves, fixed and computed from the picture's histogram.
#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "ops/image/channels.hpp"

namespace leaven::ops {
namespace {

namespace gamma {
struct Op {
  double gamma = 1;
};
constexpr auto fields = std::array{field<&Op::gamma>("gamma", {.doc = "Exponent: below 1 lightens, above 1 darkens",
                                                               .lo = 0.05,
                                                               .hi = 20,
                                                               .unit = "1",
                                                               .neutral = 1,
                                                               .strong = 2.5,
                                                               .draw = log_uniform(0.8, 1.25)})};
Nodes lower(const Op& op, const Site& at) {
  require_bounded(at);
  if (op.gamma == 1) return {};
  return {Table::all({.form = Curve::Form::power, .a = op.gamma})};
}
}  // namespace gamma

namespace invert {
struct Op {};
Nodes lower(const Op&, const Site& at) {
  require_bounded(at);
  return {affine_curve(-1, 1)};
}
}  // namespace invert

namespace posterize {
struct Op {
  int bits = 4;
};
constexpr auto fields = std::array{field<&Op::bits>("bits", {.doc = "Bits that stay of each 8-bit level",
                                                             .lo = 1,
                                                             .hi = 8,
                                                             .unit = "bits",
                                                             .neutral = 8,
                                                             .strong = 2,
                                                             .draw = integer(4, 7)})};
Nodes lower(const Op& op, const Site& at) {
  require_bounded(at);
  if (op.bits == 8) return {};
  Table table = Table::all({.form = Curve::Form::quantize, .a = static_cast<double>(op.bits)});
  table.whole_levels = true;
  return {table};
}
}  // namespace posterize

namespace solarize {
struct Op {
  double threshold = 0.5;
};
constexpr auto fields =
    std::array{field<&Op::threshold>("threshold", {.doc = "Values from here on are inverted; 1 inverts nothing",
                                                   .lo = 0,
                                                   .hi = 1,
                                                   .unit = "fraction",
                                                   .neutral = 1,
                                                   .strong = 0,
                                                   .draw = uniform(0.7, 0.95)})};
// A jump: whole levels decide on which side a value lies, so that no rounding error does.
Nodes lower(const Op& op, const Site& at) {
  require_bounded(at);
  if (op.threshold == 1) return {};
  Table table = Table::all({.form = Curve::Form::solarize, .a = op.threshold});
  table.whole_levels = true;
  return {table};
}
}  // namespace solarize

using Histogram = std::vector<std::uint64_t>;
using CurveOf = Curve (*)(const Histogram&, double);

// A curve for each colour channel from its own histogram.
Nodes from_histograms(CurveOf curve_of, double setting, const Site& at) {
  require_bounded(at);
  return {Reduce{.histogram = true, .tail = [=](const Statistics& s, const RasterShape& shape) {
                   Table table{};
                   for (std::size_t c = 0; c < static_cast<std::size_t>(shape.colour_channels()); ++c)
                     table.curves[c] = curve_of(s.histogram[c], setting);
                   return table;
                 }}};
}

namespace autocontrast {
struct Op {
  double cutoff = 0;
};
constexpr auto fields = std::array{field<&Op::cutoff>(
    "cutoff", {.doc = "Share of the pixels to ignore at each end", .lo = 0, .hi = 0.49, .unit = "fraction"})};
// The first bin, from one end, that more than `skip` pixels have been reached in.
template <class Iterator>
std::ptrdiff_t first_beyond(Iterator begin, Iterator end, std::uint64_t skip) {
  std::uint64_t seen = 0;
  for (auto at = begin; at != end; ++at)
    if ((seen += *at) > skip) return at - begin;
  return 0;
}

Curve stretch(const Histogram& h, double cutoff) {
  const auto pixels = static_cast<double>(std::accumulate(h.begin(), h.end(), std::uint64_t{0}));
  const auto skip = static_cast<std::uint64_t>(pixels * cutoff);
  const auto top = static_cast<double>(h.size() - 1);
  const auto low = static_cast<double>(first_beyond(h.begin(), h.end(), skip));
  const auto high = top - static_cast<double>(first_beyond(h.rbegin(), h.rend(), skip));
  if (high <= low) return {};
  return {.form = Curve::Form::affine, .a = top / (high - low), .b = -low / (high - low)};
}

Nodes lower(const Op& op, const Site& at) { return from_histograms(stretch, op.cutoff, at); }
}  // namespace autocontrast

namespace equalize {
struct Op {};

// Pillow's rule on 256 levels, whole-number steps included; on 65,536 the step is a real number, else no ordinary
// image would have enough pixels for a step of 1.
Curve flatten(const Histogram& h, double) {
  const auto levels = static_cast<double>(h.size() - 1);
  std::uint64_t pixels = 0, last = 0, used = 0;
  for (const std::uint64_t count : h)
    if (count > 0) pixels += count, last = count, ++used;
  double step = static_cast<double>(pixels - last) / levels;
  if (h.size() == 256) step = std::floor(step);
  if (used <= 1 || step == 0) return {};
  auto table = std::make_shared<std::vector<float>>(h.size());
  double reached = h.size() == 256 ? std::floor(step / 2) : step / 2;
  for (std::size_t level = 0; level < h.size(); ++level) {
    (*table)[level] = static_cast<float>(std::min(std::floor(reached / step), levels) / levels);
    reached += static_cast<double>(h[level]);
  }
  return {.form = Curve::Form::levels, .table = std::move(table)};
}

Nodes lower(const Op&, const Site& at) { return from_histograms(flatten, 0, at); }
}  // namespace equalize

}  // namespace

void add_tone(OpTable& t) {
  t.add(op<gamma::Op, gamma::lower>({.name = "gamma",
                                     .summary = "Lighten or darken the middle tones",
                                     .detail = "v' = v^gamma on values in [0, 1]; black and white stay.",
                                     .family = "tone",
                                     .example = "gamma: {gamma: 0.8}",
                                     .node = NodeKind::table,
                                     .fields = gamma::fields}));
  t.add(op<invert::Op, invert::lower>({.name = "invert",
                                       .summary = "Make a negative",
                                       .detail = "v' = 1 − v; alpha stays.",
                                       .family = "tone",
                                       .example = "invert",
                                       .node = NodeKind::table}));
  t.add(op<posterize::Op, posterize::lower>(
      {.name = "posterize",
       .summary = "Keep few bits of each level",
       .detail = "The lowest 8 − bits bits of each byte become 0, as in Pillow; of 16-bit and float images the top "
                 "byte is kept so.",
       .family = "tone",
       .example = "posterize: {bits: 4}",
       .node = NodeKind::table,
       .fields = posterize::fields}));
  t.add(op<solarize::Op, solarize::lower>({.name = "solarize",
                                           .summary = "Invert the bright values",
                                           .detail = "v' = 1 − v where v ≥ threshold, else v.",
                                           .family = "tone",
                                           .example = "solarize: {threshold: 0.5}",
                                           .node = NodeKind::table,
                                           .fields = solarize::fields}));
  t.add(op<autocontrast::Op, autocontrast::lower>(
      {.name = "autocontrast",
       .summary = "Stretch each channel to the full range",
       .detail = "v' = (v − lo)/(hi − lo), lo and hi the darkest and brightest level of the channel after "
                 "floor(cutoff·pixels) pixels are left out at each end: Pillow's rule, but rounded to the nearest "
                 "level. A flat channel stays.",
       .family = "tone",
       .example = "autocontrast: {cutoff: 0.01}",
       .node = NodeKind::reduce,
       .fields = autocontrast::fields}));
  t.add(op<equalize::Op, equalize::lower>(
      {.name = "equalize",
       .summary = "Spread each channel's levels evenly",
       .detail = "Pillow's rule a channel: step = (pixels − pixels at the brightest level)/255, level i becomes "
                 "(step/2 + pixels darker than i)/step, whole-number divisions throughout; flat channels and steps of "
                 "0 stay. 16-bit and float images use 65,535 and a real-valued step.",
       .family = "tone",
       .example = "equalize",
       .node = NodeKind::reduce}));
}

}  // namespace leaven::ops
