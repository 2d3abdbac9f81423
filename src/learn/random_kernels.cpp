#include "learn/random_kernels.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/value.hpp"

namespace leaven::learn {

namespace {

constexpr std::size_t kTaps = 9, kKernels = 84;
/// For each of the kernels, over all dilations.
constexpr std::size_t kFeaturesEach = 24, kMostDilations = 8;

/// Which three taps are twos.
std::array<std::array<std::size_t, 3>, kKernels> twos() {
  std::array<std::array<std::size_t, 3>, kKernels> all{};
  std::size_t n = 0;
  for (std::size_t i = 0; i < kTaps; ++i)
    for (std::size_t j = i + 1; j < kTaps; ++j)
      for (std::size_t k = j + 1; k < kTaps; ++k) all[n++] = {i, j, k};
  return all;
}
const std::array<std::array<std::size_t, 3>, kKernels> kTwos = twos();

}  // namespace

RandomKernels::RandomKernels(const InputShape& shape, std::span<const float> values, Key key)
    : length_(static_cast<std::size_t>(shape.width)), channels_(static_cast<std::size_t>(shape.channels)) {
  choose(key);
  const std::size_t size = shape.values(), items = values.size() / size;
  std::vector<float> out;
  std::uint64_t draw = 0;
  for (const Convolution& convolution : convolutions_) {
    run(convolution, values.subspan(draw_below({key.low, key.high ^ 0xb1a5}, items, draw++) * size, size), out);
    std::ranges::sort(out);
    for (std::size_t b = 0; b < convolution.count; ++b) {
      // Quantiles that are spread evenly however many are taken: multiples of the golden section.
      const double quantile = std::fmod(static_cast<double>(convolution.first + b + 1) * 0.6180339887498949, 1.0);
      biases_[convolution.first + b] = out[static_cast<std::size_t>(quantile * static_cast<double>(out.size()))];
    }
  }
}

void RandomKernels::choose(Key key) {
  const double reach = std::log2(std::max(1.0, static_cast<double>(length_ - 1) / (kTaps - 1)));
  std::vector<std::size_t> dilations;
  for (std::size_t i = 0; i < kMostDilations; ++i) dilations.push_back(static_cast<std::size_t>(std::exp2(reach * static_cast<double>(i) / (kMostDilations - 1))));
  dilations.erase(std::unique(dilations.begin(), dilations.end()), dilations.end());
  std::size_t biases = 0, number = 0;
  std::uint64_t draw = 0;
  for (std::size_t d = 0; d < dilations.size(); ++d)
    for (std::size_t k = 0; k < kKernels; ++k, ++number) {
      const std::size_t count = kFeaturesEach / dilations.size() + (d < kFeaturesEach % dilations.size() ? 1 : 0);
      Convolution made{.kernel = k, .dilation = dilations[d], .padded = number % 2 == 0, .first = biases, .count = count};
      biases += count;
      const auto most = static_cast<std::size_t>(std::exp2(draw_unit(key, draw++) * std::log2(static_cast<double>(std::min<std::size_t>(channels_, 9)) + 1)));
      while (made.channels.size() < std::max<std::size_t>(1, std::min(most, channels_))) {
        const std::size_t c = draw_below(key, channels_, draw++);
        if (std::ranges::find(made.channels, c) == made.channels.end()) made.channels.push_back(c);
      }
      // Too short a series has no sample at which all taps lie inside.
      if ((kTaps - 1) * made.dilation >= length_) made.padded = true;
      convolutions_.push_back(std::move(made));
    }
  biases_.resize(biases);
}

void RandomKernels::run(const Convolution& convolution, std::span<const float> item, std::vector<float>& out) const {
  out.assign(length_, 0.0f);
  const auto length = static_cast<std::ptrdiff_t>(length_), dilation = static_cast<std::ptrdiff_t>(convolution.dilation);
  const std::array<std::size_t, 3>& two = kTwos[convolution.kernel];
  for (const std::size_t c : convolution.channels) {
    const float* const x = item.data() + c * length_;
    for (std::size_t tap = 0; tap < kTaps; ++tap) {
      const float weight = std::ranges::find(two, tap) != two.end() ? 2.0f : -1.0f;
      const std::ptrdiff_t shift = (static_cast<std::ptrdiff_t>(tap) - 4) * dilation;
      const std::ptrdiff_t begin = std::max<std::ptrdiff_t>(0, -shift), end = std::min(length, length - shift);
      for (std::ptrdiff_t t = begin; t < end; ++t) out[static_cast<std::size_t>(t)] += weight * x[t + shift];
    }
  }
  if (convolution.padded) return;
  const std::ptrdiff_t margin = 4 * dilation;
  out.erase(out.end() - margin, out.end());
  out.erase(out.begin(), out.begin() + margin);
}

void RandomKernels::features(std::span<const float> item, std::span<float> out) const {
  std::vector<float> made;
  for (const Convolution& convolution : convolutions_) {
    run(convolution, item, made);
    for (std::size_t b = convolution.first; b < convolution.first + convolution.count; ++b) {
      std::size_t above = 0;
      for (const float value : made) above += value > biases_[b];
      out[b] = static_cast<float>(above) / static_cast<float>(made.size());
    }
  }
}

}  // namespace leaven::learn
