// Labels agree with pixels: what the engine says of a point is what the pixels show.
#include <gtest/gtest.h>

#include <cmath>

#include "tests/ops/op_run.hpp"

namespace leaven::ops {
namespace {

class LabelLaw : public testing::TestWithParam<const OpInfo*> {
 protected:
  const OpInfo& info() const { return *GetParam(); }
};

std::vector<const OpInfo*> moving_ops() {
  std::vector<const OpInfo*> ops;
  for (const auto& info : op_table().all())
    if (info->labels == LabelRule::moves && info->domain == Domain::raster) ops.push_back(info.get());
  return ops;
}

constexpr double kRadius = 5;

// A disc with soft edges: each pixel holds the share of 16×16 points of it that lie within the radius.
Raster disc_at(Point centre, Size size) {
  const RasterShape shape{size.width, size.height, 1, Dtype::f32};
  Raster image = filled_picture(shape, 0);
  constexpr int kPoints = 16;
  for (int y = 0; y < size.height; ++y)
    for (int x = 0; x < size.width; ++x) {
      if (std::hypot(x + 0.5 - centre.x, y + 0.5 - centre.y) > kRadius + 2) continue;
      int inside = 0;
      for (int j = 0; j < kPoints; ++j)
        for (int i = 0; i < kPoints; ++i)
          inside += std::hypot(x + (i + 0.5) / kPoints - centre.x, y + (j + 0.5) / kPoints - centre.y) <= kRadius;
      set_value(image, x, y, 0, inside / static_cast<double>(kPoints * kPoints));
    }
  return image;
}

struct Blob {
  Point centre{};
  double mass{};
};

Blob centroid(const Raster& image) {
  Blob blob;
  for (int y = 0; y < image.shape().height; ++y)
    for (int x = 0; x < image.shape().width; ++x) {
      const double v = value_at(image, x, y);
      blob.mass += v, blob.centre.x += v * (x + 0.5), blob.centre.y += v * (y + 0.5);
    }
  blob.centre.x /= blob.mass, blob.centre.y /= blob.mass;
  return blob;
}

// The disc's outline as a label: where the map bends, the middle of the mapped disc is not the mapped middle.
Point centroid_of_mapped_outline(const Chain& chain, Point centre) {
  constexpr int kPoints = 256;
  std::vector<Point> outline;
  for (int i = 0; i < kPoints; ++i) {
    const double angle = i * 2 * 3.14159265358979 / kPoints;
    outline.push_back({centre.x + kRadius * std::cos(angle), centre.y + kRadius * std::sin(angle)});
  }
  outline = chain.map(outline);
  double area = 0, x = 0, y = 0;
  for (std::size_t i = 0; i < outline.size(); ++i) {
    const Point a = outline[i], b = outline[(i + 1) % outline.size()];
    const double cross = a.x * b.y - b.x * a.y;
    area += cross / 2, x += (a.x + b.x) * cross / 6, y += (a.y + b.y) * cross / 6;
  }
  return {x / area, y / area};
}

// Outside the picture there must be nothing, or mirrored discs would move the centroid.
OpValue with_empty_border(OpValue op) {
  if (op.info().find("border")) op.set("border", std::string("constant"));
  if (op.info().find("fill")) op.set("fill", std::vector<double>{0});
  return op;
}

TEST_P(LabelLaw, DotLandsWhereThePointDoes) {
  int checked = 0;
  for (std::uint64_t i = 0; i < 40; ++i) {
    const Size size{61 + static_cast<int>(i), 52};
    const RasterShape shape{size.width, size.height, 1, Dtype::f32};
    const Chain chain = lower_chain(shape, with_empty_border(drawn_op(info(), key_number(i))), key_number(i));
    const Point at{size.width * (0.35 + 0.3 * draw_unit(kKey, 2 * i)),
                   size.height * (0.35 + 0.3 * draw_unit(kKey, 2 * i + 1))};
    const Point wanted = centroid_of_mapped_outline(chain, at);
    const double margin = kRadius + 2;
    if (wanted.x < margin || wanted.y < margin || wanted.x > chain.out.width - margin ||
        wanted.y > chain.out.height - margin)
      continue;
    const Blob seen = centroid(run(chain, disc_at(at, size)));
    ++checked;
    EXPECT_LE(std::hypot(seen.centre.x - wanted.x, seen.centre.y - wanted.y), 0.05)
        << info().name << " " << i << ": pixels show (" << seen.centre.x << ", " << seen.centre.y
        << "), the label says (" << wanted.x << ", " << wanted.y << ")";
  }
  EXPECT_GE(checked, 2) << info().name;
}

// A picture whose value is its own x (or y): an output pixel shows which point it came from, and the label map must
// bring that point back. Away from edges a filter that is not widened samples linear values without error.
TEST_P(LabelLaw, EveryPixelComesFromThePointThatMapsToIt) {
  const Size size{64, 48};
  const RasterShape shape{size.width, size.height, 3, Dtype::f32};
  Raster ramp(shape);
  for (int y = 0; y < size.height; ++y)
    for (int x = 0; x < size.width; ++x) {
      set_value(ramp, x, y, 0, (x + 0.5) / 64), set_value(ramp, x, y, 1, (y + 0.5) / 64), set_value(ramp, x, y, 2, 0);
    }
  for (std::uint64_t i = 0; i < 6; ++i) {
    const Chain chain = lower_chain(shape, with_empty_border(drawn_op(info(), key_number(i))), key_number(i));
    const Raster out = run(chain, ramp);
    const plan::RasterPlan plan = chain.plan();
    const auto* warp = std::get_if<plan::WarpStage>(&plan.passes[0].stage);
    const double bound = warp && (warp->footprint_x > 1 || warp->footprint_y > 1) ? 0.1 : 1e-3;
    int checked = 0;
    for (int y = 0; y < out.shape().height; ++y)
      for (int x = 0; x < out.shape().width; ++x) {
        const Point from{value_at(out, x, y, 0) * 64, value_at(out, x, y, 1) * 64};
        if (from.x < 8 || from.y < 8 || from.x > size.width - 8 || from.y > size.height - 8) continue;
        const Point to = chain.map({from})[0];
        ++checked;
        ASSERT_NEAR(to.x, x + 0.5, bound) << info().name << " at " << x << ", " << y;
        ASSERT_NEAR(to.y, y + 0.5, bound) << info().name << " at " << x << ", " << y;
      }
    EXPECT_GT(checked, 0) << info().name;
  }
}

// Colour under full transparency must not show after pixels were mixed: opaque black on transparent white.
TEST_P(LabelLaw, TransparentColourDoesNotBleed) {
  const RasterShape shape{24, 18, 4, Dtype::u8, true};
  Raster image(shape);
  for (int y = 0; y < shape.height; ++y)
    for (int x = 0; x < shape.width; ++x) {
      const bool opaque = x >= 6 && x < 18 && y >= 5 && y < 13;
      for (int c = 0; c < 3; ++c) set_value(image, x, y, c, opaque ? 0 : 1);
      set_value(image, x, y, 3, opaque ? 1 : 0);
    }
  const Raster out = run(with_empty_border(drawn_op(info(), key_number(4))), image, key_number(4));
  for (int y = 0; y < out.shape().height; ++y)
    for (int x = 0; x < out.shape().width; ++x)
      if (level_at(out, x, y, 3) > 0) {
        for (int c = 0; c < 3; ++c) ASSERT_EQ(level_at(out, x, y, c), 0) << info().name << " at " << x << ", " << y;
      }
}

INSTANTIATE_TEST_SUITE_P(EveryOp, LabelLaw, testing::ValuesIn(moving_ops()),
                         [](const auto& p) { return std::string(p.param->name); });

}  // namespace
}  // namespace leaven::ops
