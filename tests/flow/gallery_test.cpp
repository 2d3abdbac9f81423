#include "flow/gallery.hpp"

#include <gtest/gtest.h>

#include "core/error.hpp"
#include "flow/report_text.hpp"
#include "ops/families.hpp"

namespace leaven::flow {
namespace {

LoadedSource small_photo() {
  Raster image({48, 40, 3, Dtype::u8});
  for (int y = 0; y < 40; ++y)
    for (int x = 0; x < 48 * 3; ++x) image.row<std::uint8_t>(y)[x] = static_cast<std::uint8_t>((x * 5 + y * 3) % 251);
  LoadedSource source;
  source.header.shape = source.header.stored = image.shape();
  source.image.pixels = std::move(image);
  return source;
}

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST(Gallery, ShowsEveryImageOpAtThreeStrengths) {
  const std::string page = gallery_page(small_photo(), ops::op_table(), {});
  std::size_t ops = 0;
  for (const auto& op : ops::op_table().all()) {
    const bool image = op->domain == Domain::raster;
    ops += image;
    EXPECT_EQ(page.find("<h3 id=\"" + std::string(op->name) + "\">") != std::string::npos, image) << op->name;
  }
  const std::size_t without = count_of(page, "No picture");
  EXPECT_LE(without, 3U) << "crops larger than this small photo";
  EXPECT_EQ(count_of(page, "<img "), 4 * (ops - without));
}

TEST(Gallery, TakesFamiliesAndRefusesUnknownOnes) {
  const std::vector<std::string> blur{"blur"}, typo{"blurr"};
  const std::string page = gallery_page(small_photo(), ops::op_table(), blur);
  EXPECT_NE(page.find("gaussian_blur"), std::string::npos);
  EXPECT_EQ(page.find("horizontal_flip"), std::string::npos);
  EXPECT_THROW(gallery_page(small_photo(), ops::op_table(), typo), Error);
}

TEST(Gallery, PreviewShowsTheJobsOwnCopies) {
  recipe::Recipe recipe = recipe::parse("leaven: 1\nseed: 4\nsteps:\n  - brightness: {by: {uniform: [0.5, 1.5]}}\n", ops::op_table(), "my");
  std::vector<PreviewPhoto> photos;
  photos.push_back({"a.jpg", small_photo()});
  const std::string page = preview_page(recipe, photos, 5);
  EXPECT_EQ(count_of(page, "<img "), 6U);
  const plan::DrawnProgram drawn = plan::draw_program(recipe, {.seed = 4, .sample = "a.jpg", .copy = 2}, photos[0].source.shape(), "");
  const double by = as_number(drawn.program.steps.at(0).op.get("by"));
  EXPECT_NE(page.find("brightness by " + number_text(by)), std::string::npos) << by;
}

}  // namespace
}  // namespace leaven::flow
