#include "tests/io/png_fixtures.hpp"

namespace leaven::io::testing {

Bytes write_png(PngRecipe recipe) {
  Bytes file;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_set_write_fn(
      png, &file,
      [](png_structp p, png_bytep data, std::size_t size) {
        auto& out = *static_cast<Bytes*>(png_get_io_ptr(p));
        const auto* first = reinterpret_cast<const std::byte*>(data);
        out.insert(out.end(), first, first + size);
      },
      nullptr);
  png_set_IHDR(png, info, static_cast<png_uint_32>(recipe.width), static_cast<png_uint_32>(recipe.height), recipe.bits,
               recipe.colour, recipe.interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE, 0, 0);
  if (!recipe.palette.empty()) png_set_PLTE(png, info, recipe.palette.data(), static_cast<int>(recipe.palette.size()));
  if (!recipe.palette_alpha.empty())
    png_set_tRNS(png, info, recipe.palette_alpha.data(), static_cast<int>(recipe.palette_alpha.size()), nullptr);
  if (recipe.transparent) png_set_tRNS(png, info, nullptr, 0, &*recipe.transparent);
  if (recipe.gamma > 0) png_set_gAMA(png, info, recipe.gamma);
  std::vector<png_bytep> rows;
  for (auto& row : recipe.rows) rows.push_back(row.data());
  png_set_rows(png, info, rows.data());
  png_write_png(png, info, PNG_TRANSFORM_IDENTITY, nullptr);
  png_destroy_write_struct(&png, &info);
  return file;
}

}  // namespace leaven::io::testing
