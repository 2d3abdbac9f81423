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

TEST(ModeCollapse, NothingIsSaidOfSmallClasses) {
  EXPECT_TRUE(told(real(7), [](std::size_t count) { return std::vector<float>(count * kValues, 0.3f); }).empty());
  EXPECT_FALSE(told(real(8), [](std::size_t count) { return std::vector<float>(count * kValues, 0.3f); }).empty());
}

}  // namespace
}  // namespace leaven::learn
