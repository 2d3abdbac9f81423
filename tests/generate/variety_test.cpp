// Mode collapse, by planted samples.
#include <gtest/gtest.h>

#include <cmath>

#include "core/value.hpp"
#include "learn/generate/variety.hpp"

namespace leaven::learn {
namespace {

constexpr std::size_t kValues = 36;

std::vector<float> noise(std::uint64_t stream, std::size_t count, double about = 0.5, double width = 0.2) {
  std::vector<float> made;
  for (std::size_t i = 0; i < count * kValues; ++i) made.push_back(static_cast<float>(about + width * draw(normal(0, 1), Key{stream, 1}, i)));
  return made;
}

ImageData real(std::size_t count) {
  ImageData data{.shape = {6, 6, 1}, .classes = {"noise", "grey"}};
  const std::vector<float> pictures = noise(1, count);
  for (std::size_t i = 0; i < count; ++i) data.add(std::span(pictures).subspan(i * kValues, kValues), 0, "");
  for (std::size_t i = 0; i < count; ++i) data.add(std::vector<float>(kValues, 0.5f), 1, "");  // equal: nothing can be said of them
  return data;
}

std::vector<std::string> told(const ImageData& data, const std::function<std::vector<float>(std::size_t)>& made) {
  return collapsed_classes(data, [&](std::uint32_t label, std::size_t count) { return label == 0 ? made(count) : std::vector<float>(count * kValues, 0.5f); });
}

TEST(MeanNearest, IsThatOfTheFormula) {
  const std::vector<float> three{0, 0, 3, 4, 3, 5};  // nearest: 5, 1, 1
  EXPECT_NEAR(mean_nearest(three, 2), 7.0 / 3, 1e-6);
}

TEST(ModeCollapse, IsSaidOfOnePictureAndOfAFewThatComeAgainButNotOfAsMuchVariety) {
  const ImageData data = real(100);
  EXPECT_TRUE(told(data, [](std::size_t count) { return noise(7, count); }).empty());
  const std::vector<std::string> same = told(data, [](std::size_t count) { return std::vector<float>(count * kValues, 0.3f); });
  ASSERT_EQ(same.size(), 1U);
  EXPECT_EQ(same[0], "mode collapse: new samples of class noise differ from the one most like them by 0 % of what real ones do");
  // Five pictures, each with a little noise: the class as a whole varies as the real one does.
  const std::vector<std::string> few = told(data, [](std::size_t count) {
    const std::vector<float> modes = noise(8, 5);
    std::vector<float> made = noise(9, count, 0, 0.02);
    for (std::size_t i = 0; i < made.size(); ++i) made[i] += modes[i / kValues % 5 * kValues + i % kValues];
    return made;
  });
  ASSERT_EQ(few.size(), 1U);
  EXPECT_NEAR(std::stod(few[0].substr(few[0].find(" by ") + 4)), 10, 3) << few[0];  // the noise is a tenth of the real ones'
  // Half of the variety is less, but no collapse.
  EXPECT_TRUE(told(data, [](std::size_t count) { return noise(10, count, 0.5, 0.1); }).empty());
}

TEST(Coarse, AreMeansOfBlocks) {
  std::vector<float> two(2 * 16 * 4);  // 16 wide, 4 high: blocks of 2 × 1
  for (std::size_t i = 0; i < two.size(); ++i) two[i] = static_cast<float>(i);
  const std::vector<float> means = coarse(two, {16, 4, 1});
  ASSERT_EQ(means.size(), 2U * 8 * 4);
  for (std::size_t i = 0; i < means.size(); ++i) EXPECT_EQ(means[i], 2 * static_cast<float>(i) + 0.5F);
  EXPECT_EQ(coarse(std::vector<float>{1, 2, 3, 4, 5, 6}, {2, 1, 3}), (std::vector<float>{1, 2, 3, 4, 5, 6}));
}

TEST(ModeCollapse, IsSaidOfTheSameThingWithOtherNoise) {
  // Real ones: a shade of grey in each quarter. New ones: one grey, and noise.
  const InputShape shape{32, 32, 1};
  ImageData data{.shape = shape, .classes = {"shades"}};
  for (std::uint64_t i = 0; i < 64; ++i) {
    std::vector<float> picture;
    for (std::uint64_t p = 0; p < shape.values(); ++p) picture.push_back(static_cast<float>(draw_unit(Key{3, 3}, 4 * i + p / 512 * 2 + p % 32 / 16)));
    data.add(picture, 0, "");
  }
  const auto made = [&](std::size_t count) {
    std::vector<float> pictures;
    for (std::size_t i = 0; i < count * shape.values(); ++i) pictures.push_back(static_cast<float>(0.4 + 0.04 * draw(normal(0, 1), Key{4, 4}, i)));
    return pictures;
  };
  EXPECT_GT(mean_nearest(made(64), shape.values()), 2 * kLeastVariety * mean_nearest(data.pixels, shape.values()));
  EXPECT_EQ(collapsed_classes(data, [&](std::uint32_t, std::size_t count) { return made(count); }).size(), 1U);
}

TEST(ModeCollapse, OfSeveralClassesIsOneNote) {
  ImageData data{.shape = {6, 6, 1}, .classes = {"a", "b", "c"}};
  const std::vector<float> pictures = noise(1, 60);
  for (std::uint32_t i = 0; i < 60; ++i) data.add(std::span(pictures).subspan(i * kValues, kValues), i % 3, "");
  const auto notes = collapsed_classes(data, [](std::uint32_t label, std::size_t count) { return noise(2, count, 0.5, label == 1 ? 0.2 : label == 0 ? 0.002 : 0); });
  ASSERT_EQ(notes.size(), 1U);
  EXPECT_EQ(notes[0], "mode collapse: new samples of 2 of 3 classes (a, c) differ from the one most like them by 0 to 1 % of what real ones do");
}

TEST(ModeCollapse, NothingIsSaidOfSmallClasses) {
  EXPECT_TRUE(told(real(7), [](std::size_t count) { return std::vector<float>(count * kValues, 0.3f); }).empty());
  EXPECT_FALSE(told(real(8), [](std::size_t count) { return std::vector<float>(count * kValues, 0.3f); }).empty());
}

}  // namespace
}  // namespace leaven::learn
