#include "ops/image/resample.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/exact_math.hpp"
#include "kernels/elementary.hpp"
#include "kernels/resize.hpp"
#include "ops/image/filters.hpp"

namespace leaven::ops {
namespace {

/// The pixels that one output pixel is made of.
struct Mix {
  int first{};
  std::vector<float> weights{};
};

double sinc(double x) { return x == 0 ? 1 : exact::sin(kPi * x) / (kPi * x); }

// Weight at a distance of x input pixels of the unwidened filter.
double weight_at(Filter filter, double x) {
  const double d = std::fabs(x);
  switch (filter) {
    case Filter::bilinear: return std::max(0.0, 1 - d);
    case Filter::bicubic: return d < 1 ? (1.5 * d - 2.5) * d * d + 1 : d < 2 ? ((-0.5 * d + 2.5) * d - 4) * d + 2 : 0;
    case Filter::lanczos: return d < 3 ? sinc(d) * sinc(d / 3) : 0;
    case Filter::nearest:
    case Filter::area: break;
  }
  return 0;
}
double reach_of(Filter filter) { return filter == Filter::lanczos ? 3 : filter == Filter::bicubic ? 2 : 1; }

Mix mix_for(int at, int from, int to, Filter filter) {
  const double ratio = static_cast<double>(from) / to, middle = (at + 0.5) * ratio;
  if (filter == Filter::nearest) return {std::min(static_cast<int>(middle), from - 1), {1.0f}};
  std::vector<double> weights;
  int first = 0;
  if (filter == Filter::area) {
    const double low = at * ratio, high = (at + 1) * ratio;
    first = std::min(static_cast<int>(low), from - 1);
    for (int i = first; i < from && (i < high || i == first); ++i)
      weights.push_back(std::max(1e-9, std::min(high, i + 1.0) - std::max(low, static_cast<double>(i))));
  } else {
    const double widened = std::max(ratio, 1.0), reach = reach_of(filter) * widened;
    first = std::clamp(static_cast<int>(std::floor(middle - reach)), 0, from - 1);
    const int last = std::clamp(static_cast<int>(std::ceil(middle + reach)), 0, from - 1);
    for (int i = first; i <= last; ++i) weights.push_back(weight_at(filter, (i + 0.5 - middle) / widened));
  }
  double sum = 0;
  for (const double w : weights) sum += w;
  Mix mix{first, {}};
  for (const double w : weights) mix.weights.push_back(static_cast<float>(w / sum));
  return mix;
}

}  // namespace

Plane resampled(const Plane& in, int width, int height, Filter filter) {
  Plane rows(in.width(), height);
  for (int y = 0; y < height; ++y) {
    const Mix mix = mix_for(y, in.height(), height, filter);
    std::vector<const float*> from;
    for (std::size_t i = 0; i < mix.weights.size(); ++i) from.push_back(in.row(mix.first + static_cast<int>(i)));
    kernels::combine_rows(from.data(), mix.weights.data(), static_cast<int>(from.size()),
                          static_cast<std::size_t>(in.width()), rows.row(y));
  }
  Plane out(width, height);
  for (int x = 0; x < width; ++x) {
    const Mix mix = mix_for(x, in.width(), width, filter);
    for (int y = 0; y < height; ++y) {
      const float* from = rows.row(y) + mix.first;
      float sum = 0;
      for (std::size_t i = 0; i < mix.weights.size(); ++i) sum += mix.weights[i] * from[i];
      out.row(y)[x] = sum;
    }
  }
  return out;
}

Plane enlarged(const Plane& in, int width, int height, double zoom) {
  Plane out(width, height);
  const auto at = [&](double position, int size) { return std::clamp(position, 0.0, static_cast<double>(size - 1)); };
  const auto padded = static_cast<std::size_t>(out.stride());
  std::vector<std::int32_t> lefts(padded);
  std::vector<float> shares(padded), row(static_cast<std::size_t>(in.stride()) + kernels::kRunStep);
  for (int x = 0; x < width; ++x) {
    const double from_x = at((x + 0.5 - width / 2.0) / zoom + in.width() / 2.0 - 0.5, in.width());
    lefts[static_cast<std::size_t>(x)] = static_cast<std::int32_t>(from_x);
    shares[static_cast<std::size_t>(x)] = static_cast<float>(from_x - static_cast<int>(from_x));
  }
  std::fill(lefts.begin() + width, lefts.end(), lefts[static_cast<std::size_t>(width - 1)]);
  // Each row of the picture is stretched once, then they are mixed.
  Plane stretched(width, in.height(), 0);
  const bool grows = zoom > 1 + 1e-9 || zoom == 1;  // positions by no more than 1, whatever the rounding
  for (int y = 0; y < in.height(); ++y) {
    std::copy_n(in.row(y), in.width(), row.begin());
    row[static_cast<std::size_t>(in.width())] = row[static_cast<std::size_t>(in.width() - 1)];
    float* to = stretched.row(y);
    if (grows) {
      kernels::add_stretched_row(row.data(), lefts.data(), shares.data(), padded, to);
      continue;
    }
    for (std::size_t x = 0; x < static_cast<std::size_t>(width); ++x) {
      const float* left = row.data() + lefts[x];
      to[x] = left[0] + shares[x] * (left[1] - left[0]);
    }
  }
  for (int y = 0; y < height; ++y) {
    const double from_y = at((y + 0.5 - height / 2.0) / zoom + in.height() / 2.0 - 0.5, in.height());
    const int top = static_cast<int>(from_y), below = std::min(top + 1, in.height() - 1);
    const auto v = static_cast<float>(from_y - top);
    const float *upper = stretched.row(top), *lower = stretched.row(below);
    float* to = out.row(y);
    for (int x = 0; x < width; ++x) to[x] = upper[x] + v * (lower[x] - upper[x]);
  }
  return out;
}

}  // namespace leaven::ops
