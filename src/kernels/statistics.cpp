#include "kernels/statistics.hpp"

#include <algorithm>
#include <cmath>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/statistics.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace leaven::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

struct ChannelMasks {
  std::uint8_t bytes[4][kSumBlock];  ///< 0xff where a byte belongs to the channel
};
constexpr ChannelMasks masks_of(std::size_t channels) {
  ChannelMasks masks{};
  for (std::size_t i = 0; i < kSumBlock; ++i) masks.bytes[i % channels][i] = 0xff;
  return masks;
}
constexpr ChannelMasks kMasks[4] = {masks_of(1), masks_of(2), masks_of(3), masks_of(4)};

/// Sums of bytes per channel: bytes of one channel are left standing, the others cleared, and eights of neighbours summed.
/// Whole blocks only; the number of bytes done is returned.
template <std::size_t kChannels>
std::size_t sum_channels(const std::uint8_t* bytes, std::size_t count, std::array<std::uint64_t, 4>& sums) {
  const hn::CappedTag<std::uint8_t, 64> d;
  const hn::Repartition<std::uint64_t, decltype(d)> d64;
  hn::Vec<decltype(d64)> totals[kChannels];
  for (auto& total : totals) total = hn::Zero(d64);
  std::size_t done = 0;
  for (; done + kSumBlock <= count; done += kSumBlock)
    for (std::size_t i = 0; i < kSumBlock; i += hn::Lanes(d)) {
      const auto v = hn::LoadU(d, bytes + done + i);
      for (std::size_t c = 0; c < kChannels; ++c) {
        const auto mask = hn::LoadU(d, kMasks[kChannels - 1].bytes[c] + i);
        totals[c] = hn::Add(totals[c], hn::SumsOf8(hn::And(v, mask)));
      }
    }
  for (std::size_t c = 0; c < kChannels; ++c) sums[c] += hn::GetLane(hn::SumOfLanes(d64, totals[c]));
  return done;
}

std::size_t sum_bytes(const std::uint8_t* bytes, std::size_t channels, std::size_t count,
                      std::array<std::uint64_t, 4>& sums) {
  switch (channels) {
    case 1: return sum_channels<1>(bytes, count, sums);
    case 2: return sum_channels<2>(bytes, count, sums);
    case 3: return sum_channels<3>(bytes, count, sums);
    default: return sum_channels<4>(bytes, count, sums);
  }
}

}  // namespace leaven::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace leaven::kernels {

HWY_EXPORT(sum_bytes);

LevelCounter::LevelCounter(Dtype dtype, int channels)
    : dtype_(dtype),
      channels_(static_cast<std::size_t>(channels)),
      bins_(dtype == Dtype::u8 ? 256 : 65536),
      ways_(dtype == Dtype::u8 ? kWays : 1),
      counts_(ways_ * channels_ * bins_),
      total_(channels_ * bins_) {}

void LevelCounter::add_bytes(const std::uint8_t* pixels, std::size_t count) {
  const std::size_t way = channels_ * bins_;
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t c = 0; c < channels_; ++c) ++counts_[(i % kWays) * way + c * bins_ + *pixels++];
}

void LevelCounter::add_row(const std::byte* pixels, int count) {
  const auto n = static_cast<std::size_t>(count);
  if (pending_ + n > 0xffffffffu) flush();
  pending_ += n;
  if (dtype_ == Dtype::u8) return add_bytes(reinterpret_cast<const std::uint8_t*>(pixels), n);
  for (std::size_t i = 0; i < n * channels_; ++i) {
    std::size_t level = 0;
    if (dtype_ == Dtype::u16) {
      level = reinterpret_cast<const std::uint16_t*>(pixels)[i];
    } else {
      const auto value = static_cast<double>(reinterpret_cast<const float*>(pixels)[i]);
      level = value > 0 ? static_cast<std::size_t>(std::nearbyint(std::min(value, 1.0) * 65535)) : 0;
    }
    ++counts_[(i % channels_) * bins_ + level];
  }
}

void LevelCounter::flush() {
  for (std::size_t i = 0; i < counts_.size(); ++i) total_[i % total_.size()] += counts_[i];
  std::fill(counts_.begin(), counts_.end(), 0u);
  pending_ = 0;
}

std::vector<std::uint64_t> LevelCounter::histogram(int channel) const {
  const std::size_t begin = static_cast<std::size_t>(channel) * bins_;
  std::vector<std::uint64_t> bins(bins_);
  for (std::size_t b = 0; b < bins_; ++b) {
    bins[b] = total_[begin + b];
    for (std::size_t way = 0; way < ways_; ++way) bins[b] += counts_[way * channels_ * bins_ + begin + b];
  }
  return bins;
}

void ChannelSums::add_row(const std::byte* pixels, int count) {
  const auto n = static_cast<std::size_t>(count), channels = static_cast<std::size_t>(channels_);
  std::size_t i = 0;
  if (dtype_ == Dtype::u8) {
    const std::size_t bytes = n * channels;
    const auto* in = reinterpret_cast<const std::uint8_t*>(pixels);
    const std::size_t done = HWY_DYNAMIC_DISPATCH(sum_bytes)(in, channels, bytes, whole_);
    std::array<std::uint8_t, kSumBlock> rest{};
    std::copy(in + done, in + bytes, rest.begin());
    HWY_DYNAMIC_DISPATCH(sum_bytes)(rest.data(), channels, rest.size(), whole_);
  } else if (dtype_ == Dtype::u16) {
    const auto* in = reinterpret_cast<const std::uint16_t*>(pixels);
    for (; i < n; ++i)
      for (std::size_t c = 0; c < channels; ++c) whole_[c] += in[i * channels + c];
  } else {
    const auto* in = reinterpret_cast<const float*>(pixels);
    for (; i < n; ++i)
      for (std::size_t c = 0; c < channels; ++c) real_[c] += static_cast<double>(in[i * channels + c]);
  }
}

double ChannelSums::sum(int channel) const {
  const auto c = static_cast<std::size_t>(channel);
  return dtype_ == Dtype::f32 ? real_[c] : static_cast<double>(whole_[c]) / full_scale(dtype_);
}

}  // namespace leaven::kernels
#endif
