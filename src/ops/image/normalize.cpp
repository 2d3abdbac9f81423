// From values in [0, 1] to what a network wants.
#include <numeric>

#include "core/error.hpp"
#include "ops/image/channels.hpp"

namespace leaven::ops {
namespace {

namespace normalize {
struct Op {
  std::vector<double> mean{0.485, 0.456, 0.406}, std{0.229, 0.224, 0.225};
};
constexpr auto fields = std::array{field<&Op::mean>("mean", {.doc = "Mean of each channel, or one for all",
                                                             .lo = -1e6,
                                                             .hi = 1e6,
                                                             .unit = "fraction",
                                                             .min_count = 1,
                                                             .max_count = kMostChannels}),
                                   field<&Op::std>("std", {.doc = "Standard deviation of each channel, or one for all",
                                                           .lo = 1e-6,
                                                           .hi = 1e6,
                                                           .unit = "fraction",
                                                           .min_count = 1,
                                                           .max_count = kMostChannels})};

// The entry for channel c of `colours`: its own, the only one, or, on grey images, the mean of all.
double entry(const std::vector<double>& list, std::size_t c, std::size_t colours, const Site& at) {
  if (list.size() == colours) return list[c];
  if (list.size() == 1) return list[0];
  if (colours == 1) return std::accumulate(list.begin(), list.end(), 0.0) / static_cast<double>(list.size());
  throw usage_error("mean and std must have 1 or " + std::to_string(colours) + " numbers for an image of " +
                    described_picture(at) + ", got " + std::to_string(list.size()));
}

Nodes lower(const Op& op, const Site& at) {
  const auto here = static_cast<std::size_t>(at.image.colour_channels()), first = static_cast<std::size_t>(at.group.first);
  const std::size_t colours = at.group.all > 0 ? static_cast<std::size_t>(at.group.all) : here;
  Table table{.unbounded = true};
  for (std::size_t c = 0; c < here; ++c) {
    const double mean = entry(op.mean, first + c, colours, at), std = entry(op.std, first + c, colours, at);
    table.curves[c] = {.form = Curve::Form::affine, .a = 1 / std, .b = -mean / std};
  }
  return {table};
}
}  // namespace normalize

}  // namespace

void add_normalize(OpTable& t) {
  t.add(op<normalize::Op, normalize::lower>(
      {.name = "normalize",
       .summary = "Subtract a mean and divide by a standard deviation",
       .detail = "v' = (v − mean)/std on values in [0, 1]; the result is float32 and not clamped, so image files "
                 "cannot hold it. The defaults are ImageNet's; grey images take the mean of the entries. Alpha stays.",
       .family = "tensor",
       .example = "normalize: {mean: [0.5], std: [0.5]}",
       .node = NodeKind::table,
       .fields = normalize::fields}));
}

}  // namespace leaven::ops
