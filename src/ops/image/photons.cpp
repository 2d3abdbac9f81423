#include "ops/image/photons.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/exact_math.hpp"
#include "kernels/noise.hpp"

namespace leaven::ops {
namespace {

constexpr double kSmallest = 1e-12;  ///< probabilities below this one, relative to the likeliest, are left out
constexpr int kGuideBits = 8;
constexpr float kNearly = 1e-3f;  ///< of whole steps: what float arithmetic makes of levels

}  // namespace

PoissonTable::Law PoissonTable::law_of(double mean) {
  if (mean <= 0) return {0, {0xffffffffu}, std::vector<std::uint16_t>(std::size_t{1} << kGuideBits)};
  // From the likeliest count outwards: p(k + 1) = p(k)·mean/(k + 1).
  const int mode = static_cast<int>(mean);
  std::vector<double> down, up{1};
  double p = 1;
  for (int k = mode; k > 0 && p > kSmallest; --k) down.push_back(p *= k / mean);
  p = 1;
  for (int k = mode + 1; p > kSmallest; ++k) up.push_back(p *= mean / k);
  std::vector<double> all(down.rbegin(), down.rend());
  all.insert(all.end(), up.begin(), up.end());
  double total = 0, sum = 0;
  for (const double share : all) total += share;
  Law law{mode - static_cast<int>(down.size()), {}, {}};
  for (const double share : all)
    law.sums.push_back(static_cast<std::uint32_t>(std::min((sum += share) / total * 0x1p32, 4294967295.0)));
  law.sums.back() = 0xffffffffu;
  for (std::uint32_t i = 0; i < (1u << kGuideBits); ++i)
    law.guide.push_back(static_cast<std::uint16_t>(
        std::lower_bound(law.sums.begin(), law.sums.end(), i << (32 - kGuideBits)) - law.sums.begin()));
  return law;
}

int PoissonTable::inverse(const Law& law, std::uint32_t word) {
  std::size_t at = law.guide[word >> (32 - kGuideBits)];
  while (at + 1 < law.sums.size() && law.sums[at] < word) ++at;
  return law.first + static_cast<int>(at);
}

PoissonTable::PoissonTable(double largest_mean) : largest_(largest_mean), step_(largest_mean / kSteps) {
  for (int i = 0; i <= kSteps && i * step_ <= kLargestExact; ++i) laws_.push_back(law_of(i * step_));
}

bool PoissonTable::is_whole(float share) {
  const float steps = share * kSteps;
  return std::fabs(steps - static_cast<float>(static_cast<int>(steps + 0.5f))) < kNearly;
}

int PoissonTable::draw(float share, std::uint32_t first, std::uint32_t second) const {
  const float steps = share * kSteps;
  const auto whole = static_cast<std::size_t>(steps + kNearly);
  if (whole < laws_.size() && steps - static_cast<float>(whole) < kNearly) return inverse(laws_[whole], first);
  const double mean = static_cast<double>(share) * largest_;
  if (mean > kLargestExact) {
    const double p = (static_cast<double>(first) + 0.5) * 0x1p-32;
    return std::max(0, static_cast<int>(std::nearbyint(mean + std::sqrt(mean) * exact::normal_quantile(p))));
  }
  // A sum of Poisson counts has the sum of their means: the rest beyond the table's mean is drawn by itself.
  const std::size_t below = std::min(whole, laws_.size() - 1);
  int count = inverse(laws_[below], first);
  const double rest = mean - static_cast<double>(below) * step_, u = (static_cast<double>(second) + 0.5) * 0x1p-32;
  double part = exact::exp(-rest), sum = part;
  for (int k = 1; u > sum && (k < rest || part > kSmallest); ++k) sum += part *= rest / k, ++count;
  return count;
}

void count_photons(Plane& plane, double gain, Key key, int channel, const PoissonTable& table) {
  constexpr int kSegment = kernels::kSegment;
  std::array<std::uint32_t, kSegment> first, second{};
  const Key other{key.low, ~key.high};
  const auto value = static_cast<float>(gain);
  for (int y = 0; y < plane.height(); ++y)
    for (int x = 0; x < plane.width(); x += kSegment) {
      const int count = std::min(kSegment, plane.width() - x);
      float* at = plane.row(y) + x;
      kernels::word_row(key, x, y, channel, count, first.data());
      if (!std::all_of(at, at + count, PoissonTable::is_whole))
        kernels::word_row(other, x, y, channel, count, second.data());
      for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i)
        at[i] = value * static_cast<float>(table.draw(at[i], first[i], second[i]));
    }
}

}  // namespace leaven::ops
