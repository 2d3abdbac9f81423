// Dynamic time warping: how one series is laid along another.
// Sakoe and Chiba, "Dynamic programming algorithm optimization for spoken word recognition", IEEE ASSP 26(1), 1978.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace leaven::kernels {

/// Several channels of one length, sample after sample: channels of one sample lie together.
struct Track {
  std::size_t length{}, channels{};
  std::vector<float> values{};
  const float* at(std::size_t i) const { return values.data() + i * channels; }
};

/// Steps (1,0), (0,1), (1,1) of equal weight, Euclidean distances between samples, within `band` samples of the diagonal.
/// A band too narrow for the two lengths is widened to what joins their ends.
struct Alignment {
  double cost{};                                               ///< sum of the distances along the path
  std::vector<std::pair<std::uint32_t, std::uint32_t>> path{};  ///< (place in a, place in b), from both starts to both ends
};
Alignment align(const Track& a, const Track& b, std::size_t band);
/// The cost alone.
double alignment_cost(const Track& a, const Track& b, std::size_t band);

}  // namespace leaven::kernels
