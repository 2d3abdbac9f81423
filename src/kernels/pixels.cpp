#include "kernels/pixels.hpp"

#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/pixels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/simd_inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace leaven::kernels::HWY_NAMESPACE {

using Float = hn::ScalableTag<float>;

template <class T>
constexpr float kScale = sizeof(T) == 1 ? 255.0f : sizeof(T) == 2 ? 65535.0f : 1.0f;

/// Samples T → floats over full scale; a whole number of float vectors.
template <class T>
HWY_INLINE void to_floats(const T* in, std::size_t count, float* out) {
  const Float d;
  const std::size_t lanes = hn::Lanes(d);
  if constexpr (sizeof(T) == 4) {
    std::memcpy(out, in, count * sizeof(float));
  } else {
    const hn::Rebind<T, Float> dt;
    const hn::RebindToSigned<Float> di;
    const auto scale = hn::Set(d, 1 / kScale<T>);  // within 1 ulp of the division
    for (std::size_t i = 0; i < count; i += lanes)
      hn::StoreU(hn::Mul(hn::ConvertTo(d, hn::PromoteTo(di, hn::LoadU(dt, in + i))), scale), d, out + i);
  }
}

/// Floats → samples T; a whole number of float vectors.
template <class T>
HWY_INLINE void from_floats(const float* in, std::size_t count, T* out) {
  const Float d;
  const std::size_t lanes = hn::Lanes(d);
  if constexpr (sizeof(T) == 4) {
    std::memcpy(out, in, count * sizeof(float));
  } else {
    const hn::Rebind<T, Float> dt;
    const auto scale = hn::Set(d, kScale<T>);
    for (std::size_t i = 0; i < count; i += lanes) {
      const auto level = nearest_int(d, hn::Mul(hn::Load(d, in + i), scale));
      hn::StoreU(hn::DemoteTo(dt, level), dt, out + i);  // saturates
    }
  }
}

/// Interleaved → one run of T per channel, `count` a multiple of the vector length of T.
template <class T, int kChannels>
HWY_INLINE void split(const T* in, std::size_t count, T* const* out) {
  const hn::ScalableTag<T> d;
  const std::size_t lanes = hn::Lanes(d);
  for (std::size_t i = 0; i < count; i += lanes) {
    hn::Vec<decltype(d)> a, b, c, e;
    if constexpr (kChannels == 2) {
      hn::LoadInterleaved2(d, in + 2 * i, a, b);
    } else if constexpr (kChannels == 3) {
      hn::LoadInterleaved3(d, in + 3 * i, a, b, c);
    } else {
      hn::LoadInterleaved4(d, in + 4 * i, a, b, c, e);
    }
    hn::StoreU(a, d, out[0] + i);
    hn::StoreU(b, d, out[1] + i);
    if constexpr (kChannels > 2) hn::StoreU(c, d, out[2] + i);
    if constexpr (kChannels > 3) hn::StoreU(e, d, out[3] + i);
  }
}

template <class T, int kChannels>
HWY_INLINE void join(const T* const* in, std::size_t count, T* out) {
  const hn::ScalableTag<T> d;
  const std::size_t lanes = hn::Lanes(d);
  for (std::size_t i = 0; i < count; i += lanes) {
    const auto a = hn::LoadU(d, in[0] + i), b = hn::LoadU(d, in[1] + i);
    if constexpr (kChannels == 2) {
      hn::StoreInterleaved2(a, b, d, out + 2 * i);
    } else if constexpr (kChannels == 3) {
      hn::StoreInterleaved3(a, b, hn::LoadU(d, in[2] + i), d, out + 3 * i);
    } else {
      hn::StoreInterleaved4(a, b, hn::LoadU(d, in[2] + i), hn::LoadU(d, in[3] + i), d, out + 4 * i);
    }
  }
}

/// A few pixels: as many as one vector of bytes has lanes, so every loop above runs whole.
constexpr std::size_t kBlock = 64;

