// Single numbers of pictures and series, worked by hand.
#include "learn/generate/measured_samples.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace leaven::learn {
namespace {

ImageData of(const InputShape& shape, const std::vector<std::vector<float>>& samples) {
  ImageData data{.shape = shape, .classes = {"a"}};
  for (const std::vector<float>& sample : samples) data.add(sample, 0, "");
  return data;
}

TEST(MeasuredSamples, OfGreyPictures) {
  const ImageData real = of({2, 2, 1}, {{0, 1, 0, 1}}), made = of({2, 2, 1}, {{0.2F, 0.2F, 0.2F, 0.2F}, {1, 1, 1, 1}});
  const std::vector<MeasuredSamples> measured = measured_samples(real, made, false);
  ASSERT_EQ(measured.size(), 3U);
  EXPECT_NEAR(measured[0].real.at(0), 127.5, 1e-4);
  EXPECT_NEAR(measured[0].made.at(0), 51, 1e-4);
  EXPECT_NEAR(measured[0].made.at(1), 255, 1e-4);
  EXPECT_NEAR(measured[0].distance(), 0.5, 1e-12);
  EXPECT_NEAR(measured[1].real.at(0), 127.5, 1e-4);
  EXPECT_NEAR(measured[1].made.at(0), 0, 1e-4);
  EXPECT_NEAR(measured[2].real.at(0), 127.5, 1e-4);  // two of the four pairs of neighbours differ, by all
  EXPECT_NEAR(measured[2].distance(), 1, 1e-12);
}

TEST(MeasuredSamples, OfColours) {
  // Red and green beside each other: red less green ±1, their mean less blue 1/2 twice.
  const ImageData red = of({1, 1, 3}, {{1, 0, 0}}), both = of({2, 1, 3}, {{1, 0, 0, 1, 0, 0}}), grey = of({2, 1, 3}, {{0.3F, 0.6F, 0.3F, 0.6F, 0.3F, 0.6F}});
  EXPECT_NEAR(measured_samples(red, red, false)[0].real.at(0), 0.299 * 255, 1e-3);
  EXPECT_NEAR(measured_samples(red, red, false)[3].real.at(0), 255 * 0.3 * std::sqrt(1.25), 1e-3);
  EXPECT_NEAR(measured_samples(both, grey, false)[3].real.at(0), 255 * (1 + 0.3 * 0.5), 1e-3);
  EXPECT_NEAR(measured_samples(both, grey, false)[3].made.at(0), 0, 1e-3);
}

TEST(MeasuredSamples, OfSeries) {
  // Two channels: changes go along each, never from one to the other.
  const ImageData data = of({3, 2, 1}, {{0, 0.5F, 1, 1, 1, 1}});
  const std::vector<MeasuredSamples> measured = measured_samples(data, data, true);
  ASSERT_EQ(measured.size(), 3U);
  EXPECT_NEAR(measured[0].real.at(0), 75, 1e-4);
  EXPECT_NEAR(measured[2].real.at(0), 25, 1e-4);
  EXPECT_EQ(measured[2].distance(), 0);
}

TEST(MeasuredSamples, DistancesAreRootMeanSquares) {
  EXPECT_NEAR(told_distance(1, {2, 2, 1}, false), 127.5, 1e-9);
  EXPECT_NEAR(told_distance(1, {2, 2, 1}, true), 50, 1e-9);
  const ImageData among = of({1, 1, 1}, {{0}, {0.5F}, {0.5F}});
  EXPECT_EQ(nearest_to(among, std::vector<float>{0.75F}).item, 1U);
  EXPECT_NEAR(nearest_to(among, std::vector<float>{0.75F}).squared, 0.0625, 1e-9);
}

TEST(MeasuredSamples, AreDrawnWhateverTheyAre) {
  const ImageData flat = of({2, 1, 1}, {{0.5F, 0.5F}, {0.5F, 0.5F}});
  flow::HtmlWriter page;
  write_measured(page, measured_samples(flat, flat, false), false);
  const std::string html = page.take();
  EXPECT_EQ(html.find("nan"), std::string::npos);
  EXPECT_NE(html.find("brightness"), std::string::npos);
}

}  // namespace
}  // namespace leaven::learn
