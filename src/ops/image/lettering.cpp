#include "ops/image/lettering.hpp"

#include <ft2build.h>
#include FT_FREETYPE_H

#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

#include "core/error.hpp"
#include "core/utf8.hpp"

namespace leaven::ops {
namespace {

// 26.6 fixed point, as FreeType counts.
constexpr int kUnit = 64;
constexpr int kMostSide = 16384;

struct CloseLibrary {
  void operator()(FT_Library library) const { FT_Done_FreeType(library); }
};
struct CloseFace {
  void operator()(FT_Face face) const { FT_Done_Face(face); }
};
using Library = std::unique_ptr<FT_LibraryRec_, CloseLibrary>;
using Face = std::unique_ptr<FT_FaceRec_, CloseFace>;

Library open_library() {
  FT_Library library{};
  if (FT_Init_FreeType(&library) != 0) throw environment_error("FreeType does not start");
  return Library(library);
}

Face open_face(const Library& library, std::span<const std::byte> font, int height) {
  FT_Face face{};
  const auto* bytes = reinterpret_cast<const FT_Byte*>(font.data());
  if (FT_New_Memory_Face(library.get(), bytes, static_cast<FT_Long>(font.size()), 0, &face) != 0)
    throw usage_error("the font is none that FreeType reads").with_field("font");
  Face owned(face);
  if (FT_Set_Pixel_Sizes(face, 0, static_cast<FT_UInt>(height)) != 0)
    throw usage_error("the font has no size of " + std::to_string(height) + " px: it must be one of outlines").with_field("font");
  return owned;
}

/// The next character of UTF-8, from the byte at `at`, which moves on. Nothing for bytes that are none.
std::optional<FT_ULong> next_character(const std::string& text, std::size_t& at) {
  const std::size_t length = utf8_length(std::string_view(text).substr(at));
  if (length == 0) return std::nullopt;
  const auto byte = [&](std::size_t i) { return static_cast<FT_ULong>(static_cast<unsigned char>(text[at + i])); };
  FT_ULong code = length == 1 ? byte(0) : byte(0) & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) code = code << 6 | (byte(i) & 0x3F);
  at += length;
  return code;
}

/// A glyph's coverage and where it lies from the text's origin, px.
struct Glyph {
  int left{}, top{}, width{}, height{};
  std::vector<unsigned char> coverage{};
};

class Typesetter {
 public:
  explicit Typesetter(FT_Face face) : face_(face) {}

  void set(const std::string& text) {
    for (std::size_t at = 0; at < text.size();) {
      const auto code = next_character(text, at);
      if (!code) throw usage_error("text must be UTF-8").with_field("text");
      if (*code == '\n')
        pen_x_ = 0, pen_y_ += face_->size->metrics.height, before_ = 0;
      else
        add(*code);
    }
  }

  Plane picture() const {
    int left = 0, top = 0, right = 1, bottom = 1;
    for (std::size_t i = 0; i < glyphs_.size(); ++i) {
      const Glyph& g = glyphs_[i];
      if (i == 0) left = g.left, top = g.top, right = g.left + 1, bottom = g.top + 1;
      left = std::min(left, g.left), top = std::min(top, g.top);
      right = std::max(right, g.left + g.width), bottom = std::max(bottom, g.top + g.height);
    }
    if (right - left > kMostSide || bottom - top > kMostSide)
      throw usage_error("text must be at most " + std::to_string(kMostSide) + " px wide and high").with_field("text");
    Plane picture(right - left, bottom - top, 0);
    for (const Glyph& g : glyphs_)
      for (int y = 0; y < g.height; ++y)
        for (int x = 0; x < g.width; ++x) {
          const auto covered = static_cast<float>(g.coverage[static_cast<std::size_t>(y * g.width + x)]) / 255;
          float& v = picture.at(g.left - left + x, g.top - top + y);
          v = std::max(v, covered);
        }
    return picture;
  }

 private:
  void add(FT_ULong code) {
    const FT_UInt index = FT_Get_Char_Index(face_, code);
    FT_Vector kerning{};
    if (before_ != 0 && FT_HAS_KERNING(face_)) FT_Get_Kerning(face_, before_, index, FT_KERNING_UNFITTED, &kerning);
    pen_x_ += kerning.x;
    before_ = index;
    if (FT_Load_Glyph(face_, index, FT_LOAD_NO_HINTING | FT_LOAD_NO_BITMAP) != 0 ||
        FT_Render_Glyph(face_->glyph, FT_RENDER_MODE_NORMAL) != 0)
      throw usage_error("the font has a broken character").with_field("font");
    const FT_GlyphSlot slot = face_->glyph;
    const FT_Bitmap& bitmap = slot->bitmap;
    Glyph glyph{static_cast<int>(pen_x_ / kUnit) + slot->bitmap_left, static_cast<int>(pen_y_ / kUnit) - slot->bitmap_top,
                static_cast<int>(bitmap.width), static_cast<int>(bitmap.rows), {}};
    for (int y = 0; y < glyph.height; ++y)
      glyph.coverage.insert(glyph.coverage.end(), bitmap.buffer + y * bitmap.pitch, bitmap.buffer + y * bitmap.pitch + glyph.width);
    if (glyph.width > 0 && glyph.height > 0) glyphs_.push_back(std::move(glyph));
    pen_x_ += slot->linearHoriAdvance / 1024;  // 16.16 to 26.6: unhinted
  }

  FT_Face face_;
  FT_Pos pen_x_{}, pen_y_{};
  FT_UInt before_{};
  std::vector<Glyph> glyphs_{};
};

}  // namespace

Plane lettering(std::span<const std::byte> font, const std::string& text, int height) {
  const Library library = open_library();
  const Face face = open_face(library, font, height);
  Typesetter typesetter(face.get());
  typesetter.set(text);
  return typesetter.picture();
}

}  // namespace leaven::ops
