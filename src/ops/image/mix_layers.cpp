#include <algorithm>
#include <memory>

#include "core/value.hpp"
#include "ops/image/mix.hpp"

namespace leaven::ops {

Size picture_size(const Site& at, int picture) {
  const auto partner = static_cast<std::size_t>(picture) - 1;
  return picture > 0 && partner < at.partners.size() ? at.partners[partner].image.size() : at.image.size();
}

Nodes covering(Size from, Size to, const Region& part) {
  if (from == to && part == Region::whole(to)) return {};
  const double scale = std::max(static_cast<double>(to.width) / from.width, static_cast<double>(to.height) / from.height);
  const Matrix3 to_picture = Matrix3::translation(from.width / 2.0, from.height / 2.0) * Matrix3::scaling(1 / scale, 1 / scale) *
                             Matrix3::translation(part.x - to.width / 2.0, part.y - to.height / 2.0);
  return {Geometry{to_picture, {part.width, part.height}, {.kind = BorderKind::edge}, Filter::bilinear, true}};
}

MixLayer covering_layer(const Site& at, int picture, const Region& part) {
  MixLayer layer;
  layer.picture = picture;
  layer.nodes = covering(picture_size(at, picture), at.image.size(), part);
  layer.x = part.x;
  layer.y = part.y;
  return layer;
}

Node mix_of(Size canvas, std::vector<MixLayer> layers, std::array<float, 4> fill) {
  return Mix{canvas, fill, std::make_shared<const std::vector<MixLayer>>(std::move(layers)), {}};
}

double draw_share(double alpha, Key key) { return draw(beta(alpha, alpha), key); }

}  // namespace leaven::ops
