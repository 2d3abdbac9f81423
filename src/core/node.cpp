#include "core/node.hpp"

namespace leaven {

std::string_view name_of(NodeKind kind) {
  switch (kind) {
    case NodeKind::geometry: return "geometry";
    case NodeKind::displacement: return "displacement";
    case NodeKind::table: return "table";
    case NodeKind::color_matrix: return "color_matrix";
    case NodeKind::color_function: return "color_function";
    case NodeKind::positional: return "positional";
    case NodeKind::stencil: return "stencil";
    case NodeKind::reduce: return "reduce";
    case NodeKind::opaque: return "opaque";
    case NodeKind::mix: return "mix";
    case NodeKind::columns: return "columns";
    case NodeKind::time_map: return "time_map";
    case NodeKind::series_values: return "series_values";
    case NodeKind::series_whole: return "series_whole";
  }
  return "";
}

Raster Opaque::made_of(const RasterView& image) const {
  if (!apply_beside) return apply(image);
  std::vector<RasterView> views;
  for (const auto& partner : partners) views.push_back(partner ? partner->view() : image);
  return apply_beside(image, views);
}

// The variant lists its alternatives in the order of the enum.
NodeKind kind_of(const Node& node) { return static_cast<NodeKind>(node.index()); }

RasterShape shape_after(const Node& node, const RasterShape& in) {
  RasterShape out = in;
  if (const auto* geometry = std::get_if<Geometry>(&node)) {
    out.width = geometry->canvas.width;
    out.height = geometry->canvas.height;
  } else if (const auto* mix = std::get_if<Mix>(&node)) {
    out.width = mix->canvas.width;
    out.height = mix->canvas.height;
  } else if (const auto* table = std::get_if<Table>(&node); table && table->unbounded) {
    out.dtype = Dtype::f32;
    out.bounded = false;
  }
  return out;
}

RasterShape shape_of(const MixLayer& layer, const Mix& mix, const RasterShape& in) {
  const auto partner = static_cast<std::size_t>(layer.picture) - 1;
  RasterShape shape = in;
  if (layer.picture > 0 && partner < mix.partners.size() && mix.partners[partner]) shape = mix.partners[partner]->shape();
  for (const Node& node : layer.nodes) shape = shape_after(node, shape);
  return shape;
}

}  // namespace leaven
