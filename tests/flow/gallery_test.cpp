#include "flow/gallery.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "core/error.hpp"
#include "flow/report_text.hpp"
#include "flow/series_gallery.hpp"
#include "ops/families.hpp"
#include "tests/flow/small_dataset.hpp"

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

TEST(Gallery, StepsInsideStepsChangeThePictureAndAreTold) {
  const std::vector<std::string> mix{"mix"};
  const std::string page = gallery_page(small_photo(), ops::op_table(), mix);
  for (const std::string op : {"blend", "in_tiles", "in_channels"}) {
    const std::size_t begin = page.find("<h3 id=\"" + op + "\">");
    ASSERT_NE(begin, std::string::npos) << op;
    const std::string part = page.substr(begin, page.find("<h3", begin + 1) - begin);
    std::set<std::string> pictures;
    for (std::size_t at = part.find("src=\""); at != std::string::npos; at = part.find("src=\"", at + 1)) pictures.insert(part.substr(at, part.find('"', at + 5) - at));
    EXPECT_EQ(pictures.size(), 4U) << op << ": the original and three others";
    EXPECT_EQ(part.find("unchanged"), std::string::npos) << op;
    EXPECT_NE(part.find(op == "in_channels" ? "of (gaussian_noise sigma " : op == "blend" ? "of (grayscale" : "of (gaussian_blur sigma "), std::string::npos) << part.substr(0, 400);
  }
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

/// Six sines of 40 values in two classes.
class SeriesGallery : public testing::Test {
 protected:
  SeriesGallery() {
    std::string text;
    for (int i = 0; i < 6; ++i) {
      text += std::to_string(1 + i % 2);
      for (int t = 0; t < 40; ++t) text += "\t" + std::to_string(std::sin(0.3 * t * (1 + i % 2)) + 0.1 * i);
      text += "\n";
    }
    write_text(folder_ / "waves.tsv", text);
    reader_ = io::open_dataset(folder_ / "waves.tsv");
  }
  std::string page(const std::string& sample, const std::vector<std::string>& families = {}) const {
    return series_gallery_page(*reader_, sample, ops::op_table(), families);
  }

  TestFolder folder_;
  std::unique_ptr<io::DatasetReader> reader_;
};

TEST_F(SeriesGallery, ShowsEveryStepOnSeriesAtThreeStrengths) {
  const std::string shown = page({});
  std::size_t ops = 0;
  for (const auto& op : ops::op_table().all()) {
    ops += op->domain == Domain::series;
    EXPECT_EQ(shown.find("<h3 id=\"" + std::string(op->name) + "\">") != std::string::npos, op->domain == Domain::series) << op->name;
  }
  EXPECT_EQ(count_of(shown, "No picture"), 0U);
  EXPECT_EQ(count_of(shown, "<svg "), 3 * ops);
  EXPECT_EQ(count_of(shown, "class=\"now\""), 3 * ops);
  EXPECT_NE(shown.find("low: series_jitter sigma 0.1"), std::string::npos) << "a third of the way from 0 to 0.3";
  EXPECT_NE(shown.find("strong: series_jitter sigma 0.3"), std::string::npos);
}

TEST_F(SeriesGallery, ShowsTheSeriesAskedFor) {
  const std::string id = reader_->index().entries.at(3).id;
  EXPECT_NE(page(id).find("The thin line is " + id + " of class 2"), std::string::npos);
  EXPECT_NE(page(id), page({}));
  EXPECT_THROW(page("no such series"), Error);
  EXPECT_THROW(page({}, {"blur"}), Error) << "a family of images";
}

}  // namespace
}  // namespace leaven::flow
