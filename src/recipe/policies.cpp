// Where papers give magnitudes in units of their own, they become fields of ops here: a shear of s is tan of the angle, a
// factor 1 ± m of brightness, contrast, saturation (Color) and sharpness, a threshold of 255 is 1.
#include "recipe/policies.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "core/exact_math.hpp"
#include "recipe/auto_augment.hpp"

namespace leaven::recipe {

namespace {

enum class Unit : std::uint8_t { none, shear, share, degrees, factor, bits, threshold };

struct PolicyOp {
  std::string_view name;   ///< as in the papers
  std::string_view step;   ///< "shear: {{x: {}}}" with the value's place
  Unit unit;
};
constexpr std::array<PolicyOp, 15> kOps{{{"Identity", "d4: {element: 0}", Unit::none},
                                         {"ShearX", "shear: {{x: {}}}", Unit::shear},
                                         {"ShearY", "shear: {{y: {}}}", Unit::shear},
                                         {"TranslateX", "translate: {{x: {}}}", Unit::share},
                                         {"TranslateY", "translate: {{y: {}}}", Unit::share},
                                         {"Rotate", "rotate: {{degrees: {}}}", Unit::degrees},
                                         {"Brightness", "brightness: {{by: {}}}", Unit::factor},
                                         {"Color", "saturation: {{by: {}}}", Unit::factor},
                                         {"Contrast", "contrast: {{by: {}, around: mean}}", Unit::factor},
                                         {"Sharpness", "sharpen: {{by: {}}}", Unit::factor},
                                         {"Posterize", "posterize: {{bits: {}}}", Unit::bits},
                                         {"Solarize", "solarize: {{threshold: {}}}", Unit::threshold},
                                         {"AutoContrast", "autocontrast", Unit::none},
                                         {"Equalize", "equalize", Unit::none},
                                         {"Invert", "invert", Unit::none}}};

/// The farthest magnitude of each unit.
struct Reach {
  double shear{0.3}, share{150.0 / 331.0}, degrees{30}, factor{0.9}, bits_lost{4};
};

bool has_sign(Unit unit) { return unit == Unit::shear || unit == Unit::share || unit == Unit::degrees || unit == Unit::factor; }

/// The field's value at `part` of the way to the reach, in [−1, 1].
double value_at(Unit unit, double part, const Reach& reach) {
  constexpr double kDegrees = 180 / 3.14159265358979323846;
  switch (unit) {
    case Unit::shear: return exact::atan2(part * reach.shear, 1) * kDegrees;
    case Unit::share: return part * reach.share;
    case Unit::degrees: return part * reach.degrees;
    case Unit::factor: return 1 + part * reach.factor;
    case Unit::bits: return 8 - std::nearbyint(part * reach.bits_lost);
    case Unit::threshold: return 1 - part;
    case Unit::none: break;
  }
  return 0;
}

std::string number_text(double value) { return fmt::format("{:.6g}", value); }

std::string choice_of(const std::vector<double>& values) {
  std::string list;
  for (const double v : values) list += (list.empty() ? "" : ", ") + number_text(v);
  return values.size() == 1 ? list : "{choice: [" + list + "]}";
}

/// An op at one of these strengths, with either sign where it has one.
std::string step_of(const PolicyOp& op, const std::vector<double>& parts, const Reach& reach) {
  if (op.unit == Unit::none) return std::string(op.step);
  std::vector<double> values;
  for (const double part : parts) {
    values.push_back(value_at(op.unit, part, reach));
    if (has_sign(op.unit)) values.push_back(value_at(op.unit, -part, reach));
  }
  return fmt::format(fmt::runtime(op.step), choice_of(values));
}

/// Alternatives as the lines of a one_of, `indent` deep.
std::string one_of(const std::vector<std::string>& steps, const std::string& indent) {
  std::string text = "one_of:\n";
  for (const std::string& step : steps) text += indent + "- " + step + "\n";
  return text;
}

// Cubuk et al., "RandAugment: Practical automated data augmentation with a reduced search space", 2020; magnitudes in
// torchvision's bins.
std::string rand_augment(MapReader& map) {
  const auto n = map.whole("n", 1, 100).value_or(2), bins = map.whole("bins", 2, 1000).value_or(31);
  const auto magnitude = map.whole("magnitude", 0, bins - 1).value_or(std::min<std::int64_t>(9, bins - 1));
  std::vector<std::string> steps;
  for (const PolicyOp& op : kOps)
    if (op.name != "Invert") steps.push_back(step_of(op, {static_cast<double>(magnitude) / static_cast<double>(bins - 1)}, {}));
  return fmt::format("repeat:\n  times: {}\n  steps:\n    - {}", n, one_of(steps, "        "));
}

// Müller & Hutter, "TrivialAugment: Tuning-free yet state-of-the-art data augmentation", 2021, the wide space.
std::string trivial_augment(MapReader& map) {
  constexpr int kBins = 31;
  constexpr double kShift = 32;  // px, in a picture of `size` px
  const auto size = map.whole("size", 32, 65536).value_or(224);
  const Reach reach{0.99, kShift / static_cast<double>(size), 135, 0.99, 6};
  std::vector<double> parts;
  for (int i = 0; i < kBins; ++i) parts.push_back(i / (kBins - 1.0));
  std::vector<std::string> steps;
  for (const PolicyOp& op : kOps)
    if (op.name != "Invert") steps.push_back(step_of(op, parts, reach));
  return one_of(steps, "  ");
}

// LingChen et al., "UniformAugment: A search-free probabilistic data augmentation approach", 2020.
std::string uniform_augment(MapReader& map) {
  const auto n = map.whole("n", 1, 100).value_or(2);
  const double p = map.number("p_each", 0, 1).value_or(0.5);
  const Reach reach{0.3, 0.45, 30, 0.9, 4};
  std::vector<std::string> steps;
  for (const PolicyOp& op : kOps) {
    if (op.name == "Identity") continue;
    if (op.unit == Unit::none) {
      steps.emplace_back(op.step);
    } else if (op.unit == Unit::bits) {
      steps.push_back(fmt::format(fmt::runtime(op.step), "{int: [4, 8]}"));
    } else {
      const double lo = value_at(op.unit, has_sign(op.unit) ? -1 : 1, reach), hi = value_at(op.unit, has_sign(op.unit) ? 1 : 0, reach);
      steps.push_back(fmt::format(fmt::runtime(op.step), fmt::format("{{uniform: [{}, {}]}}", number_text(lo), number_text(hi))));
    }
  }
  steps.emplace_back("cutout: {size: {uniform: [0, 0.2]}}");
  return fmt::format("repeat:\n  times: {}\n  steps:\n    - with_probability:\n        p: {}\n        steps:\n          - {}", n, p,
                     one_of(steps, "              "));
}

std::string auto_augment(MapReader& map) {
  const std::size_t policy = map.choice("policy", {"imagenet", "cifar10", "svhn"}).value_or(0);
  std::vector<std::string> steps;
  for (const AutoAugmentPair& pair : auto_augment_pairs(policy)) {
    std::string sequence = "sequence:";
    for (const AutoAugmentStep& s : pair) {
      const auto* op = std::ranges::find(kOps, s.op, &PolicyOp::name);
      const std::string step = step_of(*op, {s.magnitude / 9.0}, {});
      sequence += fmt::format("\n      - with_probability: {{p: {}, steps: [{}]}}", s.p, op->unit == Unit::none ? step : "{" + step + "}");
    }
    steps.push_back(sequence);
  }
  return one_of(steps, "  ");
}

}  // namespace

const std::vector<Policy>& policies() {
  static const std::vector<Policy> all{
      {"rand_augment", "n ops by chance, all at one magnitude", "Cubuk et al. 2020", "n: 2, magnitude: 9, bins: 31", rand_augment},
      {"trivial_augment", "One op by chance, at a strength by chance (the wide space)", "Müller & Hutter 2021",
       "size: 224 (px that a shift of 32 px is a share of)", trivial_augment},
      {"auto_augment", "One of 25 learned pairs of ops", "Cubuk et al. 2019", "policy: imagenet, cifar10 or svhn", auto_augment},
      {"uniform_augment", "n ops by chance, each with its own probability and any strength", "LingChen et al. 2020",
       "n: 2, p_each: 0.5", uniform_augment}};
  return all;
}

const Policy* find_policy(std::string_view name) {
  const auto found = std::ranges::find(policies(), name, &Policy::name);
  return found == policies().end() ? nullptr : &*found;
}

const std::vector<std::string_view>& searched_ops() {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> all;
    for (const PolicyOp& op : kOps)
      if (op.name != "Identity" && op.name != "Invert") all.push_back(op.name);
    return all;
  }();
  return names;
}

std::string searched_step(std::string_view op, double strength) {
  return step_of(*std::ranges::find(kOps, op, &PolicyOp::name), {strength}, {});
}

}  // namespace leaven::recipe