template <class T, int kChannels>
HWY_INLINE void load_block(const T* in, std::size_t count, float* const* out) {
  if constexpr (kChannels == 1) {
    to_floats(in, count, out[0]);
  } else if constexpr (sizeof(T) == 4) {
    split<T, kChannels>(in, count, out);
  } else {
    HWY_ALIGN T runs[4][kBlock];
    T* const pointers[4] = {runs[0], runs[1], runs[2], runs[3]};
    split<T, kChannels>(in, count, pointers);
    for (int c = 0; c < kChannels; ++c) to_floats(runs[c], count, out[c]);
  }
}

template <class T, int kChannels>
HWY_INLINE void store_block(const float* const* in, std::size_t count, T* out) {
  if constexpr (kChannels == 1) {
    from_floats(in[0], count, out);
  } else if constexpr (sizeof(T) == 4) {
    join<T, kChannels>(in, count, out);
  } else {
    HWY_ALIGN T runs[4][kBlock];
    for (int c = 0; c < kChannels; ++c) from_floats(in[c], count, runs[c]);
    const T* const pointers[4] = {runs[0], runs[1], runs[2], runs[3]};
    join<T, kChannels>(pointers, count, out);
  }
}

template <class T, int kChannels>
void load_all(const std::byte* bytes, int count, const Planes& planes) {
  const T* in = reinterpret_cast<const T*>(bytes);
  const auto n = static_cast<std::size_t>(count);
  std::size_t i = 0;
  for (; i < n; i += kBlock) {
    float* const out[4] = {planes.channel[0] + i, planes.channel[1] + i, planes.channel[2] + i, planes.channel[3] + i};
    if (i + kBlock <= n) {
      load_block<T, kChannels>(in + i * kChannels, kBlock, out);
    } else {
      HWY_ALIGN T tail[kBlock * kChannels] = {};
      std::memcpy(tail, in + i * kChannels, (n - i) * kChannels * sizeof(T));
      load_block<T, kChannels>(tail, kBlock, out);
    }
  }
}

template <class T, int kChannels>
void store_all(const Planes& planes, int count, std::byte* bytes) {
  T* out = reinterpret_cast<T*>(bytes);
  const auto n = static_cast<std::size_t>(count);
  for (std::size_t i = 0; i < n; i += kBlock) {
    const float* const in[4] = {planes.channel[0] + i, planes.channel[1] + i, planes.channel[2] + i,
                                planes.channel[3] + i};
    if (i + kBlock <= n) {
      store_block<T, kChannels>(in, kBlock, out + i * kChannels);
    } else {
      HWY_ALIGN T tail[kBlock * kChannels];
      store_block<T, kChannels>(in, kBlock, tail);
      std::memcpy(out + i * kChannels, tail, (n - i) * kChannels * sizeof(T));
    }
  }
}

template <class T>
void load_typed(const std::byte* pixels, int channels, int count, const Planes& planes) {
  switch (channels) {
    case 1: return load_all<T, 1>(pixels, count, planes);
    case 2: return load_all<T, 2>(pixels, count, planes);
    case 3: return load_all<T, 3>(pixels, count, planes);
    default: return load_all<T, 4>(pixels, count, planes);
  }
}

void load(const std::byte* pixels, Dtype dtype, int channels, int count, const Planes& planes) {
  switch (dtype) {
    case Dtype::u8: return load_typed<std::uint8_t>(pixels, channels, count, planes);
    case Dtype::u16: return load_typed<std::uint16_t>(pixels, channels, count, planes);
    case Dtype::f32: return load_typed<float>(pixels, channels, count, planes);
  }
}

template <class T>
void store_typed(const Planes& planes, int channels, int count, std::byte* pixels) {
  switch (channels) {
    case 1: return store_all<T, 1>(planes, count, pixels);
    case 2: return store_all<T, 2>(planes, count, pixels);
    case 3: return store_all<T, 3>(planes, count, pixels);
    default: return store_all<T, 4>(planes, count, pixels);
  }
}

void store(const Planes& planes, Dtype dtype, int channels, int count, std::byte* pixels) {
  switch (dtype) {
    case Dtype::u8: return store_typed<std::uint8_t>(planes, channels, count, pixels);
    case Dtype::u16: return store_typed<std::uint16_t>(planes, channels, count, pixels);
    case Dtype::f32: return store_typed<float>(planes, channels, count, pixels);
  }
}

