#include "ops/image/filters.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "core/error.hpp"
#include "core/exact_math.hpp"
#include "kernels/resize.hpp"

namespace leaven::ops {
namespace {

constexpr int kSlack = 16;  ///< combine_rows reads and writes up to the next multiple of this

}  // namespace

Plane with_margin(const Plane& in, int margin_x, int margin_y) {
  Plane out(in.width() + 2 * margin_x + kSlack, in.height() + 2 * margin_y);
  for (int y = 0; y < out.height(); ++y) {
    const float* from = in.row(mirrored(y - margin_y, in.height()));
    float* to = out.row(y);
    std::copy_n(from, in.width(), to + margin_x);
    for (int i = 1; i <= margin_x; ++i) {
      to[margin_x - i] = from[mirrored(-i, in.width())];
      to[margin_x + in.width() - 1 + i] = from[mirrored(in.width() - 1 + i, in.width())];
    }
    std::fill_n(to + in.width() + 2 * margin_x, kSlack, 0.0f);
  }
  return out;
}

Plane weighted_sum(const Plane& in, std::span<const Tap> taps) {
  int margin_x = 0, margin_y = 0;
  std::vector<float> weights;
  for (const Tap& tap : taps) {
    margin_x = std::max(margin_x, std::abs(tap.dx)), margin_y = std::max(margin_y, std::abs(tap.dy));
    weights.push_back(tap.weight);
  }
  const Plane wide = with_margin(in, margin_x, margin_y);
  Plane out(in.width(), in.height());
  std::vector<const float*> rows(taps.size());
  for (int y = 0; y < in.height(); ++y) {
    for (std::size_t t = 0; t < taps.size(); ++t) rows[t] = wide.row(y + margin_y + taps[t].dy) + margin_x + taps[t].dx;
    kernels::combine_rows(rows.data(), weights.data(), static_cast<int>(taps.size()),
                          static_cast<std::size_t>(in.width()), out.row(y));
  }
  return out;
}

std::vector<float> gaussian_taps(double sigma) {
  if (sigma <= 0) return {1.0f};
  const int radius = static_cast<int>(std::ceil(3 * sigma));
  std::vector<double> weights;
  double sum = 0;
  for (int i = -radius; i <= radius; ++i) {
    weights.push_back(exact::exp(-0.5 * (i / sigma) * (i / sigma)));
    sum += weights.back();
  }
  std::vector<float> result;
  for (const double w : weights) result.push_back(static_cast<float>(w / sum));
  return result;
}

Plane gaussian_blurred(const Plane& in, double sigma) {
  const std::vector<float> line = gaussian_taps(sigma);
  const int radius = static_cast<int>(line.size() / 2);
  std::vector<Tap> down, across;
  for (int i = -radius; i <= radius; ++i) {
    const float weight = line[static_cast<std::size_t>(i + radius)];
    down.push_back({0, i, weight}), across.push_back({i, 0, weight});
  }
  return weighted_sum(weighted_sum(in, down), across);
}

std::vector<Tap> normalized(std::vector<Tap> taps) {
  double sum = 0;
  for (const Tap& tap : taps) sum += static_cast<double>(tap.weight);
  if (std::fabs(sum) < 1e-9) throw bug("weights of a filter sum to nothing");
  std::erase_if(taps, [](const Tap& tap) { return tap.weight == 0; });
  for (Tap& tap : taps) tap.weight = static_cast<float>(static_cast<double>(tap.weight) / sum);
  return taps;
}

std::vector<Tap> streak(double length, double angle, double direction) {
  constexpr int kPointsAPixel = 4;
  const double turn = angle * kPi / 180, along_x = exact::cos(turn), along_y = -exact::sin(turn);
  const int radius = static_cast<int>(std::ceil(length / 2)) + 1, side = 2 * radius + 1;
  std::vector<double> weights(static_cast<std::size_t>(side) * static_cast<std::size_t>(side));
  const int points = static_cast<int>(std::ceil(length * kPointsAPixel)) + 1;
  for (int i = 0; i < points; ++i) {
    const double t = points > 1 ? static_cast<double>(i) / (points - 1) - 0.5 : 0;
    const double x = radius + t * length * along_x, y = radius + t * length * along_y;
    const double left = std::floor(x), top = std::floor(y), weight = 1 + 2 * t * direction;
    for (const int down : {0, 1})
      for (const int right : {0, 1}) {
        const double share = (right ? x - left : 1 - (x - left)) * (down ? y - top : 1 - (y - top));
        if (share > 0)
          weights[static_cast<std::size_t>((static_cast<int>(top) + down) * side + static_cast<int>(left) + right)] +=
              share * weight;
      }
  }
  return square_of(radius,
                   [&](int x, int y) { return weights[static_cast<std::size_t>((y + radius) * side + x + radius)]; });
}

}  // namespace leaven::ops
