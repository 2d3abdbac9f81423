#include "plan/raster/mixing.hpp"

#include <algorithm>
#include <numeric>
#include <set>
#include <utility>

#include "core/error.hpp"
#include "core/shown_regions.hpp"

namespace leaven::plan {

namespace {

constexpr RasterShape kMaskKind{1, 1, 1, Dtype::u8};
constexpr std::size_t kMostStrands = 4096;

/// Where a layer lies, cut off at the canvas.
Region place_of(const MixLayer& layer, const RasterShape& shape, Size canvas) {
  const int left = std::max(0, layer.x), top = std::max(0, layer.y);
  return {left, top, std::min(canvas.width, layer.x + shape.width) - left, std::min(canvas.height, layer.y + shape.height) - top};
}

double opacity_at(const MixLayer& layer, const Region& place, int x, int y) {
  if (x < place.x || y < place.y || x >= place.x + place.width || y >= place.y + place.height) return 0;
  return layer.mask ? layer.opacity * layer.mask->row<std::uint8_t>(y - layer.y)[x - layer.x] / 255.0 : layer.opacity;
}

/// Starts of the stretches of an axis within which nothing changes, and its end.
std::vector<int> stretches(const std::vector<Region>& places, bool across, int size, bool each_pixel) {
  std::set<int> edges{0, size};
  for (const Region& r : places) {
    if (r.empty()) continue;
    edges.insert(across ? r.x : r.y);
    edges.insert(across ? r.x + r.width : r.y + r.height);
  }
  if (!each_pixel) return {edges.begin(), edges.end()};
  std::vector<int> all(static_cast<std::size_t>(size) + 1);
  std::iota(all.begin(), all.end(), 0);
  return all;
}

/// The pixels of a mask that are shown by half or more (or not), moved by (x, y).
std::vector<Region> pixels_of(const Raster& mask, bool shown, int x, int y) {
  std::vector<Region> regions =
      shown_regions(mask.shape().size(), [&](int i, int j) { return (2 * mask.row<std::uint8_t>(j)[i] >= 255) == shown; });
  for (Region& r : regions) r.x += x, r.y += y;
  return regions;
}

bool meet(const Region& a, const Region& b) {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

/// A layer that changes how the picture of `own` looks, and nothing of what is to be seen on it.
bool shows_the_same(const MixLayer& layer, const MixLayer& own) { return layer.picture == own.picture && !layer.marks; }

Nodes placed(int x, int y, const RasterShape& layer, Size canvas) {
  if (x == 0 && y == 0 && layer.size() == canvas) return {};
  return {Geometry{Matrix3::translation(-x, -y), canvas, {}, Filter::nearest, true}};
}

}  // namespace

std::vector<double> shares_of(const Mix& mix, const RasterShape& in, std::size_t partners) {
  const std::vector<MixLayer>& layers = *mix.layers;
  std::vector<Region> places;
  bool masked = false;
  for (const MixLayer& layer : layers) {
    places.push_back(place_of(layer, shape_of(layer, mix, in), mix.canvas));
    masked = masked || layer.mask;
  }
  const std::vector<int> xs = stretches(places, true, mix.canvas.width, masked), ys = stretches(places, false, mix.canvas.height, masked);
  std::vector<double> shown(partners + 1);
  for (std::size_t j = 0; j + 1 < ys.size(); ++j)
    for (std::size_t i = 0; i + 1 < xs.size(); ++i) {
      double left = static_cast<double>(xs[i + 1] - xs[i]) * (ys[j + 1] - ys[j]);
      for (std::size_t l = layers.size(); l-- > 0;) {
        const double part = left * opacity_at(layers[l], places[l], xs[i], ys[j]);
        shown.at(static_cast<std::size_t>(layers[l].picture)) += part;
        left -= part;
      }
    }
  const double all = std::accumulate(shown.begin(), shown.end(), 0.0);
  if (all <= 0) shown.front() = 1;
  else
    for (double& share : shown) share /= all;
  return shown;
}

Nodes strand_of(const Mix& mix, std::size_t layer, const RasterShape& in) {
  const std::vector<MixLayer>& layers = *mix.layers;
  const MixLayer& own = layers[layer];
  const RasterShape shape = shape_of(own, mix, in);
  Nodes nodes = own.nodes;
  // A layer cut out for certain instances shows them whole.
  if (own.mask && !own.instances) nodes.push_back(Positional{Holes{pixels_of(*own.mask, false, 0, 0), {}}});
  for (Node& node : placed(own.x, own.y, shape, mix.canvas)) nodes.push_back(std::move(node));
  Holes holes;
  const Region own_place = place_of(own, shape, mix.canvas);
  for (std::size_t l = layer + 1; l < layers.size(); ++l) {
    if (layers[l].opacity < 1 || shows_the_same(layers[l], own)) continue;
    const Region place = place_of(layers[l], shape_of(layers[l], mix, in), mix.canvas);
    if (place.empty() || !meet(place, own_place)) continue;
    const std::vector<Region> covered = layers[l].mask ? pixels_of(*layers[l].mask, true, layers[l].x, layers[l].y) : std::vector{place};
    holes.regions.insert(holes.regions.end(), covered.begin(), covered.end());
  }
  if (!holes.regions.empty()) nodes.push_back(Positional{std::move(holes)});
  return nodes;
}

Mix mask_strand_of(const Mix& mix, std::size_t layer, const RasterShape& in, const RasterShape& mask) {
  Mix out{mix.canvas, {}, nullptr, {}};
  std::vector<MixLayer> layers;
  for (std::size_t l = layer; l < mix.layers->size(); ++l) {
    MixLayer next = (*mix.layers)[l];
    if (l != layer && (next.opacity < 0.5 || shows_the_same(next, (*mix.layers)[layer]))) continue;
    next.opacity = 1;
    if (l == layer) {
      next.picture = 0;
      next.nodes = nodes_of_masks(next.nodes);
    } else {
      auto nothing = std::make_shared<Raster>(conformed(shape_of(next, mix, in), mask));
      std::fill_n(nothing->data(), nothing->shape().bytes(), std::byte{});
      out.partners.push_back(std::move(nothing));
      next.picture = static_cast<int>(out.partners.size());
      next.nodes.clear();
    }
    layers.push_back(std::move(next));
  }
  out.layers = std::make_shared<const std::vector<MixLayer>>(std::move(layers));
  return out;
}

std::vector<std::size_t> own_layers(const Mix& mix) {
  std::vector<std::size_t> own;
  for (std::size_t l = 0; l < mix.layers->size(); ++l)
    if ((*mix.layers)[l].picture == 0 && (*mix.layers)[l].marks) own.push_back(l);
  return own;
}

static Nodes out_of_sight(const Mix& mix, const RasterShape& in) {
  return {Geometry{Matrix3::translation(in.width + mix.canvas.width, 0), mix.canvas, {}, Filter::nearest, true}};
}

Nodes own_strand(const Mix& mix, const RasterShape& in) {
  const std::vector<std::size_t> own = own_layers(mix);
  if (own.size() > 1) throw usage_error("shows the picture in several places, and a point of it has no one place then");
  return own.empty() ? out_of_sight(mix, in) : strand_of(mix, own.front(), in);
}

namespace {

/// Partners' layers stay as they are: whoever has their masks makes them fit.
Mix mix_of_own_masks(Mix mix) {
  std::vector<MixLayer> layers;
  for (MixLayer layer : *mix.layers) {
    if (layer.picture == 0) {
      if (layer.opacity < 0.5 || !layer.marks) continue;
      layer.opacity = 1;
      layer.nodes = nodes_of_masks(layer.nodes);
    }
    layers.push_back(std::move(layer));
  }
  mix.fill = {};
  mix.layers = std::make_shared<const std::vector<MixLayer>>(std::move(layers));
  return mix;
}

}  // namespace

Nodes nodes_of_masks(const Nodes& nodes) {
  Nodes moved;
  const auto nearest = [](auto n) {
    n.filter = Filter::nearest;
    n.border.fill = {};
    return n;
  };
  for (const Node& node : nodes) {
    if (const auto* geometry = std::get_if<Geometry>(&node)) moved.push_back(nearest(*geometry));
    else if (const auto* displacement = std::get_if<Displacement>(&node)) moved.push_back(nearest(*displacement));
    else if (const auto* mix = std::get_if<Mix>(&node)) moved.push_back(mix_of_own_masks(*mix));
  }
  return moved;
}

bool moves_pixels(const Node& node) {
  if (std::holds_alternative<Geometry>(node) || std::holds_alternative<Displacement>(node)) return true;
  if (const auto* mix = std::get_if<Mix>(&node)) return own_layers(*mix).size() != 1;
  const auto* opaque = std::get_if<Opaque>(&node);
  return opaque && !opaque->keeps_geometry;
}

void Strand::add(const std::string& path, Nodes for_points, Nodes for_masks) {
  points.push_back({path, std::move(for_points)});
  masks.push_back({path, std::move(for_masks)});
}

std::vector<Strand> strands_of(std::span<const LoweredStep> steps, const RasterShape& source, std::vector<Strand> ways) {
  RasterShape shape = source;
  for (const LoweredStep& step : steps)
    for (const Node& node : step.nodes) {
      const auto* mix = std::get_if<Mix>(&node);
      const std::vector<std::size_t> own = mix ? own_layers(*mix) : std::vector<std::size_t>{};
      if (own.empty()) {
        const Nodes points = mix ? out_of_sight(*mix, shape) : Nodes{node};
        for (Strand& way : ways) way.add(step.path, points, nodes_of_masks(points));
      } else {
        if (ways.size() * own.size() > kMostStrands)
          throw usage_error("cuts the picture into more pieces than labels can follow").with_step(step.path);
        std::vector<Strand> split;
        for (const Strand& way : ways)
          for (const std::size_t layer : own) {
            split.push_back(way);
            split.back().add(step.path, strand_of(*mix, layer, shape), {mask_strand_of(*mix, layer, shape, kMaskKind)});
          }
        ways = std::move(split);
      }
      shape = shape_after(node, shape);
    }
  return ways;
}

}  // namespace leaven::plan
