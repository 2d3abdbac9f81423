// Channels changed places, or gone.
#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "core/all_channels.hpp"
#include "core/error.hpp"
#include "ops/image/channels.hpp"

namespace leaven::ops {
namespace {

constexpr int kLastChannel = kMostChannels - 1;

// How many colour channels the picture has: at.image is all of it in resolve(), and in lower() maybe a group.
int colours_of(const Site& at) { return at.group.all > 0 ? at.group.all : at.image.colour_channels(); }
// What grey pictures, which stay, have drawn is what colour ones have.
int drawn_of(const Site& at) { return colours_of(at) == 1 ? 3 : colours_of(at); }

// 0, 1, …, count − 1 in a random order (Fisher and Yates 1938).
std::vector<double> shuffled_channels(int count, Key key) {
  std::vector<double> order(static_cast<std::size_t>(count));
  std::iota(order.begin(), order.end(), 0.0);
  for (std::size_t i = order.size() - 1; i > 0; --i) std::swap(order[i], order[draw_below(key, i + 1, i)]);
  return order;
}

std::vector<std::size_t> as_places(const std::vector<double>& channels) {
  std::vector<std::size_t> places;
  for (const double c : channels) places.push_back(static_cast<std::size_t>(std::nearbyint(c)));
  return places;
}

void require_channels(const char* field, const std::vector<std::size_t>& channels, const Site& at) {
  const int colours = colours_of(at);
  for (const std::size_t c : channels)
    if (c >= static_cast<std::size_t>(colours))
      throw usage_error(std::string(field) + " must name channels 0 to " + std::to_string(colours - 1) + ", got " + std::to_string(c) +
                        " on " + described_picture(at));
}

namespace channel_shuffle {
struct Op {
  std::vector<double> order{};
};
constexpr auto fields = std::array{
    field<&Op::order>("order", {.doc = "Which channel comes first, second, third …: [2, 1, 0] makes BGR of RGB",
                                .lo = 0,
                                .hi = kLastChannel,
                                .unit = "1",
                                .min_count = 2,
                                .max_count = kMostChannels,
                                .resolved = true})};
void resolve(Op& op, const Site& at) {
  if (op.order.empty()) op.order = shuffled_channels(drawn_of(at), at.key);
}

Nodes moved_colours(const std::vector<std::size_t>& order) {
  ColorMatrix matrix{.m = {}};
  for (std::size_t row = 0; row < 3; ++row) matrix.m[4 * row + order[row]] = 1;
  if (matrix.m == ColorMatrix{}.m) return {};
  return {matrix};
}

template <class T>
Raster moved(const RasterView& image, const std::vector<std::size_t>& order) {
  Raster out(image.shape);
  out.origin_x = image.origin_x, out.origin_y = image.origin_y;
  const auto channels = static_cast<std::size_t>(image.shape.channels);
  for (int y = 0; y < image.shape.height; ++y) {
    const T* in = image.row<T>(y);
    T* to = out.row<T>(y);
    for (int x = 0; x < image.shape.width; ++x, in += channels, to += channels) {
      for (std::size_t c = 0; c < order.size(); ++c) to[c] = in[order[c]];
      for (std::size_t c = order.size(); c < channels; ++c) to[c] = in[c];  // alpha
    }
  }
  return out;
}

Nodes lower(const Op& op, const Site& at) {
  const int colours = colours_of(at);
  if (colours == 1) return {};
  const std::vector<std::size_t> order = as_places(op.order);
  if (order.size() != static_cast<std::size_t>(colours))
    throw usage_error("order must have an entry for each of " + std::to_string(colours) + " channels, got " + std::to_string(order.size()));
  require_channels("order", order, at);
  if (colours == 3) return moved_colours(order);
  return {Opaque{.apply = AllChannels{[order](const RasterView& image) {
    switch (image.shape.dtype) {
      case Dtype::u8: return moved<std::uint8_t>(image, order);
      case Dtype::u16: return moved<std::uint16_t>(image, order);
      case Dtype::f32: break;
    }
    return moved<float>(image, order);
  }}}};
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
    field<&Op::channels>("channels", {.doc = "How many of the channels go; one is left at least", .lo = 1, .hi = kLastChannel, .unit = "1"}),
    field<&Op::fill>("fill", {.doc = "Value of a channel that is gone", .lo = 0, .hi = 1, .unit = "fraction"}),
    field<&Op::dropped>("dropped", {.doc = "The channels that go, from 0", .lo = 0, .hi = kLastChannel, .unit = "1",
        .min_count = 1, .max_count = kMostChannels, .resolved = true})};
// clang-format on
void resolve(Op& op, const Site& at) {
  const int colours = drawn_of(at);
  if (!op.dropped.empty()) return;
  if (op.channels >= colours)
    throw usage_error("channels must be below the " + std::to_string(colours) + " of the picture, got " + std::to_string(op.channels));
  op.dropped = shuffled_channels(colours, at.key);
  op.dropped.resize(static_cast<std::size_t>(op.channels));
}
Nodes lower(const Op& op, const Site& at) {
  if (colours_of(at) == 1) return {};
  const std::vector<std::size_t> dropped = as_places(op.dropped);
  require_channels("dropped", dropped, at);
  Table table{};
  const auto first = static_cast<std::size_t>(at.group.first);
  for (const std::size_t c : dropped)
    if (c >= first && c < first + table.curves.size()) table.curves[c - first] = {.form = Curve::Form::affine, .a = 0, .b = op.fill};
  return {table};
}
}  // namespace channel_dropout

}  // namespace

void add_channel_order(OpTable& t) {
  t.add(op<channel_shuffle::Op, channel_shuffle::lower, channel_shuffle::resolve>(
      {.name = "channel_shuffle",
       .summary = "Let channels change places",
       .detail = "Channel i of the result is channel order[i] of the picture, of any number of channels; left out, the order is one of "
                 "all, all alike. Grey images and alpha stay.",
       .family = "color",
       .example = "channel_shuffle: {order: [2, 1, 0]}",
       .node = NodeKind::color_matrix,
       .fields = channel_shuffle::fields}));
  t.add(op<channel_dropout::Op, channel_dropout::lower, channel_dropout::resolve>(
      {.name = "channel_dropout",
       .summary = "Lose one or several channels",
       .detail = "v' = fill in the dropped channels, of any number, which are drawn unless given. Grey images and alpha stay.",
       .family = "color",
       .example = "channel_dropout: {channels: 1}",
       .node = NodeKind::table,
       .fields = channel_dropout::fields,
       .tints = true}));
}

}  // namespace leaven::ops
