// Noise added pixel by pixel.
#include <array>

#include "core/op.hpp"

namespace leaven::ops {
namespace {

namespace gaussian_noise {
struct Op {
  double sigma = 0.02;
  bool per_channel = true;
};
constexpr auto fields =
    std::array{field<&Op::sigma>("sigma", {.doc = "Standard deviation, as a share of full scale",
                                           .lo = 0,
                                           .hi = 1,
                                           .unit = "fraction",
                                           .neutral = 0,
                                           .strong = 0.2,
                                           .draw = uniform(0.005, 0.03)}),
               field<&Op::per_channel>("per_channel", {.doc = "Draw for each channel; false makes grey noise"})};
Nodes lower(const Op& op, const Site& at) {
  if (op.sigma == 0) return {};
  return {Positional{GaussianNoise{.sigma = op.sigma, .per_channel = op.per_channel, .key = at.key, .first_channel = at.group.first}}};
}
}  // namespace gaussian_noise

namespace salt_pepper {
struct Op {
  double amount = 0.01, salt = 0.5;
};
constexpr auto fields = std::array{
    field<&Op::amount>("amount", {.doc = "Share of the pixels that become white or black",
                                  .lo = 0,
                                  .hi = 1,
                                  .unit = "fraction",
                                  .neutral = 0,
                                  .strong = 0.2,
                                  .draw = uniform(0.001, 0.02)}),
    field<&Op::salt>("salt", {.doc = "Share of those that become white", .lo = 0, .hi = 1, .unit = "fraction"})};
Nodes lower(const Op& op, const Site& at) {
  if (op.amount == 0) return {};
  return {Positional{SaltPepper{.amount = op.amount, .salt = op.salt, .key = at.key}}};
}
}  // namespace salt_pepper

}  // namespace

void add_noise(OpTable& t) {
  t.add(op<gaussian_noise::Op, gaussian_noise::lower>({.name = "gaussian_noise",
                                                       .summary = "Add Gaussian noise",
                                                       .detail = "v' = v + sigma·n, n from the standard normal law, "
                                                                 "its own for every pixel and, unless told otherwise, "
                                                                 "channel; alpha stays.",
                                                       .family = "noise",
                                                       .example = "gaussian_noise: {sigma: 0.05}",
                                                       .node = NodeKind::positional,
                                                       .fields = gaussian_noise::fields}));
  t.add(op<salt_pepper::Op, salt_pepper::lower>(
      {.name = "salt_pepper",
       .summary = "Turn single pixels white or black",
       .detail = "Each pixel by itself, with probability amount·salt for white and amount·(1 − salt) for black; alpha "
                 "stays.",
       .family = "noise",
       .example = "salt_pepper: {amount: 0.02}",
       .node = NodeKind::positional,
       .fields = salt_pepper::fields}));
}

}  // namespace leaven::ops
