// Functions of colour on RGB of 8 bits, one after the other in registers: what a chain of colour ops is mostly given.
//
// Plain + − × in a fixed order: the same bytes on every target.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <variant>

namespace leaven::kernels {

// Values are levels here, from 0 to 255: no step needs them in [0, 1], so none is scaled on its way in or out.

/// clamp(gain·x + offset, low, high), a number a channel; `clamp` false where no value can leave [low, high].
struct ClampedAffine {
  std::array<float, 3> gain{}, offset{}, low{}, high{};
  bool clamp{};
};
/// RGB' = M·(R, G, B, 1), row-major 3×4; into [0, 255] if `clamp`.
struct ColorMix {
  std::array<float, 12> m{};
  bool clamp{};
};
/// Each becomes own·itself + weights·(R, G, B): saturation, and grey where own is 0; into [0, 255] if `clamp`.
struct GreyBlend {
  std::array<float, 3> weights{};
  float own{};
  bool clamp{};
};
/// See hue_shift().
struct HueTurn {
  float sixths{};  ///< of a circle, in (−3, 3]
};
HueTurn hue_turn(double turns);
/// 255·(x/255)^a by cubics or quadratics on 16 stretches, told apart by the highest bits of x: within 0.15 of a level.
struct alignas(64) PowerCubics {
  /// Of x^0, x^1, x^2, x^3. A stretch stands where the last four bits of (bits of x >> shift) say.
  std::array<std::array<float, 16>, 4> terms{};
  bool cubic{};
  int shift{};
  float lowest{};  ///< what lies below belongs to the stretch that begins here
};
/// Nothing for powers that cubics do not follow closely enough.
std::optional<PowerCubics> power_cubics(double a);
/// One a channel.
struct ColorPower {
  std::array<const PowerCubics*, 3> of{};
};

using ColorStep = std::variant<ClampedAffine, ColorMix, GreyBlend, HueTurn, ColorPower>;

/// Interleaved RGB through all steps, the last of which must leave [0, 255] by rounding alone; then to the nearest, half to even.
/// May run in place.
void color_run_bytes(const std::uint8_t* in, std::size_t pixels, std::span<const ColorStep> steps, std::uint8_t* out);

}  // namespace leaven::kernels
