#include "ops/image/imagenet_c.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/exact_math.hpp"
#include "core/value.hpp"
#include "ops/image/random_plane.hpp"
#include "ops/image/shading.hpp"

namespace leaven::ops {
namespace {

// Calls work(r, g, b) for all pixels; one channel is all three.
template <class Work>
void each_colour(Planes& planes, const Work& work) {
  const int last = planes.colours() == 3 ? 2 : 0;
  for (int y = 0; y < planes.height(); ++y)
    for (int x = 0; x < planes.width(); ++x) {
      std::array<float, 3> rgb{planes[0].row(y)[x], planes[last / 2].row(y)[x], planes[last].row(y)[x]};
      work(rgb);
      for (int c = 0; c <= last; ++c) planes[c].row(y)[x] = rgb[static_cast<std::size_t>(c)];
    }
}

/// Where output points come from: (x, y) → (a·x + b·y + c, d·x + e·y + f).
using Affine = std::array<double, 6>;

// The map that brings `to` back to `from`, by Cramer's rule.
Affine map_back(const std::array<Point, 3>& from, const std::array<Point, 3>& to) {
  const double ux = to[1].x - to[0].x, uy = to[1].y - to[0].y, vx = to[2].x - to[0].x, vy = to[2].y - to[0].y;
  const double determinant = ux * vy - uy * vx;
  if (determinant == 0) return {1, 0, 0, 0, 1, 0};
  const auto row = [&](double f0, double f1, double f2) {
    const double u = f1 - f0, v = f2 - f0;
    const double along_x = (u * vy - v * uy) / determinant, along_y = (v * ux - u * vx) / determinant;
    return std::array{along_x, along_y, f0 - along_x * to[0].x - along_y * to[0].y};
  };
  const auto x = row(from[0].x, from[1].x, from[2].x), y = row(from[0].y, from[1].y, from[2].y);
  return {x[0], x[1], x[2], y[0], y[1], y[2]};
}

float sampled(const Plane& plane, double x, double y) {
  const double left = std::floor(x), top = std::floor(y);
  const auto u = static_cast<float>(x - left), v = static_cast<float>(y - top);
  const int x0 = mirrored(static_cast<int>(left), plane.width()),
            x1 = mirrored(static_cast<int>(left) + 1, plane.width()),
            y0 = mirrored(static_cast<int>(top), plane.height()),
            y1 = mirrored(static_cast<int>(top) + 1, plane.height());
  const float upper = plane.at(x0, y0) + u * (plane.at(x1, y0) - plane.at(x0, y0));
  const float lower = plane.at(x0, y1) + u * (plane.at(x1, y1) - plane.at(x0, y1));
  return upper + v * (lower - upper);
}

template <class Source>
void resample(Planes& planes, const Source& source) {
  for (int c = 0; c < planes.colours(); ++c) {
    Plane out(planes.width(), planes.height());
    for (int y = 0; y < planes.height(); ++y)
      for (int x = 0; x < planes.width(); ++x) {
        const Point from = source(x, y);
        out.row(y)[x] = sampled(planes[c], from.x, from.y);
      }
    planes[c] = std::move(out);
  }
}

Plane displacement(int width, int height, double alpha, double sigma, Key key) {
  Plane noise = uniform_plane(width, height, key);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) noise.row(y)[x] = static_cast<float>(alpha) * (2 * noise.row(y)[x] - 1);
  return gaussian_blurred(noise, sigma);
}

}  // namespace

void impulse_noise(Planes& planes, double amount, Key key) {
  const auto all = static_cast<float>(amount), white = static_cast<float>(amount / 2);
  for (int c = 0; c < planes.colours(); ++c) {
    const Plane chance = uniform_plane(planes.width(), planes.height(), key, c);
    for (int y = 0; y < planes.height(); ++y)
      for (int x = 0; x < planes.width(); ++x)
        if (const float u = chance.row(y)[x]; u < all) planes[c].row(y)[x] = u < white ? 1.0f : 0.0f;
  }
}

