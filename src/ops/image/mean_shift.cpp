#include "ops/image/mean_shift.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "core/interruption.hpp"

namespace leaven::ops {
namespace {

using Colour = std::array<float, 4>;

/// A pixel on its way: its colour, and the pixel that it has come to.
struct Walker {
  Colour colour{};
  int x{}, y{};
};

// All colours of the picture side by side, so that a neighbour is one place in memory.
std::vector<Colour> colours_of(const Planes& planes) {
  std::vector<Colour> all(static_cast<std::size_t>(planes.width()) * static_cast<std::size_t>(planes.height()));
  for (int c = 0; c < planes.colours(); ++c)
    for (int y = 0; y < planes.height(); ++y)
      for (int x = 0; x < planes.width(); ++x)
        all[static_cast<std::size_t>(y) * static_cast<std::size_t>(planes.width()) + static_cast<std::size_t>(x)]
           [static_cast<std::size_t>(c)] = planes[c].at(x, y);
  return all;
}

// False when it has arrived.
bool step(Walker& walker, const std::vector<Colour>& all, Size size, int radius, float reach) {
  Colour sum{};
  int count = 0, across = 0, down = 0;
  for (int y = std::max(0, walker.y - radius); y <= std::min(size.height - 1, walker.y + radius); ++y)
    for (int x = std::max(0, walker.x - radius); x <= std::min(size.width - 1, walker.x + radius); ++x) {
      const Colour& there = all[static_cast<std::size_t>(y) * static_cast<std::size_t>(size.width) + static_cast<std::size_t>(x)];
      float apart = 0;
      for (std::size_t c = 0; c < 4; ++c) apart += (there[c] - walker.colour[c]) * (there[c] - walker.colour[c]);
      if (apart > reach * reach) continue;
      for (std::size_t c = 0; c < 4; ++c) sum[c] += there[c];
      ++count, across += x, down += y;
    }
  if (count == 0) return false;
  const Walker before = walker;
  for (std::size_t c = 0; c < 4; ++c) walker.colour[c] = sum[c] / static_cast<float>(count);
  walker.x = (across + count / 2) / count, walker.y = (down + count / 2) / count;
  return walker.x != before.x || walker.y != before.y || walker.colour != before.colour;
}

}  // namespace

void shift_to_means(Planes& planes, int radius, float reach, int rounds) {
  const std::vector<Colour> all = colours_of(planes);
  const Size size = planes.shape().size();
  for (int y = 0; y < size.height; ++y) {
    Interruption::look();
    for (int x = 0; x < size.width; ++x) {
      Walker walker{all[static_cast<std::size_t>(y) * static_cast<std::size_t>(size.width) + static_cast<std::size_t>(x)], x, y};
      for (int round = 0; round < rounds && step(walker, all, size, radius, reach); ++round) {}
      for (int c = 0; c < planes.colours(); ++c) planes[c].at(x, y) = walker.colour[static_cast<std::size_t>(c)];
    }
  }
}

}  // namespace leaven::ops
