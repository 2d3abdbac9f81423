// Ops that hold steps: those run on the picture, on its tiles or for some of its channels, and are laid over it.
#include <algorithm>
#include <array>
#include <cmath>

#include "core/error.hpp"
#include "ops/families.hpp"
#include "ops/image/blend_mask.hpp"
#include "ops/image/canvas.hpp"
#include "ops/image/mix.hpp"

namespace leaven::ops {
namespace {

/// The picture, and over it what the steps made of it.
Nodes over_itself(const Site& at, MixLayer layer) {
  layer.nodes = at.inside.front();
  layer.marks = false;
  return {mix_of(at.image.size(), {MixLayer{}, std::move(layer)})};
}

bool nothing_inside(const Site& at) {
  return std::ranges::all_of(at.inside, [](const Nodes& nodes) { return nodes.empty(); });
}

namespace blend {
struct Op {
  BlendMask mask = BlendMask::noise;
  double amount = 1, size = 0.25, sharpness = 0.5, roughness = 0.5, degrees = 0, x = 0.5, y = 0.5;
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::mask>("mask", {.doc = "Where the steps show", .choices = kBlendMaskNames}),
    field<&Op::amount>("amount", {.doc = "How much they show where they show most", .lo = 0, .hi = 1, .unit = "fraction",
        .neutral = 0, .strong = 1, .draw = uniform(0.3, 1)}),
    field<&Op::size>("size", {.doc = "Coarsest wave of the noise, radius, width of a band or side of a square, of the shorter side",
        .lo = 0.005, .hi = 2, .unit = "fraction", .draw = log_uniform(0.05, 0.5)}),
    field<&Op::sharpness>("sharpness", {.doc = "0: the mask fades evenly, 1: it has an edge and only shows or does not", .lo = 0, .hi = 1,
        .unit = "fraction"}),
    field<&Op::roughness>("roughness", {.doc = "Weight of each halved wave of noise, of the one before; 0: one smooth wave, 1: all alike", .lo = 0, .hi = 1, .unit = "fraction"}),
    field<&Op::degrees>("degrees", {.doc = "Direction of gradient and stripes, counter-clockwise from the right", .lo = -180, .hi = 180,
        .unit = "degrees", .draw = uniform(-180, 180)}),
    field<&Op::x>("x", {.doc = "Middle of the circle: 0 left, 1 right", .lo = 0, .hi = 1, .unit = "fraction", .draw = uniform(0, 1)}),
    field<&Op::y>("y", {.doc = "Middle of the circle: 0 top, 1 bottom", .lo = 0, .hi = 1, .unit = "fraction", .draw = uniform(0, 1)})};
// clang-format on

std::vector<RasterShape> inside(const Op& op, const Site& at) {
  return op.amount > 0 ? std::vector{at.image} : std::vector<RasterShape>{};
}

Nodes lower(const Op& op, const Site& at) {
  if (nothing_inside(at)) return {};
  MixLayer layer;
  layer.opacity = op.amount;
  if (op.mask != BlendMask::even)
    layer.mask = blend_mask(at.image.size(), {op.mask, op.size, op.sharpness, op.roughness, op.degrees, op.x, op.y}, at.key);
  return over_itself(at, std::move(layer));
}
}  // namespace blend

namespace in_channels {
struct Op {
  std::vector<double> channels{0};
};
constexpr auto fields = std::array{
    field<&Op::channels>("channels", {.doc = "Which, counted from 0: red, green, blue; alpha comes last", .lo = 0, .hi = kMostChannels - 1,
                                      .unit = "1", .min_count = 1, .max_count = kMostChannels})};

std::vector<RasterShape> inside(const Op&, const Site& at) { return {at.image}; }

Nodes lower(const Op& op, const Site& at) {
  MixLayer layer;
  layer.channels = 0;
  for (const double channel : op.channels) {
    if (channel != std::floor(channel)) throw usage_error("channels must be whole numbers, got " + to_text(Value(op.channels))).with_field("channels");
    const int number = static_cast<int>(channel), all = at.group.all > 0 ? at.group.all : at.image.channels;
    if (number >= all)
      throw usage_error("the picture has the channels 0 to " + std::to_string(all - 1) + ", got " + to_text(Value(channel)))
          .with_field("channels");
    const int here = number - at.group.first;
    if (here >= 0 && here < at.image.channels) layer.channels |= 1U << static_cast<unsigned>(here);
  }
  if (nothing_inside(at)) return {};
  return over_itself(at, std::move(layer));
}
}  // namespace in_channels

namespace in_tiles {
constexpr int kMostTiles = 16;  // a side
struct Op {
  int columns = 2, rows = 2;
  double share = 1;
  std::vector<double> chosen{};
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::columns>("columns", {.doc = "Tiles from left to right", .lo = 1, .hi = kMostTiles, .unit = "1"}),
    field<&Op::rows>("rows", {.doc = "Tiles from top to bottom", .lo = 1, .hi = kMostTiles, .unit = "1"}),
    field<&Op::share>("share", {.doc = "How likely the steps run on a tile", .lo = 0, .hi = 1, .unit = "fraction", .neutral = 0,
        .strong = 1, .draw = uniform(0.4, 0.9)}),
    field<&Op::chosen>("chosen", {.doc = "1 for each tile that they run on, else 0, row by row", .lo = 0, .hi = 1, .unit = "1",
        .min_count = 1, .max_count = kMostTiles * kMostTiles, .resolved = true})};
// clang-format on

struct Tile {
  Region region{};
  bool chosen{};
};

/// Those that have pixels. Together they are the whole picture.
std::vector<Tile> tiles_of(const Op& op, Size size) {
  const auto wanted = static_cast<std::size_t>(op.columns * op.rows);
  if (op.chosen.size() != wanted)
    throw usage_error("chosen must hold a number for each of " + std::to_string(wanted) + " tiles, got " + std::to_string(op.chosen.size()))
        .with_field("chosen");
  std::vector<Tile> tiles;
  for (int row = 0; row < op.rows; ++row)
    for (int column = 0; column < op.columns; ++column) {
      const int left = size.width * column / op.columns, right = size.width * (column + 1) / op.columns;
      const int top = size.height * row / op.rows, bottom = size.height * (row + 1) / op.rows;
      if (left == right || top == bottom) continue;
      tiles.push_back({{left, top, right - left, bottom - top}, op.chosen[static_cast<std::size_t>(row * op.columns + column)] > 0});
    }
  return tiles;
}

void resolve(Op& op, const Site& at) {
  if (!op.chosen.empty()) return;
  for (int i = 0; i < op.columns * op.rows; ++i)
    op.chosen.push_back(draw_unit(at.key, static_cast<std::uint64_t>(i)) < op.share ? 1 : 0);
}

std::vector<RasterShape> inside(const Op& op, const Site& at) {
  std::vector<RasterShape> shapes;
  for (const Tile& tile : tiles_of(op, at.image.size())) {
    if (!tile.chosen) continue;
    shapes.push_back(at.image);
    shapes.back().width = tile.region.width, shapes.back().height = tile.region.height;
  }
  return shapes;
}

bool moves_pixels(const Node& node) {
  const auto* opaque = std::get_if<Opaque>(&node);
  return std::holds_alternative<Geometry>(node) || std::holds_alternative<Displacement>(node) || std::holds_alternative<Mix>(node) ||
         (opaque && !opaque->keeps_geometry);
}

/// Where steps move pixels, marks go with each tile, and the tiles are all there is; else they stay with the picture below.
Nodes lower(const Op& op, const Site& at) {
  if (nothing_inside(at)) return {};
  const bool moves = std::ranges::any_of(at.inside, [](const Nodes& nodes) { return std::ranges::any_of(nodes, moves_pixels); });
  std::vector<MixLayer> layers;
  if (!moves) layers.emplace_back();
  std::size_t number = 0;
  for (const Tile& tile : tiles_of(op, at.image.size())) {
    if (!tile.chosen && !moves) continue;
    MixLayer& layer = layers.emplace_back();
    layer.x = tile.region.x, layer.y = tile.region.y;
    layer.marks = moves;
    layer.nodes.push_back(cut(tile.region, {}));
    if (!tile.chosen) continue;
    const Nodes& nodes = at.inside[number++];
    layer.nodes.insert(layer.nodes.end(), nodes.begin(), nodes.end());
  }
  return {mix_of(at.image.size(), std::move(layers))};
}
}  // namespace in_tiles

}  // namespace

void add_inside(OpTable& t) {
  t.add(op<blend::Op, blend::lower, nullptr, nullptr, nullptr, blend::inside>(
      {.name = "blend",
       .summary = "Lay what its steps make of the picture over it, by a mask",
       .detail = "x + amount·m·(steps(x) − x). The mask m, from 0 to 1 and given in 1/255: even 1; noise: octaves of value noise, the "
                 "coarsest of wave `size`, each halving with `roughness` of the weight, stretched to 0 … 1; gradient: from 0 at one "
                 "side to 1 at the other; circle: 1 − d/2r, so that d = r has a half; stripes: a triangle wave; checkerboard: 0 and 1; "
                 "cells: a number for each square. Then m' = clamp(1/2 + (m − 1/2)/(1 − sharpness)). Labels stay; on annotated "
                 "pictures the steps must leave pixels in their place.",
       .family = "mix",
       .example = "blend: {mask: noise, steps: [grayscale, {gaussian_blur: {sigma: 3}}]}",
       .node = NodeKind::mix,
       .fields = blend::fields}));
  t.add(op<in_tiles::Op, in_tiles::lower, in_tiles::resolve, nullptr, nullptr, in_tiles::inside>(
      {.name = "in_tiles",
       .summary = "Run its steps on tiles of the picture, each with draws of its own",
       .detail = "Tiles from floor(i·W/columns) to floor((i + 1)·W/columns), rows alike. The steps must leave a tile as large as it is. "
                 "Labels stay where no step moves pixels; else they go with the tiles, and what lies in several becomes a thing in each.",
       .family = "mix",
       .example = "in_tiles: {columns: 3, rows: 3, share: 0.5, steps: [gaussian_blur]}",
       .node = NodeKind::mix,
       .fields = in_tiles::fields}));
  t.add(op<in_channels::Op, in_channels::lower, nullptr, nullptr, nullptr, in_channels::inside>(
      {.name = "in_channels",
       .summary = "Of what its steps make of the picture, take some channels only",
       .detail = "The steps see all channels, and the others stay as they were. Colours of pictures with alpha keep the alpha that "
                 "they have, unless alpha's channel is among those taken. Labels stay; on annotated pictures the steps must leave "
                 "pixels in their place.",
       .family = "mix",
       .example = "in_channels: {channels: [0], steps: [gaussian_noise]}",
       .node = NodeKind::mix,
       .fields = in_channels::fields,
       .tints = true}));
}

}  // namespace leaven::ops
