// histogram_matching, fourier_adaptation, remap, text: ops that show files; the first two with another sample as well.
#include <gtest/gtest.h>

#include <cmath>

#include "core/error.hpp"
#include "plan/mixed_labels.hpp"
#include "tests/ops/op_run.hpp"

namespace leaven::ops {
namespace {

using Levels = std::vector<int>;

TEST(HistogramMatching, TakesTheReferencesTonesInOrder) {
  keep_test_image("tones.png", picture(4, 1, 1, {10, 20, 30, 40}));
  const auto matched = [](double strength, const Raster& image) {
    return levels_of(run("histogram_matching", {{"path", std::string("tones.png")}, {"strength", strength}}, image));
  };
  const Levels got = matched(1, picture(4, 1, 1, {200, 0, 100, 50}));
  const Levels wanted{40, 10, 30, 20};
  for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(got[i], wanted[i], 1) << i;
  EXPECT_NEAR(matched(0.5, picture(4, 1, 1, {200, 0, 100, 50}))[0], 120, 1);
}

TEST(HistogramMatching, WithItselfChangesNearlyNothing) {
  const Raster image = smooth_picture({60, 40, 3});
  keep_test_image("self.png", image.clone());
  const Levels before = levels_of(image), after = levels_of(run("histogram_matching", {{"path", std::string("self.png")}}, image));
  for (std::size_t i = 0; i < before.size(); ++i) ASSERT_NEAR(before[i], after[i], 3) << i;
}

/// One step on a picture, with another sample beside it.
Raster beside(const OpValue& op, const Raster& image, const Raster& partner) {
  Program program;
  program.steps.push_back({std::string(op.info().name), op, kKey, {}, {{"partner", {}, {}, {}}}, {}});
  const plan::DrawnProgram drawn = plan::lower_program(program, image.shape(), [&](const ProgramPartner&) {
    return plan::Partner{"partner", {}, {}, partner.shape(), std::make_shared<const Raster>(partner.clone()), nullptr};
  });
  EXPECT_EQ(plan::picture_shares(drawn, image.shape()), (std::vector<double>{1, 0})) << "nothing of it is seen";
  const plan::RasterPlan made = plan::plan_drawn(drawn, image.shape());
  const Raster out = plan::run_reference(made, image.view());
  EXPECT_TRUE(same_pixels(out.view(), plan::run_fast(made, image.view()).view()));
  return plan::run_reference(made, image.view());
}

TEST(PartnerHistogram, TakesThePartnersTonesAsThoseOfAFile) {
  for (const RasterShape& shape : law_shapes()) {
    const Raster image = noise_picture(shape, 3), partner = smooth_picture({20, 11, shape.channels, shape.dtype, shape.alpha});
    keep_test_image("partner.tif", partner.clone());
    const Raster by_file = run("histogram_matching", {{"path", std::string("partner.tif")}, {"strength", 0.8}}, image);
    const Raster by_sample = beside(make_op("partner_histogram", {{"strength", 0.8}}), image, partner);
    for (int y = 0; y < shape.height; ++y)
      for (int x = 0; x < shape.width; ++x)
        for (int c = 0; c < shape.channels; ++c)
          ASSERT_NEAR(value_at(by_file, x, y, c), value_at(by_sample, x, y, c), 2e-5) << describe(shape) << ": " << x << ", " << y << ", " << c;
  }
}

TEST(PartnerFourier, TakesThePartnersAmplitudesAsThoseOfAFile) {
  const Raster image = noise_picture({33, 17, 3}, 3), partner = smooth_picture({20, 11, 3});
  keep_test_image("partner.tif", partner.clone());
  const OpValue by_file = make_op("fourier_adaptation", {{"path", std::string("partner.tif")}, {"beta", 0.1}});
  EXPECT_TRUE(same_pixels(run(by_file, image).view(), beside(make_op("partner_fourier", {{"beta", 0.1}}), image, partner).view()));
}

TEST(FourierAdaptation, TakesTheMeanAndKeepsTheForm) {
  keep_test_image("flat.tif", filled_picture({5, 4, 1, Dtype::f32}, 0.7));
  Raster image({8, 6, 1, Dtype::f32});
  double mean = 0;
  for (int y = 0; y < 6; ++y)
    for (int x = 0; x < 8; ++x) set_value(image, x, y, 0, (x + 2 * y) % 5 * 0.02 + 0.2), mean += value_at(image, x, y) / 48;
  // Only frequency 0 fits into so small a share: the mean becomes 0.7.
  const Raster out = run("fourier_adaptation", {{"path", std::string("flat.tif")}, {"beta", 0.01}}, image);
  for (int y = 0; y < 6; ++y)
    for (int x = 0; x < 8; ++x) EXPECT_NEAR(value_at(out, x, y), value_at(image, x, y) - mean + 0.7, 1e-6);
}

TEST(FourierAdaptation, TakesAWavesAmplitudeAndKeepsItsPhase) {
  const auto wave = [](double amplitude, double phase) {
    Raster image({40, 40, 1, Dtype::f32});
    for (int y = 0; y < 40; ++y)
      for (int x = 0; x < 40; ++x) set_value(image, x, y, 0, 0.5 + amplitude * std::cos(2 * 3.14159265358979 * 2 * x / 40 + phase));
    return image;
  };
  keep_test_image("wave.tif", wave(0.3, 0));
  const Raster out = run("fourier_adaptation", {{"path", std::string("wave.tif")}, {"beta", 0.05}}, wave(0.1, 1));
  const Raster wanted = wave(0.3, 1);
  for (int x = 0; x < 40; ++x) EXPECT_NEAR(value_at(out, x, 7), value_at(wanted, x, 7), 1e-5) << x;
}

TEST(Remap, MovesByTheMapAndLabelsFollow) {
  Raster map({3, 3, 2, Dtype::f32, false, false});
  for (int y = 0; y < 3; ++y)
    for (int x = 0; x < 3; ++x) set_value(map, x, y, 0, 0.1), set_value(map, x, y, 1, -0.05);
  keep_test_image("shift.npy", std::move(map));
  const Chain chain = lower_chain({40, 40, 1}, make_op("remap", {{"path", std::string("shift.npy")}}));
  const Point to = chain.map({{20, 20}})[0];
  EXPECT_NEAR(to.x, 16, 1e-5);
  EXPECT_NEAR(to.y, 22, 1e-5);
  const Raster image = smooth_picture({40, 40, 1}), out = run(chain, image);
  EXPECT_EQ(level_at(out, 10, 20), level_at(image, 14, 18));
}

TEST(Remap, RefusesWhatIsNoMap) {
  keep_test_image("grey.png", picture(1, 1, 1, {80}));
  EXPECT_THROW(lower_chain({40, 40, 1}, make_op("remap", {{"path", std::string("grey.png")}})), Error);
}

double covered(const Raster& image, int from_x, int to_x) {
  double sum = 0;
  for (int y = 0; y < image.shape().height; ++y)
    for (int x = from_x; x < to_x; ++x) sum += value_at(image, x, y);
  return sum;
}

TEST(Text, IsWrittenWhereItIsPut) {
  const Raster image = filled_picture({200, 100, 1}, 0);
  const auto written = [&](const char* text, double at_x) {
    return run("text", {{"text", std::string(text)}, {"size", 0.3}, {"at_x", at_x}, {"opacity", 1.0}}, image);
  };
  const Raster left = written("lll", 0), right = written("lll", 1);
  EXPECT_GT(covered(left, 0, 60), 50);
  EXPECT_EQ(covered(left, 100, 200), 0);
  EXPECT_EQ(covered(right, 0, 100), 0);
  EXPECT_NEAR(covered(right, 100, 200), covered(left, 0, 100), 1e-9);
  // Twice the letters, twice the ink; an i with a dot is less than an M.
  EXPECT_NEAR(covered(written("llllll", 0), 0, 200), 2 * covered(left, 0, 200), 1e-6);
  EXPECT_LT(covered(written("i", 0), 0, 200), covered(written("M", 0), 0, 200));
}

TEST(Text, LinesLieBelowEachOtherAndAFieldLiesUnderThem) {
  const Raster image = filled_picture({200, 100, 1}, 0.5);
  const Raster out = run("text", {{"text", std::string("a\na")}, {"size", 0.2}, {"at_y", 0.0}, {"ground", 1.0}}, image);
  double dark = 0;
  for (int y = 0; y < 100; ++y) dark += level_at(out, 100, y) < 100;
  EXPECT_GT(dark, 20);
  EXPECT_THROW(run("text", {{"text", std::string("\xff")}}, image), Error);
  EXPECT_THROW(run("text", {{"font", std::string("no/such.ttf")}}, image), Error);
}

}  // namespace
}  // namespace leaven::ops
