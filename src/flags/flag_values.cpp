#include "flags/flag_values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

#include "core/error.hpp"
#include "core/op.hpp"

namespace leaven::flags {

namespace {

/// True when the whole text is one number of this type.
template <class T>
bool read_number(std::string_view text, T& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size();
}

std::string range_text(std::uint64_t lo, std::uint64_t hi) {
  if (hi == std::numeric_limits<std::uint64_t>::max())
    return lo == 0 ? "a whole number" : fmt::format("a whole number of at least {}", lo);
  return fmt::format("a whole number in [{}, {}]", lo, hi);
}

}  // namespace

std::uint64_t whole_number(std::string_view flag, const std::string& text, std::uint64_t lo, std::uint64_t hi) {
  std::uint64_t number{};
  if (!read_number(text, number) || number < lo || number > hi)
    throw usage_error(fmt::format("{} must be {}, got {}", flag, range_text(lo, hi), text));
  return number;
}

double number(std::string_view flag, const std::string& text, double lo, double hi) {
  double number{};
  if (!read_number(std::string_view(text), number) || !(number >= lo && number <= hi)) throw usage_error(fmt::format("{} must be a number in [{:g}, {:g}], got {}", flag, lo, hi, text));
  return number;
}

double share(std::string_view flag, const std::string& text) {
  std::string_view digits = text;
  const bool percent = digits.ends_with('%');
  if (percent) digits.remove_suffix(1);
  double number{};
  const bool read = read_number(digits, number);
  if (percent) number /= 100;
  if (!read || !(number >= 0 && number <= 1))
    throw usage_error(fmt::format("{} must be a share from 0% to 100%, got {}", flag, text))
        .with_hint("10% and 0.1 mean the same");
  return number;
}

std::pair<std::uint32_t, std::uint32_t> shard_of(std::string_view flag, const std::string& text) {
  constexpr std::uint32_t kMostShards = 100'000;
  const std::size_t slash = text.find('/');
  std::uint32_t shard{}, shards{};
  if (slash == std::string::npos || !read_number(std::string_view(text).substr(0, slash), shard) ||
      !read_number(std::string_view(text).substr(slash + 1), shards) || shard < 1 || shard > shards ||
      shards > kMostShards)
    throw usage_error(fmt::format("{} must be I/N with I from 1 to N, got {}", flag, text))
        .with_hint("2/8 makes the second of eight parts");
  return {shard, shards};
}

std::pair<int, int> size_of(std::string_view flag, const std::string& text) {
  constexpr int kLongest = 1 << 16;
  const std::size_t cross = text.find('x');
  int width{}, height{};
  if (cross == std::string::npos || !read_number(std::string_view(text).substr(0, cross), width) ||
      !read_number(std::string_view(text).substr(cross + 1), height) || std::min(width, height) < 1 ||
      std::max(width, height) > kLongest)
    throw usage_error(fmt::format("{} must be WxH in px, each in [1, {}], got {}", flag, kLongest, text))
        .with_hint("640x480, for instance");
  return {width, height};
}

std::string word(std::string_view flag, const std::string& text, std::span<const std::string_view> words) {
  if (std::ranges::find(words, text) != words.end()) return text;
  throw usage_error(fmt::format("{} must be one of {}, got {}", flag, fmt::join(words, ", "), text))
      .with_hint(did_you_mean(text, words));
}

}  // namespace leaven::flags
