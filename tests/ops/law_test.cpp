// Laws that every op obeys, tried on every op of the table by itself: nobody lists ops here.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "core/error.hpp"
#include "core/lineage.hpp"
#include "plan/draw_program.hpp"
#include "tests/ops/op_run.hpp"

namespace leaven::ops {
namespace {

class Law : public testing::TestWithParam<const OpInfo*> {
 protected:
  const OpInfo& info() const { return *GetParam(); }
};

std::vector<const OpInfo*> raster_ops() {
  std::vector<const OpInfo*> ops;
  for (const auto& info : op_table().all())
    if (info->domain == Domain::raster) ops.push_back(info.get());
  return ops;
}

std::string where(const OpInfo& info, const RasterShape& shape) {
  return std::string(info.name) + " on " + describe(shape);
}

TEST_P(Law, SameKeyGivesTheSameBytes) {
  for (const RasterShape& shape : law_shapes()) {
    const Raster image = noise_picture(shape);
    const Raster once = run(drawn_op(info(), kKey), image), again = run(drawn_op(info(), kKey), image);
    EXPECT_TRUE(same_pixels(once.view(), again.view())) << where(info(), shape);
  }
}

TEST_P(Law, NeutralChangesNothing) {
  if (!has_strength(info())) return;
  for (const RasterShape& shape : law_shapes()) {
    const Raster image = noise_picture(shape);
    const Raster out = run(neutral_op(info(), kKey), image);
    EXPECT_TRUE(same_pixels(image.view(), out.view())) << where(info(), shape);
  }
}

TEST_P(Law, StrongWorksAndChangesSomething) {
  for (const RasterShape& shape : law_shapes()) {
    const Raster image = noise_picture(shape);
    const Raster out = run(strong_op(info(), kKey), image);
    EXPECT_GE(out.shape().width, 1);
    const bool large = shape.width == 33 && shape.channels == 3 && shape.dtype != Dtype::f32;
    if (has_strength(info()) && large) {
      EXPECT_FALSE(same_pixels(image.view(), out.view())) << where(info(), shape);
    }
  }
}

TEST_P(Law, BoundedImagesStayInRange) {
  for (const RasterShape& shape : law_shapes()) {
    if (shape.dtype != Dtype::f32) continue;
    const Raster out = run(strong_op(info(), kKey), noise_picture(shape));
    if (!out.shape().bounded) continue;
    for (int y = 0; y < out.shape().height; ++y)
      for (int i = 0; i < out.shape().width * shape.channels; ++i) {
        const float v = out.row<float>(y)[i];
        ASSERT_TRUE(v >= 0 && v <= 1) << where(info(), shape) << ": " << v;
      }
  }
}

TEST_P(Law, UnboundedImagesWorkOrAreRefusedByName) {
  const RasterShape shape{5, 3, 3, Dtype::f32, false, false};
  const Raster image = noise_picture(shape);
  try {
    EXPECT_FALSE(run(drawn_op(info(), kKey), image).shape().bounded) << info().name;
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::usage) << error.what();
    EXPECT_EQ(error.op(), info().name) << error.what();
  }
}

TEST_P(Law, ResolvedFieldsThatAreGivenStay) {
  if (!info().resolve) return;
  for (const RasterShape& shape : law_shapes()) {
    const Chain first = lower_chain(shape, drawn_op(info(), kKey));
    OpValue op(info());
    for (const FieldInfo& f : info().fields) op.set(f.name, first.ops[0].get(f.name));
    const Chain second = lower_chain(shape, op, key_number(99));
    for (const FieldInfo& f : info().fields)
      EXPECT_EQ(to_text(first.ops[0].get(f.name)), to_text(second.ops[0].get(f.name)))
          << where(info(), shape) << ": " << f.name;
  }
}

TEST_P(Law, ResolvedFieldsDependOnTheKey) {
  // A digest is of a file: nobody draws it.
  const auto drawn = [](const FieldInfo& f) { return f.facts.resolved && f.name != "digest"; };
  if (std::ranges::none_of(info().fields, drawn)) return;
  const RasterShape shape{300, 200, 3};
  // Where few values are possible, two keys may well agree; eight do not.
  std::set<std::string> seen;
  for (std::uint64_t i = 1; i <= 8; ++i) {
    const Chain chain = lower_chain(shape, drawn_op(info(), kKey), key_number(i));
    std::string values;
    for (const FieldInfo& f : info().fields)
      if (drawn(f)) values += to_text(chain.ops[0].get(f.name)) + "; ";
    seen.insert(values);
  }
  EXPECT_GT(seen.size(), 1U) << info().name;
}

TEST_P(Law, LineageLineMakesTheSameBytes) {
  const RasterShape shape{33, 17, 3};
  const Raster image = noise_picture(shape);
  for (std::uint64_t i = 0; i < 4; ++i) {
    const Chain chain = lower_chain(shape, drawn_op(info(), key_number(i)), key_number(i));
    LineageRecord record;
    record.id = "a_aug1.png", record.source = "a.png", record.copy = 1;
    record.program.steps.push_back(
        {.path = "sequence/" + std::string(info().name), .op = chain.ops[0], .key = chain.keys[0], .partners = named_partners(info()), .inside = named_inside(chain.ops[0], shape)});
    const LineageRecord read = lineage_from_json(to_json_line(record), op_table());
    EXPECT_EQ(to_json_line(read), to_json_line(record));
    const plan::DrawnProgram replayed =
        plan::lower_program(read.program, shape, partner_finder(shape), true, {&test_files(), nullptr});
    EXPECT_EQ(replayed.out, chain.out) << info().name;
    const Raster again = plan::run_reference(plan::plan_drawn(replayed, shape), image.view());
    EXPECT_TRUE(same_pixels(run(chain, image).view(), again.view())) << info().name << ": " << to_json_line(record);
  }
}

TEST_P(Law, OpsThatKeepLabelsKeepTheSizeAndTheAlpha) {
  if (info().labels != LabelRule::keeps) return;
  for (const RasterShape& shape : law_shapes()) {
    const Raster image = noise_picture(shape);
    const Raster out = run(strong_op(info(), kKey), image);
    ASSERT_EQ(out.shape().size(), shape.size()) << where(info(), shape);
    ASSERT_EQ(out.shape().channels, shape.channels) << where(info(), shape);
    if (!shape.alpha || info().node == NodeKind::stencil) continue;
    for (int y = 0; y < shape.height; ++y)
      for (int x = 0; x < shape.width; ++x)
        ASSERT_EQ(value_at(out, x, y, shape.channels - 1),
                  out.shape().dtype == shape.dtype
                      ? value_at(image, x, y, shape.channels - 1)
                      : static_cast<double>(static_cast<float>(value_at(image, x, y, shape.channels - 1))))
            << where(info(), shape);
  }
}

TEST_P(Law, GreyOfThreeChannelsStaysGreyUnlessTheOpTints) {
  // What needs different channels (noise, normalize with a mean each) says so by a field.
  if (info().find("per_channel") || info().find("mean")) return;
  const RasterShape shape{33, 17, 3};
  Raster image(shape);
  for (int y = 0; y < shape.height; ++y)
    for (int x = 0; x < shape.width; ++x)
      for (int c = 0; c < 3; ++c) set_value(image, x, y, c, ((x * 7 + y * 13) % 256) / 255.0);
  const Raster out = run(strong_op(info(), kKey), image);
  int coloured = 0;
  for (int y = 0; y < out.shape().height; ++y)
    for (int x = 0; x < out.shape().width; ++x)
      coloured += level_at(out, x, y, 0) != level_at(out, x, y, 1) || level_at(out, x, y, 1) != level_at(out, x, y, 2);
  if (info().tints)
    EXPECT_GT(coloured, 0) << info().name;
  else
    EXPECT_EQ(coloured, 0) << info().name;
}

TEST_P(Law, FusedAndUnfusedHaveOneShapeAndOneLabelMap) {
  const RasterShape shape{33, 17, 3};
  for (const OpInfo* other : raster_ops()) {
    const auto first = drawn_op(info(), kKey), second = drawn_op(*other, key_number(3));
    Chain chain;
    try {
      chain = lower_chain(shape, {first, second});
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::usage) << error.what();
      continue;
    }
    EXPECT_EQ(chain.plan(true).out, chain.out) << info().name << ", " << other->name;
    EXPECT_EQ(chain.plan(false).out, chain.out) << info().name << ", " << other->name;
    const auto has_no_one_place = [](LabelRule rule) { return rule == LabelRule::loses || rule == LabelRule::splits; };
    if (has_no_one_place(info().labels) || has_no_one_place(other->labels)) {
      EXPECT_THROW(chain.map({{12, 8}}), Error) << info().name << ", " << other->name;
      continue;
    }
    const std::vector<Point> at_once = chain.map({{12, 8}, {3.25, 14.5}});
    std::vector<Point> in_turn{{12, 8}, {3.25, 14.5}};
    RasterShape before = shape;
    for (const plan::LoweredStep& step : chain.steps) {
      in_turn = plan::map_points(std::span(&step, 1), before, in_turn);
      for (const Node& node : step.nodes) before = shape_after(node, before);
    }
    for (std::size_t i = 0; i < at_once.size(); ++i) {
      EXPECT_EQ(at_once[i].x, in_turn[i].x) << info().name << ", " << other->name;
      EXPECT_EQ(at_once[i].y, in_turn[i].y) << info().name << ", " << other->name;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(EveryOp, Law, testing::ValuesIn(raster_ops()),
                         [](const auto& p) { return std::string(p.param->name); });

}  // namespace
}  // namespace leaven::ops
