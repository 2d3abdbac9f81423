#include "core/value.hpp"

#include <charconv>
#include <cmath>

#include "core/error.hpp"
#include "core/exact_math.hpp"

namespace leaven {

namespace {

std::string number_text(double value) {
  char buffer[40];
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, value);
  return error == std::errc{} ? std::string(buffer, end) : std::string("nan");
}

constexpr std::uint64_t kElementStride = 1ULL << 32;  // room for rejections within one element

double unit_from(std::uint64_t bits) { return static_cast<double>(bits >> 11) * 0x1p-53; }

// Open at both ends, for quantile functions.
double open_unit(Key key, std::uint64_t element) {
  const auto r = random_block(key, element);
  const std::uint64_t bits = static_cast<std::uint64_t>(r[1]) << 32 | r[0];
  return (static_cast<double>(bits >> 12) + 0.5) * 0x1p-52;
}

// Marsaglia and Tsang (2000), "A simple method for generating gamma variables"; shapes below 1 by the boost
// G(a) = G(a + 1)·U^(1/a), kept as a logarithm so that small shapes do not underflow.
double log_gamma_variate(double shape, Key key, std::uint64_t& at) {
  double boost = 0;
  if (shape < 1) {
    boost = exact::log(open_unit(key, at++)) / shape;
    shape += 1;
  }
  const double d = shape - 1.0 / 3, c = 1 / std::sqrt(9 * d);
  for (;;) {
    const double x = exact::normal_quantile(open_unit(key, at++));
    const double u = open_unit(key, at++);
    double v = 1 + c * x;
    if (v <= 0) continue;
    v = v * v * v;
    if (exact::log(u) < 0.5 * x * x + d - d * v + d * exact::log(v)) return exact::log(d * v) + boost;
  }
}

double draw_beta(double a, double b, Key key, std::uint64_t at) {
  const double ga = log_gamma_variate(a, key, at), gb = log_gamma_variate(b, key, at);
  return 1 / (1 + exact::exp(gb - ga));
}

double draw_truncated(const Law& law, Key key, std::uint64_t at) {
  // By rejection: exact, and no law in a recipe keeps less than a sliver of its mass (the reader checks that).
  for (std::uint64_t tries = 0; tries < 100'000; ++tries) {
    const double x = law.a + law.b * exact::normal_quantile(open_unit(key, at++));
    if (x >= law.lo && x <= law.hi) return x;
  }
  return law.a < law.lo ? law.lo : law.hi;
}

}  // namespace

std::string to_text(const Value& value) {
  struct Printer {
    std::string operator()(double v) const { return number_text(v); }
    std::string operator()(std::int64_t v) const { return std::to_string(v); }
    std::string operator()(bool v) const { return v ? "true" : "false"; }
    std::string operator()(const std::string& v) const { return v; }
    std::string operator()(const std::vector<double>& list) const {
      std::string text = "[";
      for (std::size_t i = 0; i < list.size(); ++i) text += (i ? ", " : "") + number_text(list[i]);
      return text + "]";
    }
  };
  return std::visit(Printer{}, value);
}

double as_number(const Value& value) {
  if (const auto* v = std::get_if<double>(&value)) return *v;
  if (const auto* v = std::get_if<std::int64_t>(&value)) return static_cast<double>(*v);
  if (const auto* v = std::get_if<bool>(&value)) return *v ? 1 : 0;
  throw usage_error("must be a number, got " + to_text(value));
}

const char* name_of(Law::Kind kind) {
  switch (kind) {
    case Law::Kind::none: return "none";
    case Law::Kind::uniform: return "uniform";
    case Law::Kind::integer: return "int";
    case Law::Kind::log_uniform: return "log_uniform";
    case Law::Kind::normal: return "normal";
    case Law::Kind::truncated_normal: return "truncated_normal";
    case Law::Kind::beta: return "beta";
  }
  return "none";
}

double draw_unit(Key key, std::uint64_t element) {
  const auto r = random_block(key, element * kElementStride);
  return unit_from(static_cast<std::uint64_t>(r[1]) << 32 | r[0]);
}

// Lemire (2019), "Fast random integer generation in an interval": multiply, reject the biased sliver.
std::uint64_t draw_below(Key key, std::uint64_t count, std::uint64_t element) {
  if (count <= 1) return 0;
  const std::uint64_t threshold = (0 - count) % count;
  for (std::uint64_t at = element * kElementStride;; ++at) {
    const auto r = random_block(key, at);
    const std::uint64_t bits = static_cast<std::uint64_t>(r[1]) << 32 | r[0];
    __extension__ using Wide = unsigned __int128;
    const Wide product = static_cast<Wide>(bits) * count;
    if (static_cast<std::uint64_t>(product) >= threshold) return static_cast<std::uint64_t>(product >> 64);
  }
}

double draw(const Law& law, Key key, std::uint64_t element) {
  const std::uint64_t at = element * kElementStride;
  switch (law.kind) {
    case Law::Kind::none: return 0;
    case Law::Kind::uniform: return law.a + (law.b - law.a) * draw_unit(key, element);
    case Law::Kind::integer: {
      const auto first = static_cast<std::int64_t>(law.a), last = static_cast<std::int64_t>(law.b);
      return static_cast<double>(first + static_cast<std::int64_t>(
                                             draw_below(key, static_cast<std::uint64_t>(last - first) + 1, element)));
    }
    case Law::Kind::log_uniform: {
      const double low = exact::log(law.a), high = exact::log(law.b);
      const double x = exact::exp(low + (high - low) * draw_unit(key, element));
      return x < law.a ? law.a : x > law.b ? law.b : x;
    }
    case Law::Kind::normal: return law.a + law.b * exact::normal_quantile(open_unit(key, at));
    case Law::Kind::truncated_normal: return draw_truncated(law, key, at);
    case Law::Kind::beta: return law.lo + (law.hi - law.lo) * draw_beta(law.a, law.b, key, at);
  }
  return 0;
}

std::size_t draw_weighted(const std::vector<double>& weights, Key key, std::uint64_t element) {
  double total = 0;
  for (const double w : weights) total += w;
  double target = draw_unit(key, element) * total;
  std::size_t last = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (weights[i] <= 0) continue;
    last = i;
    if (target < weights[i]) return i;
    target -= weights[i];
  }
  return last;
}

}  // namespace leaven