template <class T>
void load_run(const std::byte* bytes, std::size_t count, float* out) {
  const T* in = reinterpret_cast<const T*>(bytes);
  const std::size_t whole = count / kBlock * kBlock;
  to_floats(in, whole, out);
  if (whole < count) {
    HWY_ALIGN T tail[kBlock] = {};
    HWY_ALIGN float values[kBlock];
    std::memcpy(tail, in + whole, (count - whole) * sizeof(T));
    to_floats(tail, kBlock, values);
    std::memcpy(out + whole, values, (count - whole) * sizeof(float));
  }
}

void load_any_run(const std::byte* samples, Dtype dtype, std::size_t count, float* out) {
  switch (dtype) {
    case Dtype::u8: return load_run<std::uint8_t>(samples, count, out);
    case Dtype::u16: return load_run<std::uint16_t>(samples, count, out);
    case Dtype::f32: std::memcpy(out, samples, count * sizeof(float)); return;
  }
}

template <class Combine>
HWY_INLINE void with_alpha(const Planes& planes, int channels, int count, const Combine& combine) {
  const Float d;
  const auto n = static_cast<std::size_t>(count);
  const float* alpha = planes.channel[static_cast<std::size_t>(channels - 1)];
  for (int c = 0; c + 1 < channels; ++c) {
    float* values = planes.channel[static_cast<std::size_t>(c)];
    for (std::size_t i = 0; i < n; i += hn::Lanes(d))
      hn::Store(combine(d, hn::Load(d, values + i), hn::Load(d, alpha + i)), d, values + i);
  }
}

void multiply_alpha(const Planes& planes, int channels, int count) {
  with_alpha(planes, channels, count, [](auto, auto x, auto a) HWY_ATTR { return hn::Mul(x, a); });
}

void divide_alpha(const Planes& planes, int channels, int count) {
  with_alpha(planes, channels, count, [](auto d, auto x, auto a) HWY_ATTR {
    const auto some = hn::Gt(a, hn::Zero(d));
    return hn::IfThenElseZero(some, hn::Div(x, hn::IfThenElse(some, a, hn::Set(d, 1.0f))));
  });
}

}  // namespace leaven::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace leaven::kernels {

HWY_EXPORT(load);
HWY_EXPORT(store);
HWY_EXPORT(load_any_run);
HWY_EXPORT(multiply_alpha);
HWY_EXPORT(divide_alpha);

void load_pixels(const std::byte* pixels, Dtype dtype, int channels, int count, const Planes& planes) {
  HWY_DYNAMIC_DISPATCH(load)(pixels, dtype, channels, count, planes);
}

void store_pixels(const Planes& planes, Dtype dtype, int channels, int count, std::byte* pixels) {
  HWY_DYNAMIC_DISPATCH(store)(planes, dtype, channels, count, pixels);
}

void store_planar(const Planes& planes, Dtype dtype, int channels, int count, const std::array<std::byte*, 4>& out) {
  for (std::size_t c = 0; c < static_cast<std::size_t>(channels); ++c)
    store_pixels({{planes.channel[c], planes.channel[c], planes.channel[c], planes.channel[c]}}, dtype, 1, count, out[c]);
}

void load_samples(const std::byte* samples, Dtype dtype, std::size_t count, float* out) {
  HWY_DYNAMIC_DISPATCH(load_any_run)(samples, dtype, count, out);
}

void split_channels(const float* interleaved, int channels, int count, const Planes& planes) {
  load_pixels(reinterpret_cast<const std::byte*>(interleaved), Dtype::f32, channels, count, planes);
}

void premultiply(const Planes& planes, int channels, int count) {
  HWY_DYNAMIC_DISPATCH(multiply_alpha)(planes, channels, count);
}

void unpremultiply(const Planes& planes, int channels, int count) {
  HWY_DYNAMIC_DISPATCH(divide_alpha)(planes, channels, count);
}

}  // namespace leaven::kernels
#endif
