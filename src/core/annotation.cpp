#include "core/annotation.hpp"

#include <algorithm>
#include <cctype>
#include <numeric>
#include <string_view>

#include "core/error.hpp"

namespace leaven {

namespace {

/// The name with every word for one side replaced by the other's; equal to `name` when it has none.
std::string other_side(std::string_view name) {
  struct Sides {
    std::string_view left, right;
    bool whole_word;  ///< "l" in "l_ear", not in "elbow"
  };
  static constexpr Sides kSides[] = {{"left", "right", false}, {"l", "r", true}};
  const auto lower = [](char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); };
  const auto is_letter = [](char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; };
  const auto stands_at = [&](std::size_t at, std::string_view word, bool whole) {
    if (at + word.size() > name.size()) return false;
    for (std::size_t i = 0; i < word.size(); ++i)
      if (lower(name[at + i]) != word[i]) return false;
    const std::size_t end = at + word.size();
    return !whole || ((at == 0 || !is_letter(name[at - 1])) && (end == name.size() || !is_letter(name[end])));
  };
  const auto like = [&](std::string_view word, std::string_view written) {
    std::string text(word);
    const auto is_upper = [](char c) { return std::isupper(static_cast<unsigned char>(c)) != 0; };
    const bool all_upper = std::all_of(written.begin(), written.end(), is_upper);
    for (std::size_t i = 0; i < text.size(); ++i)
      if (is_upper(written[0]) && (i == 0 || all_upper)) text[i] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[i])));
    return text;
  };
  for (const Sides& sides : kSides) {
    std::string result;
    bool changed = false;
    for (std::size_t i = 0; i < name.size();) {
      const bool left = stands_at(i, sides.left, sides.whole_word);
      if (!left && !stands_at(i, sides.right, sides.whole_word)) {
        result += name[i++];
        continue;
      }
      const std::string_view from = left ? sides.left : sides.right, to = left ? sides.right : sides.left;
      result += like(to, name.substr(i, from.size()));
      i += from.size();
      changed = true;
    }
    if (changed) return result;
  }
  return std::string(name);
}

}  // namespace

Annotations Annotations::clone() const {
  Annotations copy{instances, {}, mended, extra};
  for (const MaskField& mask : masks) copy.masks.push_back({mask.name, mask.pixels.clone()});
  return copy;
}

std::optional<Box> bounds_of(const std::vector<Point>& points) {
  if (points.empty()) return std::nullopt;
  Box box{points[0].x, points[0].y, points[0].x, points[0].y};
  for (const Point& p : points) {
    box.left = std::min(box.left, p.x);
    box.top = std::min(box.top, p.y);
    box.right = std::max(box.right, p.x);
    box.bottom = std::max(box.bottom, p.y);
  }
  return box;
}

double signed_area(const Outline& outline) {
  double twice = 0;
  for (std::size_t i = 0; i < outline.size(); ++i) {
    // Against the first point, so that far-away outlines lose no digits.
    const Point &o = outline[0], &a = outline[i], &b = outline[(i + 1) % outline.size()];
    twice += (a.x - o.x) * (b.y - o.y) - (b.x - o.x) * (a.y - o.y);
  }
  return twice / 2;
}

Raster RunLengths::to_raster() const {
  const std::uint64_t pixels = static_cast<std::uint64_t>(std::max(width, 0)) * static_cast<std::uint64_t>(std::max(height, 0));
  const std::uint64_t sum = std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
  if (pixels == 0 || sum != pixels)
    throw data_error("a mask's runs cover " + std::to_string(sum) + " pixels, its size is " + std::to_string(width) +
                     "×" + std::to_string(height));
  Raster mask({width, height, 1, Dtype::u8});
  std::uint64_t at = 0;
  for (std::size_t i = 0; i < counts.size(); ++i)
    for (std::uint32_t k = 0; k < counts[i]; ++k, ++at)
      mask.row<std::uint8_t>(static_cast<int>(at % static_cast<std::uint64_t>(height)))[at / static_cast<std::uint64_t>(height)] = i % 2;
  return mask;
}

RunLengths RunLengths::of(const RasterView& mask) {
  RunLengths runs{mask.shape.width, mask.shape.height, {}};
  bool value = false;
  std::uint32_t length = 0;
  for (int x = 0; x < mask.shape.width; ++x)
    for (int y = 0; y < mask.shape.height; ++y) {
      if ((mask.row<std::uint8_t>(y)[x] != 0) != value) {
        runs.counts.push_back(length);
        length = 0;
        value = !value;
      }
      ++length;
    }
  runs.counts.push_back(length);
  return runs;
}

std::uint64_t RunLengths::area() const {
  std::uint64_t sum = 0;
  for (std::size_t i = 1; i < counts.size(); i += 2) sum += counts[i];
  return sum;
}

std::vector<std::uint32_t> mirrored_by_name(const std::vector<std::string>& keypoints) {
  std::vector<std::uint32_t> mirrored(keypoints.size());
  bool any = false;
  for (std::size_t i = 0; i < keypoints.size(); ++i) {
    const auto partner = std::ranges::find(keypoints, other_side(keypoints[i]));
    const std::size_t to = partner == keypoints.end() ? i : static_cast<std::size_t>(partner - keypoints.begin());
    mirrored[i] = static_cast<std::uint32_t>(to);
    any = any || to != i;
  }
  return any ? mirrored : std::vector<std::uint32_t>{};
}

}  // namespace leaven
