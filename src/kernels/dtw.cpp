#include "kernels/dtw.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/interruption.hpp"

namespace leaven::kernels {

namespace {

constexpr float kFar = std::numeric_limits<float>::infinity();
constexpr std::size_t kRowsBetweenLooks = 16;  // rows of some hundred cells take a microsecond or less
enum Step : std::uint8_t { both, first, second };

/// The columns of row i that lie within the band about the diagonal from corner to corner.
struct Band {
  std::size_t rows, columns, reach;
  std::size_t begin(std::size_t i) const {
    const std::size_t middle = rows > 1 ? i * (columns - 1) / (rows - 1) : 0;
    return middle > reach ? middle - reach : 0;
  }
  std::size_t end(std::size_t i) const {
    // One row's band must touch the next one's.
    const std::size_t middle = rows > 1 ? std::min((i + 1) * (columns - 1) / (rows - 1), columns - 1) : columns - 1;
    return std::min(middle + reach + 1, columns);
  }
};

/// Distances of one sample to those of a row, all channels; `count` of them from `from` on.
void distances(const float* sample, const Track& b, std::size_t from, std::size_t count, float* out) {
  const std::size_t channels = b.channels;
  const float* other = b.at(from);
  if (channels == 1) {
    for (std::size_t j = 0; j < count; ++j) out[j] = std::fabs(sample[0] - other[j]);
    return;
  }
  for (std::size_t j = 0; j < count; ++j, other += channels) {
    float sum = 0;
    for (std::size_t c = 0; c < channels; ++c) sum += (sample[c] - other[c]) * (sample[c] - other[c]);
    out[j] = std::sqrt(sum);
  }
}

/// Row by row; `note(i, j, step)` is told how each cell is reached.
template <class Note>
double fill(const Track& a, const Track& b, const Band& band, const Note& note) {
  std::vector<float> above(b.length + 1, kFar), row(b.length + 1, kFar), distance(b.length);  // [j + 1]: column j
  above[0] = 0;
  for (std::size_t i = 0; i < a.length; ++i) {
    if (i % kRowsBetweenLooks == 0) Interruption::look();
    const std::size_t begin = band.begin(i), end = band.end(i);
    distances(a.at(i), b, begin, end - begin, distance.data());
    float left = kFar;
    row[begin] = kFar;
    for (std::size_t j = begin; j < end; ++j) {
      float best = above[j];
      Step step = both;
      if (above[j + 1] < best) best = above[j + 1], step = first;
      if (left < best) best = left, step = second;
      left = best + distance[j - begin];
      row[j + 1] = left;
      note(i, j, step);
    }
    if (end < b.length) row[end + 1] = kFar;
    std::swap(above, row);
    above[0] = kFar;
  }
  return above[b.length];
}

}  // namespace

double alignment_cost(const Track& a, const Track& b, std::size_t band) {
  return fill(a, b, Band{a.length, b.length, band}, [](std::size_t, std::size_t, Step) {});
}

Alignment align(const Track& a, const Track& b, std::size_t band) {
  const Band limits{a.length, b.length, band};
  std::vector<std::size_t> starts(a.length + 1);
  for (std::size_t i = 0; i < a.length; ++i) starts[i + 1] = starts[i] + limits.end(i) - limits.begin(i);
  std::vector<std::uint8_t> steps(starts.back());
  Alignment alignment;
  alignment.cost = fill(a, b, limits, [&](std::size_t i, std::size_t j, Step step) { steps[starts[i] + j - limits.begin(i)] = step; });
  std::size_t i = a.length - 1, j = b.length - 1;
  for (;;) {
    alignment.path.emplace_back(static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(j));
    if (i == 0 && j == 0) break;
    const Step step = i == 0 ? second : j == 0 ? first : static_cast<Step>(steps[starts[i] + j - limits.begin(i)]);
    i -= step == second ? 0 : 1;
    j -= step == first ? 0 : 1;
  }
  std::ranges::reverse(alignment.path);
  return alignment;
}

}  // namespace leaven::kernels
