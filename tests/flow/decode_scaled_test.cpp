// `decode: scaled` through the job: what is written, what lineage says of it, and that it can be made again.
#include <gtest/gtest.h>

#include "core/lineage.hpp"
#include "flow/replay.hpp"
#include "tests/flow/job_run.hpp"
#include "tests/flow/small_dataset.hpp"

namespace leaven::flow {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSteps = "steps:\n  - resize: {width: 40, height: 30}\n  - brightness: {by: {uniform: [0.9, 1.1]}}\n";

double mean_difference(const Raster& a, const Raster& b) {
  double sum = 0;
  const std::size_t bytes = a.shape().bytes();
  for (std::size_t i = 0; i < bytes; ++i) sum += std::abs(std::to_integer<int>(a.data()[i]) - std::to_integer<int>(b.data()[i]));
  return sum / static_cast<double>(bytes);
}

Raster read_image(const fs::path& file) { return decode_whole(load_source_file(file)); }

JobOptions scaled(const fs::path& in, const fs::path& out, const std::string& decode = "decode: scaled\n") {
  JobOptions options = options_for(in, out, decode + "augment: {times: 2}\nsink: {image_format: png}\n" + kSteps);
  return options;
}

TEST(DecodeScaled, MakesNearlyTheSamePicturesAndSaysSo) {
  TestFolder folder;
  write_image(folder / "in" / "a" / "photo.jpg", picture(1, 403, 301));
  write_image(folder / "in" / "a" / "drawn.png", picture(2, 403, 301));
  run(scaled(folder / "in", folder / "exact", ""));
  run(scaled(folder / "in", folder / "out"));
  for (const char* copy : {"photo_aug1.png", "photo_aug2.png"}) {
    const Raster exact = read_image(folder / "exact" / "a" / copy), made = read_image(folder / "out" / "a" / copy);
    ASSERT_EQ(exact.shape(), made.shape());
    EXPECT_FALSE(same_pixels(exact.view(), made.view())) << "the decoder did not shrink";
    EXPECT_LT(mean_difference(exact, made), 3) << copy;
  }
  EXPECT_EQ(read_text(folder / "exact" / "a" / "drawn_aug1.png"), read_text(folder / "out" / "a" / "drawn_aug1.png")) << "only JPEG can";
  EXPECT_EQ(read_text(folder / "in" / "a" / "photo.jpg"), read_text(folder / "out" / "a" / "photo.jpg"));
  for (const std::string& line : lines_of(folder / "out" / kLineageFile)) {
    const LineageRecord record = lineage_from_json(line, ops::op_table());
    EXPECT_TRUE(record.decode_scaled);
    EXPECT_TRUE(replay(record, scaled(folder / "in", folder / "out").recipe.source).same_digest) << line;
  }
  for (const std::string& line : lines_of(folder / "exact" / kLineageFile)) EXPECT_EQ(line.find("decode"), std::string::npos);
}

TEST(DecodeScaled, TheSameBytesHoweverItIsRun) {
  TestFolder folder;
  for (int i = 0; i < 6; ++i) write_image(folder / "in" / "a" / (std::to_string(i) + ".jpg"), picture(i, 203 + 8 * i, 150));
  const std::string crops = "decode: scaled\nsteps: [{random_resized_crop: {width: 32, height: 32}}]\n";
  const auto go = [&](const std::string& out, int threads, std::uint32_t times) {
    JobOptions options = options_for(folder / "in", folder / out, crops);
    options.recipe.augment.times = times;
    options.threads = threads;
    options.resume = std::filesystem::exists(folder / out);
    run(options);
  };
  go("1", 1, 3);
  go("8", 8, 3);
  EXPECT_EQ(tree_of(folder / "1"), tree_of(folder / "8"));
  go("grown", 2, 1);
  go("grown", 2, 3);
  EXPECT_EQ(tree_of(folder / "1"), tree_of(folder / "grown"));
}

TEST(DecodeScaled, ABrokenFileIsStillFound) {
  TestFolder folder;
  for (int i = 0; i < 9; ++i) write_image(folder / "in" / "a" / (std::to_string(i) + ".jpg"), picture(i, 403, 301));
  const std::string whole = read_text(folder / "in" / "a" / "3.jpg");
  write_text(folder / "in" / "a" / "3.jpg", whole.substr(0, whole.size() * 3 / 4));
  JobOptions options = scaled(folder / "in", folder / "out");
  options.recipe.max_bad = 0.5;
  const JobSummary summary = run(options);
  EXPECT_EQ(summary.outputs, 24U);
  const auto aside = lines_of(folder / "out" / kSetAsideFile);
  ASSERT_EQ(aside.size(), 1U);
  EXPECT_NE(aside[0].find("3.jpg"), std::string::npos);
}

}  // namespace
}  // namespace leaven::flow
