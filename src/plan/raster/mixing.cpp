#include "plan/raster/mixing.hpp"

#include <algorithm>
#include <numeric>
#include <set>

namespace leaven::plan {

namespace {

constexpr int kMaskCells = 32;  // along a mask's longer side

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

/// The cells of a mask that are shown (or not), as few regions: neighbours in a row are one.
std::vector<Region> cells_of(const Raster& mask, bool shown, int x, int y) {
  const Size size = mask.shape().size();
  const int cell = std::max(1, (std::max(size.width, size.height) + kMaskCells - 1) / kMaskCells);
  std::vector<Region> regions;
  for (int top = 0; top < size.height; top += cell) {
    const int height = std::min(cell, size.height - top);
    bool goes_on = false;
    for (int left = 0; left < size.width; left += cell) {
      const int width = std::min(cell, size.width - left);
      std::int64_t sum = 0;
      for (int j = top; j < top + height; ++j)
        for (int i = left; i < left + width; ++i) sum += mask.row<std::uint8_t>(j)[i];
      const bool here = (2 * sum >= std::int64_t{255} * width * height) == shown;
      if (here && goes_on) regions.back().width += width;
      else if (here) regions.push_back({x + left, y + top, width, height});
      goes_on = here;
    }
  }
  return regions;
}

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
  if (own.mask && !own.instances) nodes.push_back(Positional{Holes{cells_of(*own.mask, false, 0, 0), {}}});
  for (Node& node : placed(own.x, own.y, shape, mix.canvas)) nodes.push_back(std::move(node));
  Holes holes;
  for (std::size_t l = layer + 1; l < layers.size(); ++l) {
    if (layers[l].opacity < 1) continue;
    const Region place = place_of(layers[l], shape_of(layers[l], mix, in), mix.canvas);
    if (place.empty()) continue;
    const std::vector<Region> covered = layers[l].mask ? cells_of(*layers[l].mask, true, layers[l].x, layers[l].y) : std::vector{place};
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
    if (next.opacity < 0.5 && l != layer) continue;
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

std::optional<std::size_t> own_layer(const Mix& mix) {
  for (std::size_t l = 0; l < mix.layers->size(); ++l)
    if ((*mix.layers)[l].picture == 0 && (*mix.layers)[l].marks) return l;
  return std::nullopt;
}

Nodes own_strand(const Mix& mix, const RasterShape& in) {
  if (const auto layer = own_layer(mix)) return strand_of(mix, *layer, in);
  return {Geometry{Matrix3::translation(in.width + mix.canvas.width, 0), mix.canvas, {}, Filter::nearest, true}};
}

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
    else if (std::holds_alternative<Mix>(node)) moved.push_back(node);
  }
  return moved;
}

}  // namespace leaven::plan
