// Channels changed places, or gone.
#include <algorithm>
#include <array>
#include <cmath>

#include "core/error.hpp"
#include "ops/image/channels.hpp"

namespace leaven::ops {
namespace {

// 0, 1 and 2 in a random order (Fisher and Yates 1938).
std::vector<double> shuffled_channels(Key key) {
  std::vector<double> order{0, 1, 2};
  for (std::size_t i = 2; i > 0; --i) std::swap(order[i], order[draw_below(key, i + 1, i)]);
  return order;
}

namespace channel_shuffle {
struct Op {
  std::vector<double> order{};
};
constexpr auto fields = std::array{
    field<&Op::order>("order", {.doc = "Which channel comes first, second, third: [2, 1, 0] makes BGR of RGB",
                                .lo = 0,
                                .hi = 2,
                                .unit = "1",
                                .min_count = 3,
                                .max_count = 3,
                                .resolved = true})};
void resolve(Op& op, const Site& at) {
  if (op.order.empty()) op.order = shuffled_channels(at.key);
}
Nodes lower(const Op& op, const Site& at) {
  if (!has_colour(at)) return {};
  ColorMatrix matrix{.m = {}};
  for (std::size_t row = 0; row < 3; ++row)
    matrix.m[4 * row + static_cast<std::size_t>(std::nearbyint(op.order[row]))] = 1;
  if (matrix.m == ColorMatrix{}.m) return {};
  return {matrix};
}
}  // namespace channel_shuffle

namespace channel_dropout {
struct Op {
  int channels = 1;
  double fill = 0;
  std::vector<double> dropped{};
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::channels>("channels", {.doc = "How many of three channels go", .lo = 1, .hi = 2, .unit = "1"}),
    field<&Op::fill>("fill", {.doc = "Value of a channel that is gone", .lo = 0, .hi = 1, .unit = "fraction"}),
    field<&Op::dropped>("dropped", {.doc = "The channels that go, from 0", .lo = 0, .hi = 2, .unit = "1",
        .min_count = 1, .max_count = 3, .resolved = true})};
// clang-format on
void resolve(Op& op, const Site& at) {
  if (!op.dropped.empty()) return;
  op.dropped = shuffled_channels(at.key);
  op.dropped.resize(static_cast<std::size_t>(op.channels));
}
Nodes lower(const Op& op, const Site& at) {
  if (!has_colour(at)) return {};
  Table table{};
  for (const double c : op.dropped)
    table.curves[static_cast<std::size_t>(std::nearbyint(c))] = {.form = Curve::Form::affine, .a = 0, .b = op.fill};
  return {table};
}
}  // namespace channel_dropout

}  // namespace

void add_channel_order(OpTable& t) {
  t.add(op<channel_shuffle::Op, channel_shuffle::lower, channel_shuffle::resolve>(
      {.name = "channel_shuffle",
       .summary = "Let red, green and blue change places",
       .detail = "Channel i of the result is channel order[i] of the picture; left out, the order is one of the six, "
                 "all alike. Grey images stay.",
       .family = "color",
       .example = "channel_shuffle: {order: [2, 1, 0]}",
       .node = NodeKind::color_matrix,
       .fields = channel_shuffle::fields}));
  t.add(op<channel_dropout::Op, channel_dropout::lower, channel_dropout::resolve>(
      {.name = "channel_dropout",
       .summary = "Lose one or two colour channels",
       .detail = "v' = fill in the dropped channels, which are drawn unless given. Grey images stay.",
       .family = "color",
       .example = "channel_dropout: {channels: 1}",
       .node = NodeKind::table,
       .fields = channel_dropout::fields,
       .tints = true}));
}

}  // namespace leaven::ops