std::vector<Tap> aliased_disc(int radius, double alias_blur) {
  const int reach = radius <= 8 ? 1 : 2;
  return square_of(radius + reach, [&](int x, int y) {
    double sum = 0;
    for (int j = -reach; j <= reach; ++j)
      for (int i = -reach; i <= reach; ++i)
        if ((x + i) * (x + i) + (y + j) * (y + j) <= radius * radius)
          sum += exact::exp(-(i * i + j * j) / (2 * alias_blur * alias_blur));
    return sum;
  });
}

std::vector<Tap> half_gaussian_streak(int radius, double sigma, double angle) {
  const double turn = angle * kPi / 180, along_x = exact::cos(turn), along_y = exact::sin(turn);
  std::vector<Tap> taps;
  for (int i = 0; i < 2 * radius + 1; ++i)
    taps.push_back({static_cast<int>(std::ceil(i * along_x - 0.5)), static_cast<int>(std::ceil(i * along_y - 0.5)),
                    static_cast<float>(exact::exp(-i * i / (2 * sigma * sigma)))});
  return normalized(std::move(taps));
}

void raise_value(Planes& planes, double by) {
  each_colour(planes, [by = static_cast<float>(by)](std::array<float, 3>& rgb) {
    const float value = std::max({rgb[0], rgb[1], rgb[2]}), raised = std::min(value + by, 1.0f);
    for (float& v : rgb) v = value > 0 ? v * (raised / value) : raised;
  });
}

void scale_saturation(Planes& planes, double factor, double offset) {
  if (planes.colours() != 3) return;
  each_colour(planes, [by = static_cast<float>(factor), plus = static_cast<float>(offset)](std::array<float, 3>& rgb) {
    const float value = std::max({rgb[0], rgb[1], rgb[2]}), range = value - std::min({rgb[0], rgb[1], rgb[2]});
    if (value <= 0) return;
    const float saturation = unit_clamped(range / value * by + plus) * value;
    if (range > 0)
      for (float& v : rgb) v = value - (value - v) * (saturation / range);
    else
      rgb[1] = rgb[2] = value - saturation;
  });
}

void scale_contrast(Planes& planes, double factor) {
  for (int c = 0; c < planes.colours(); ++c) {
    double sum = 0;
    for (int y = 0; y < planes.height(); ++y)
      for (int x = 0; x < planes.width(); ++x) sum += static_cast<double>(planes[c].row(y)[x]);
    const double mean = sum / (static_cast<double>(planes.width()) * planes.height());
    const auto by = static_cast<float>(factor), plus = static_cast<float>(mean * (1 - factor));
    for (int y = 0; y < planes.height(); ++y)
      for (int x = 0; x < planes.width(); ++x) planes[c].row(y)[x] = planes[c].row(y)[x] * by + plus;
  }
}

void distort_elastically(Planes& planes, double alpha, double sigma, double jitter, Key key) {
  const int width = planes.width(), height = planes.height();
  const double cx = width / 2, cy = height / 2, third = std::min(width, height) / 3;  // whole, as published
  const std::array<Point, 3> from{Point{cx + third, cy + third}, Point{cx + third, cy - third},
                                  Point{cx - third, cy - third}};
  std::array<Point, 3> to = from;
  for (std::uint64_t i = 0; i < 3; ++i) {
    to[i].x += draw(uniform(-jitter, jitter), key, 2 * i);
    to[i].y += draw(uniform(-jitter, jitter), key, 2 * i + 1);
  }
  const Affine m = map_back(from, to);
  resample(planes, [&](int x, int y) { return Point{m[0] * x + m[1] * y + m[2], m[3] * x + m[4] * y + m[5]}; });
  const Plane dx = displacement(width, height, alpha, sigma, stream(key, 1)),
              dy = displacement(width, height, alpha, sigma, stream(key, 2));
  resample(planes, [&](int x, int y) {
    return Point{x + static_cast<double>(dx.row(y)[x]), y + static_cast<double>(dy.row(y)[x])};
  });
}

}  // namespace leaven::ops
