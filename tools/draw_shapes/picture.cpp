#include "tools/draw_shapes/picture.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <vector>

namespace leaven::demo {

namespace {

using Colour = std::array<double, 3>;  ///< red, green, blue in [0, 1]

/// hue in turns, saturation and value in [0, 1] (A. R. Smith, "Color gamut transform pairs", SIGGRAPH 1978).
Colour from_hsv(double hue, double saturation, double value) {
  Colour colour{};
  for (int i = 0; i < 3; ++i) {
    const double sector = std::fmod(hue * 6 + (i == 0 ? 5 : i == 1 ? 3 : 1), 6.0);
    colour.at(static_cast<std::size_t>(i)) =
        value - value * saturation * std::clamp(std::min(sector, 4 - sector), 0.0, 1.0);
  }
  return colour;
}

Colour mix(const Colour& a, const Colour& b, double share) {
  Colour mixed{};
  for (std::size_t i = 0; i < 3; ++i) mixed[i] = a[i] + (b[i] - a[i]) * share;
  return mixed;
}

Colour lit(const Colour& colour, double light) { return {colour[0] * light, colour[1] * light, colour[2] * light}; }

double smooth(double t) { return t * t * (3 - 2 * t); }

/// Random values at the knots of a grid, smooth between them: K. Perlin's value noise, one octave, in [-1, 1].
class Cloud {
 public:
  Cloud(Size area, double cell, Dice& dice)
      : cell_(cell),
        columns_(static_cast<int>(area.width / cell) + 2),
        knots_(static_cast<std::size_t>(columns_) * static_cast<std::size_t>(area.height / cell + 2)) {
    for (double& knot : knots_) knot = dice.between(-1, 1);
  }

  double at(double x, double y) const {
    const int column = static_cast<int>(x / cell_), row = static_cast<int>(y / cell_);
    const double right = smooth(x / cell_ - column), down = smooth(y / cell_ - row);
    const double upper = std::lerp(knot(column, row), knot(column + 1, row), right);
    const double lower = std::lerp(knot(column, row + 1), knot(column + 1, row + 1), right);
    return std::lerp(upper, lower, down);
  }

 private:
  double knot(int column, int row) const { return knots_[static_cast<std::size_t>(row * columns_ + column)]; }

  double cell_;
  int columns_;
  std::vector<double> knots_;
};

/// Two colours across the picture at any angle, with clouds of two sizes and darker corners.
class Background {
 public:
  Background(Size area, double hue, Dice& dice)
      : area_(area),
        from_(from_hsv(hue, dice.between(0.15, 0.55), dice.between(0.45, 0.95))),
        to_(from_hsv(std::fmod(hue + dice.between(0.9, 1.1), 1.0), dice.between(0.1, 0.6), dice.between(0.25, 0.7))),
        angle_(dice.between(0, 2 * std::numbers::pi)),
        roughness_(dice.between(0.04, 0.16)),
        wide_(area, dice.between(40, 80), dice),
        fine_(area, dice.between(5, 12), dice) {}

  Colour at(double x, double y) const {
    const double u = x / area_.width - 0.5, v = y / area_.height - 0.5;
    const double along = 0.5 + 0.7 * (u * std::cos(angle_) + v * std::sin(angle_));
    const double clouds = wide_.at(x, y) + 0.5 * fine_.at(x, y);
    const double corners = 1 - 0.5 * (u * u + v * v);
    return lit(mix(from_, to_, std::clamp(along, 0.0, 1.0)), corners * (1 + roughness_ * clouds));
  }

 private:
  Size area_;
  Colour from_, to_;
  double angle_, roughness_;
  Cloud wide_, fine_;
};

/// Where the shape lies: its centre and circumradius in pixels, and how it is turned.
struct Pose {
  double x{}, y{}, radius{}, cosine{}, sine{};

  Pose(Size area, Dice& dice) {
    const double shorter = std::min(area.width, area.height);
    radius = shorter * dice.between(0.2, 0.38);
    x = dice.between(radius * 1.1, area.width - radius * 1.1);
    y = dice.between(radius * 1.1, area.height - radius * 1.1);
    const double turn = dice.between(-0.4, 0.4);
    cosine = std::cos(turn);
    sine = std::sin(turn);
  }
};

/// Share of a pixel that the shape covers, from samples × samples points in it.
double coverage(Shape shape, const Pose& pose, double x, double y, int samples) {
  const double reach = pose.radius + 1;
  if (std::hypot(x + 0.5 - pose.x, y + 0.5 - pose.y) > reach) return 0;
  int inside = 0;
  for (int i = 0; i < samples * samples; ++i) {
    const double dx = (x + (i % samples + 0.5) / samples - pose.x) / pose.radius;
    const double dy = (y + (i / samples + 0.5) / samples - pose.y) / pose.radius;
    inside += covers(shape, pose.cosine * dx + pose.sine * dy, pose.cosine * dy - pose.sine * dx);
  }
  return static_cast<double>(inside) / (samples * samples);
}

/// The shadow falls right and down; its edge is as soft as a few points spread over the penumbra make it.
double shadow(Shape shape, const Pose& pose, double x, double y) {
  constexpr int kPoints = 12;
  const double shift = pose.radius * 0.16, penumbra = pose.radius * 0.12;
  double covered = 0;
  for (int i = 0; i < kPoints; ++i) {
    // A sunflower's seeds fill a disc evenly (H. Vogel, 1979): steps of the golden angle, radius by the square root.
    const double angle = i * 2.39996, distance = penumbra * std::sqrt((i + 0.5) / kPoints);
    covered += coverage(shape, pose, x - shift - distance * std::cos(angle), y - shift - distance * std::sin(angle), 1);
  }
  return covered / kPoints;
}

}  // namespace

Raster draw(Shape shape, Dice dice) {
  constexpr int kSamples = 4;  // a side of a pixel, for smooth edges
  Size area{dice.integer(160, 320), 0};
  area.height = std::clamp(static_cast<int>(area.width * dice.between(0.7, 0.8)), 120, 240);
  if (dice.unit() < 0.25) std::swap(area.width, area.height);
  const double hue = dice.unit();
  const Background background(area, hue, dice);
  const Pose pose(area, dice);
  // Away from the background's hue, so that the shape can be seen.
  const Colour paint =
      from_hsv(std::fmod(hue + dice.between(0.3, 0.7), 1.0), dice.between(0.55, 0.95), dice.between(0.6, 1.0));
  const double grain = dice.between(0.005, 0.025);

  Raster picture(RasterShape{.width = area.width, .height = area.height, .channels = 3});
  for (int y = 0; y < area.height; ++y) {
    auto* pixel = picture.row<std::uint8_t>(y);
    for (int x = 0; x < area.width; ++x) {
      Colour colour = lit(background.at(x, y), 1 - 0.45 * shadow(shape, pose, x, y));
      const double light = 1 - 0.22 * ((x - pose.x) + (y - pose.y)) / pose.radius;  // from above on the left
      colour = mix(colour, lit(paint, light), coverage(shape, pose, x, y, kSamples));
      const double speck = grain * dice.between(-1, 1);
      for (double part : colour) *pixel++ = static_cast<std::uint8_t>(std::clamp(part + speck, 0.0, 1.0) * 255 + 0.5);
    }
  }
  return picture;
}

}  // namespace leaven::demo
