#include "flow/report_marks.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>

namespace leaven::flow {

namespace {

struct Colour {
  std::uint8_t red, green, blue;
};
/// Told apart by most people, colour-blind ones too (Okabe & Ito 2008).
constexpr std::array<Colour, 7> kColours{{{230, 159, 0}, {86, 180, 233}, {0, 158, 115}, {240, 228, 66}, {0, 114, 178}, {213, 94, 0}, {204, 121, 167}}};
constexpr double kMaskShare = 0.45;

const Colour& colour_of(std::uint64_t number) { return kColours[number % kColours.size()]; }
std::string css(std::uint64_t number) {
  const Colour& c = colour_of(number);
  return fmt::format("#{:02x}{:02x}{:02x}", c.red, c.green, c.blue);
}

/// number(x, y) of the mask's pixel, 0 for none.
template <class Number>
void blend(Raster& picture, Size mask, const Number& number) {
  const RasterShape& shape = picture.shape();
  for (int y = 0; y < shape.height; ++y)
    for (int x = 0; x < shape.width; ++x) {
      const std::uint64_t n = number(x * mask.width / shape.width, y * mask.height / shape.height);
      if (n == 0) continue;
      auto* pixel = picture.row<std::uint8_t>(y) + x * shape.channels;
      const Colour& c = colour_of(n - 1);
      const std::array<std::uint8_t, 3> parts{c.red, c.green, c.blue};
      for (std::size_t k = 0; k < 3; ++k)
        pixel[k] = static_cast<std::uint8_t>(std::lround(pixel[k] * (1 - kMaskShare) + parts[k] * kMaskShare));
    }
}

std::string points_text(const Outline& outline) {
  std::string text;
  for (const Point& p : outline) text += fmt::format("{}{:.1f},{:.1f}", text.empty() ? "" : " ", p.x, p.y);
  return text;
}

void write_outline(HtmlWriter& svg, std::string_view element, const Outline& outline, const std::string& colour) {
  svg.single(element, {{"points", points_text(outline)}, {"stroke", colour}});
}

void write_instance(HtmlWriter& svg, const Instance& instance, std::span<const Category> categories) {
  const std::string colour = css(instance.category);
  const auto draw = [&] {
    svg.element("title", instance.category < categories.size() ? categories[instance.category].name : std::string("?"));
    if (const auto& b = instance.box; b && !instance.rotated)
      write_outline(svg, "polygon", {{b->left, b->top}, {b->right, b->top}, {b->right, b->bottom}, {b->left, b->bottom}}, colour);
    for (const Outline& outline : instance.outlines) write_outline(svg, instance.open ? "polyline" : "polygon", outline, colour);
    for (const Keypoint& k : instance.keypoints)
      if (k.visibility > 0)  // a line of no length with round ends keeps its size on every screen
        svg.single("polyline", {{"points", points_text({k.at, k.at})}, {"class", k.visibility > 1 ? "dot" : "dot hidden"}, {"stroke", colour}});
  };
  svg.element("g", draw);
}

}  // namespace

void blend_masks(Raster& picture, const Annotations& annotations) {
  for (const MaskField& mask : annotations.masks) {
    const RasterShape& shape = mask.pixels.shape();
    blend(picture, shape.size(), [&](int x, int y) -> std::uint64_t {
      const int at = x * shape.channels;
      return shape.dtype == Dtype::u16 ? mask.pixels.row<std::uint16_t>(y)[at] : mask.pixels.row<std::uint8_t>(y)[at];
    });
  }
  for (const Instance& instance : annotations.instances) {
    if (!instance.mask) continue;
    const Raster mask = instance.mask->to_raster();
    blend(picture, mask.shape().size(), [&](int x, int y) -> std::uint64_t { return mask.row<std::uint8_t>(y)[x] != 0 ? instance.category + 1U : 0U; });
  }
}

void write_marks(HtmlWriter& page, const Annotations& annotations, std::span<const Category> categories, Size image) {
  if (annotations.instances.empty()) return;
  const std::string box = fmt::format("0 0 {} {}", image.width, image.height);
  page.element("svg", {{"class", "marks"}, {"viewBox", box}, {"preserveAspectRatio", "xMidYMid meet"}}, [&] {
    for (const Instance& instance : annotations.instances) write_instance(page, instance, categories);
  });
}

}  // namespace leaven::flow
