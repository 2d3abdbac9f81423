// vignette, illumination, shadow, sun_flare.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "tests/ops/op_run.hpp"

namespace leaven::ops {
namespace {

// out = 0.5·factor(x, y) with the middles of pixels at halves, on a grey picture of 0.5.
template <class Factor>
void expect_factor(const OpValue& op, const Factor& factor) {
  const RasterShape shape{40, 30, 3, Dtype::f32};
  const Raster out = run(op, filled_picture(shape, 0.5));
  for (int y = 0; y < shape.height; ++y)
    for (int x = 0; x < shape.width; ++x)
      for (int c = 0; c < 3; ++c)
        ASSERT_NEAR(value_at(out, x, y, c), std::clamp(0.5 * factor(x + 0.5, y + 0.5), 0.0, 1.0), 1e-5)
            << op.info().name << " at " << x << ", " << y;
}

TEST(Vignette, FallsWithTheSquareBeyondTheInnerRadius) {
  for (const double inner : {0.0, 0.4})
    expect_factor(make_op("vignette", {{"amount", 0.7}, {"inner", inner}}), [=](double x, double y) {
      const double t = std::max(0.0, (std::hypot(x - 20, y - 15) / 25 - inner) / (1 - inner));
      return 1 - 0.7 * t * t;
    });
}

TEST(Illumination, RampCornerAndSpot) {
  const auto shaped = [](const char* shape, double angle) {
    return make_op("illumination", {{"amount", 0.6}, {"shape", std::string(shape)}, {"angle", angle}});
  };
  expect_factor(shaped("linear", 0), [](double x, double) { return 1 + 0.6 * (x - 20) / 20; });
  expect_factor(shaped("linear", 90), [](double, double y) { return 1 - 0.6 * (y - 15) / 15; });
  expect_factor(shaped("corner", 135), [](double x, double y) { return 1 + 0.6 * (1 - std::hypot(x, y) / 50); });
  expect_factor(
      make_op("illumination", {{"amount", -0.5}, {"shape", std::string("gaussian")}, {"x", 0.25}, {"size", 0.2}}),
      [](double x, double y) {
        const double d = std::hypot(x - 10, y - 15);
        return 1 - 0.5 * std::exp(-d * d / (2 * 8 * 8));
      });
}

TEST(Shadow, GivenPolygonIsDarkInside) {
  // A square with one corner given twice: columns 10 to 29, rows 6 to 17.
  const std::vector<double> corners{0.25, 0.2, 0.75, 0.2, 0.75, 0.6, 0.25, 0.6, 0.25, 0.6};
  expect_factor(make_op("shadow", {{"amount", 0.4}, {"softness", 0.0}, {"corners", corners}}),
                [](double x, double y) { return x > 10 && x < 30 && y > 6 && y < 18 ? 0.6 : 1.0; });
}

TEST(Shadow, DrawnShadowsAreInLineageAndTheirNumberIsChecked) {
  const OpValue op = lower_chain({40, 30, 3}, make_op("shadow", {{"shadows", 3}})).ops[0];
  EXPECT_EQ(std::get<std::vector<double>>(op.get("corners")).size(), 30U);
  EXPECT_THROW(lower_chain({4, 4, 3}, make_op("shadow", {{"corners", std::vector<double>(11, 0.5)}})), Error);
}

TEST(SunFlare, LightensMostAtTheSunAndDarkensNothing) {
  const Raster image = smooth_picture({80, 60, 3, Dtype::f32});
  const Raster out = run("sun_flare", {{"amount", 1.0}, {"x", 0.25}, {"y", 0.5}}, image);
  for (int y = 0; y < 60; ++y)
    for (int x = 0; x < 80; ++x) ASSERT_GE(value_at(out, x, y), value_at(image, x, y) - 1e-6);
  EXPECT_NEAR(value_at(out, 20, 30), 1, 1e-3);
  // Without ghosts: 0.6·exp(−d²) + exp(−(d/0.3)²), d in units of size·60 = 15 px.
  const Raster plain = run("sun_flare", {{"amount", 0.5}, {"x", 0.25}, {"y", 0.5}, {"ghosts", 0}},
                           filled_picture({80, 60, 1, Dtype::f32}, 0.2));
  const double d = std::hypot(30.5 - 20, 36.5 - 30) / 15;
  const double light = 0.6 * std::exp(-d * d) + std::exp(-d * d / 0.09);
  EXPECT_NEAR(value_at(plain, 30, 36), 0.2 + 0.8 * 0.5 * light, 1e-5);
}

}  // namespace
}  // namespace leaven::ops
