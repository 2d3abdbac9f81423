#include "flow/clean.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <random>

#include "core/error.hpp"
#include "flow/perceptual.hpp"
#include "tests/flow/small_dataset.hpp"

namespace leaven::flow {
namespace {

/// Grey levels on a 9 × 8 grid, each cell `scale` pixels wide and high.
Raster cells(const std::vector<int>& levels, int scale, int channels = 1) {
  Raster image(RasterShape{.width = 9 * scale,
                           .height = 8 * scale,
                           .channels = channels,
                           .dtype = Dtype::u8,
                           .alpha = false,
                           .bounded = true});
  for (int y = 0; y < 8 * scale; ++y)
    for (int x = 0; x < 9 * scale; ++x)
      for (int c = 0; c < channels; ++c)
        image.row<std::uint8_t>(y)[x * channels + c] =
            static_cast<std::uint8_t>(levels[static_cast<std::size_t>((y / scale) * 9 + x / scale)]);
  return image;
}

TEST(DifferenceHash, ByHand) {
  std::vector<int> levels(72, 100);
  levels[0] = 90;           // row 0: cell 0 is darker than cell 1 → bit 0
  levels[9 * 3 + 5] = 120;  // row 3: 4 < 5 → bit 28; 5 > 6 → 0
  levels[71] = 101;         // row 7: 7 < 8 → bit 63
  const std::uint64_t expected = 1ULL | 1ULL << 28 | 1ULL << 63;
  EXPECT_EQ(difference_hash(cells(levels, 1).view()), expected);
  EXPECT_EQ(difference_hash(cells(levels, 7).view()), expected);
  EXPECT_EQ(difference_hash(cells(levels, 4, 3).view()), expected);
}

TEST(DifferenceHash, APlainImageLooksLikeNothing) {
  EXPECT_FALSE(difference_hash(cells(std::vector<int>(72, 50), 3).view()).has_value());
}

// Cells that end inside pixels: the mean by area, computed in another way.
TEST(DifferenceHash, AreasOfOddSizes) {
  const Raster image = picture(7, 31, 13);
  // In units of 1/9 of a pixel's width and 1/8 of its height everything is a whole number.
  const auto overlap = [](int a0, int a1, int b0, int b1) { return std::max(0, std::min(a1, b1) - std::max(a0, b0)); };
  const auto mean = [&](int row, int column) {
    std::int64_t sum = 0;
    for (int i = 0; i < 13; ++i)
      for (int j = 0; j < 31; ++j) {
        const std::int64_t area = std::int64_t{overlap(9 * j, 9 * j + 9, 31 * column, 31 * column + 31)} *
                                  overlap(8 * i, 8 * i + 8, 13 * row, 13 * row + 13);
        const std::uint8_t* p = image.row<std::uint8_t>(i) + 3 * j;
        sum += area * (299 * p[0] + 587 * p[1] + 114 * p[2]);
      }
    return sum;
  };
  std::uint64_t expected = 0;
  for (int r = 0; r < 8; ++r)
    for (int c = 0; c < 8; ++c)
      if (mean(r, c) < mean(r, c + 1)) expected |= 1ULL << (r * 8 + c);
  EXPECT_EQ(difference_hash(image.view()), expected);
}

TEST(HammingIndex, FindsWhatComparingAllFinds) {
  std::mt19937_64 random(1);
  for (const int distance : {0, 1, 3, 10, 15, 16, 32}) {
    HammingIndex index(distance);
    std::vector<std::uint64_t> known;
    for (std::uint32_t i = 0; i < 600; ++i) {
      std::uint64_t hash = random();
      if (i > 0 && i % 3 == 0) {  // near an earlier one
        hash = known[random() % known.size()];
        for (int flips = static_cast<int>(random() % static_cast<unsigned>(distance + 3)); flips > 0; --flips)
          hash ^= 1ULL << (random() % 64);
      }
      int best = 65;
      std::uint32_t nearest = 0;
      for (std::uint32_t k = 0; k < known.size(); ++k)
        if (const int d = std::popcount(hash ^ known[k]); d < best) best = d, nearest = k;
      const auto found = index.nearest(hash);
      ASSERT_EQ(found.has_value(), best <= distance) << distance;
      if (found) {
        EXPECT_EQ(found->distance, best);
        EXPECT_EQ(found->item, nearest);
      }
      index.add(hash, i);
      known.push_back(hash);
    }
  }
}

struct Cleaned {
  std::vector<std::string> lines;
  CleanResult result;
};

Cleaned cleaned(const std::filesystem::path& in, const recipe::Recipe& recipe, int threads) {
  const auto reader = io::open_dataset(in);
  Pool pool(threads);
  Cleaned c{{},
            clean(
                *reader, recipe, pool, [](std::uint64_t) {}, [] { return true; })};
  for (const SetAside& line : c.result.lines) c.lines.push_back(line.id + " " + line.kind);
  return c;
}

TEST(Clean, DoesNothingUnasked) {
  TestFolder folder;
  write_classes(folder / "in", {"a"}, 3);
  write_text(folder / "in" / "a" / "broken.jpg", "no");  // found when it is used
  const recipe::Recipe recipe;
  EXPECT_FALSE(must_scan(recipe));
  EXPECT_TRUE(cleaned(folder / "in", recipe, 2).lines.empty());
}

TEST(Clean, SmallOnesAndDuplicates) {
  TestFolder folder;
  write_image(folder / "in" / "a" / "1.jpg", picture(1));
  write_image(folder / "in" / "a" / "2.jpg", picture(2));
  write_image(folder / "in" / "a" / "narrow.jpg", picture(3, 19, 60));
  write_image(folder / "in" / "b" / "1.png", picture(4));
  std::filesystem::copy(folder / "in" / "a" / "1.jpg", folder / "in" / "a" / "9.jpg");
  std::filesystem::copy(folder / "in" / "a" / "1.jpg", folder / "in" / "b" / "0.jpg");
  write_text(folder / "in" / "b" / "x.jpg", "no image");
  write_text(folder / "in" / "b" / "y.jpg", "no image");  // broken twice, not a duplicate
  recipe::Recipe recipe;
  recipe.clean.duplicates = true;
  recipe.clean.min_width = 20;
  for (const int threads : {1, 2, 8}) {
    const Cleaned c = cleaned(folder / "in", recipe, threads);
    EXPECT_EQ(c.lines, (std::vector<std::string>{"a/9.jpg duplicate", "a/narrow.jpg too_small", "b/0.jpg duplicate",
                                                 "b/x.jpg broken", "b/y.jpg broken"}));
    EXPECT_EQ(c.result.lines[0].reason, "byte for byte the same as a/1.jpg");
    EXPECT_EQ(c.result.lines[1].reason, "19×60 px, the recipe asks for at least 20×1");
    EXPECT_EQ(c.result.lines[2].reason, "byte for byte the same as a/1.jpg, which is labelled a");
    EXPECT_EQ(std::ranges::count(c.result.aside, true), 5);
  }
}

TEST(Clean, TheSamePictureInAnotherQuality) {
  TestFolder folder;
  for (int i = 0; i < 6; ++i)
    write_image(folder / "in" / "a" / (std::to_string(i) + ".jpg"), picture(i * 3, 120, 90), 95);
  write_image(folder / "in" / "b" / "again.jpg", picture(6, 120, 90), 50);
  write_image(folder / "in" / "b" / "other.jpg", picture(40, 90, 120), 95);
  recipe::Recipe recipe;
  recipe.clean.perceptual = 4;
  const Cleaned c = cleaned(folder / "in", recipe, 2);
  ASSERT_EQ(c.lines.size(), 1U);
  EXPECT_EQ(c.lines[0], "b/again.jpg perceptual_duplicate");
  EXPECT_TRUE(c.result.lines[0].reason.starts_with("looks like a/2.jpg, which is labelled a (distance "))
      << c.result.lines[0].reason;
}

TEST(Clean, ExactCountsLookInsideFiles) {
  TestFolder folder;
  write_classes(folder / "in", {"a"}, 3);
  const std::string whole = read_text(folder / "in" / "a" / "001.jpg");
  write_text(folder / "in" / "a" / "001.jpg", whole.substr(0, whole.size() / 2));
  recipe::Recipe recipe;
  recipe.augment.total = 10;
  EXPECT_EQ(cleaned(folder / "in", recipe, 2).lines, std::vector<std::string>{"a/001.jpg broken"});
}

TEST(Clean, ADuplicateOfAHeldOutSampleLeavesTrain) {
  for (const char* held_out : {"val", "test"}) {
    TestFolder folder;
    write_image(folder / "in" / "train" / "a" / "1.jpg", picture(1, 90, 90), 95);
    write_image(folder / "in" / "train" / "a" / "2.jpg", picture(40, 90, 90), 95);
    for (const char* name : {"3.jpg", "4.jpg"}) {
      std::filesystem::create_directories(folder / "in" / held_out / "a");
      std::filesystem::copy(folder / "in" / "train" / "a" / "1.jpg", folder / "in" / held_out / "a" / name);
    }
    recipe::Recipe recipe;
    recipe.clean.duplicates = true;
    EXPECT_EQ(cleaned(folder / "in", recipe, 2).lines, std::vector<std::string>{"train/a/1.jpg duplicate"});
    recipe.clean.duplicates = false;
    recipe.clean.perceptual = 2;
    EXPECT_EQ(cleaned(folder / "in", recipe, 2).lines, std::vector<std::string>{"train/a/1.jpg perceptual_duplicate"});
  }
}

}  // namespace
}  // namespace leaven::flow
