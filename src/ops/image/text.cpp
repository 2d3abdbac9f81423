// Text written over the picture.
#include <algorithm>
#include <cmath>

#include "ops/image/canvas.hpp"
#include "ops/image/channels.hpp"
#include "ops/image/composite.hpp"
#include "ops/image/lettering.hpp"
#include "ops/image/named_file.hpp"

namespace leaven::ops {
namespace {

namespace text {

/// Where Debian's package fonts-dejavu-core puts its plainest font.
constexpr const char* kUsualFont = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf";

struct Op {
  std::string text = "Sample", font{};
  double size = 0.1, at_x = 0.5, at_y = 0.5, opacity = 1;
  std::vector<double> color{1.0};
  double ground = 0;
  std::vector<double> ground_color{0.0};
  std::string digest{};
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::text>("text", {.doc = "What is written, UTF-8; a line break begins a new line"}),
    field<&Op::font>("font", {.doc = "Font file (.ttf, .otf), or a folder of which each copy draws one; none: DejaVu Sans", .file = true}),
    field<&Op::size>("size", {.doc = "Height of the letters' square, as a share of the picture's height", .lo = 0.005, .hi = 1,
        .unit = "fraction", .draw = uniform(0.05, 0.15)}),
    at_x_field<Op>(uniform(0, 1)),
    at_y_field<Op>(uniform(0, 1)),
    field<&Op::opacity>("opacity", {.doc = "0 shows nothing of the text, 1 nothing of the picture under it", .lo = 0, .hi = 1,
        .unit = "fraction", .neutral = 0, .strong = 1, .draw = uniform(0.5, 1)}),
    field<&Op::color>("color", {.doc = "Colour of the text: one number for all channels, or one a channel", .lo = 0, .hi = 1,
        .unit = "fraction", .min_count = 1, .max_count = 4}),
    field<&Op::ground>("ground", {.doc = "How opaque the field is that lies under the text; 0: there is none", .lo = 0,
        .hi = 1, .unit = "fraction"}),
    field<&Op::ground_color>("ground_color", {.doc = "Colour of the field", .lo = 0, .hi = 1, .unit = "fraction",
        .min_count = 1, .max_count = 4}),
    digest_field<Op>()};
// clang-format on

std::shared_ptr<const OpenedFile> font_of(const Op& op, const Site& at) {
  if (!at.files) throw usage_error("shows a file, and nobody opens files here");
  std::shared_ptr<const OpenedFile> font;
  try {
    font = at.files->file(op.font.empty() ? kUsualFont : op.font);
  } catch (const Error&) {
    if (!op.font.empty()) throw;
    throw usage_error("needs a font file").with_field("font").with_hint("name one, or install Debian's fonts-dejavu-core");
  }
  require_same(op.font.empty() ? kUsualFont : op.font, font->digest, op.digest);
  return font;
}

void resolve(Op& op, const Site& at) {
  if (op.digest.empty()) op.font = drawn_file(at, op.font, NamedKind::font);
  op.digest = font_of(op, at)->digest;
}

// One colour for all pixels, as opaque as `coverage` says.
Layer painted(Plane coverage, const std::array<float, 4>& color, int colours) {
  Layer layer;
  for (int c = 0; c < colours; ++c)
    layer.colours.emplace_back(coverage.width(), coverage.height(), color[static_cast<std::size_t>(c)]);
  layer.alpha = std::move(coverage);
  return layer;
}

Nodes lower(const Op& op, const Site& at) {
  if (op.opacity == 0) return {};
  require_bounded(at);
  const int colours = has_colour(at) ? 3 : 1;
  const int height = std::max(1, static_cast<int>(std::nearbyint(op.size * at.image.height)));
  Plane letters = lettering(font_of(op, at)->bytes, op.text, height);
  const int edge = op.ground > 0 ? std::max(1, height / 4) : 0;
  const Size size{letters.width() + 2 * edge, letters.height() + 2 * edge};
  const int x = place_within(at.image.width - size.width, op.at_x), y = place_within(at.image.height - size.height, op.at_y);
  const auto written = std::make_shared<const Layer>(painted(std::move(letters), fill_for(op.color, at), colours));
  const auto field = std::make_shared<const Layer>(
      painted(edge > 0 ? Plane(size.width, size.height, static_cast<float>(op.ground)) : Plane(1, 1, 0),
              fill_for(op.ground_color, at), colours));
  return on_planes([=, opacity = static_cast<float>(op.opacity)](Planes& planes) {
    if (edge > 0) lay_over(planes, *field, x, y, opacity);
    lay_over(planes, *written, x + edge, y + edge, opacity);
  });
}

}  // namespace text

}  // namespace

void add_text(OpTable& t) {
  t.add(op<text::Op, text::lower, text::resolve>(
      {.name = "text",
       .summary = "Write text over the picture",
       .detail = "Set by FreeType from outlines without hinting, with the font's kerning, each letter at a whole pixel; "
                 "composited by its coverage: Porter and Duff (1984). at_x and at_y share out what is left over. A field "
                 "under the text reaches a quarter of its size around it. Labels count as visible under the text. DejaVu Sans "
                 "comes with Debian's fonts-dejavu-core.",
       .family = "overlay",
       .example = "text: {text: draft, size: 0.12, opacity: 0.7}",
       .labels = LabelRule::hides,
       .node = NodeKind::opaque,
       .fields = text::fields}));
}

}  // namespace leaven::ops
