// Runs one op, or a few, on small pictures: what all tests of ops share.
#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ops/families.hpp"
#include "plan/draw_program.hpp"
#include "plan/raster/planner.hpp"

namespace leaven::ops {

inline constexpr Key kKey{0x1234567890abcdefULL, 0xfedcba0987654321ULL};
Key key_number(std::uint64_t number);

using Settings = std::initializer_list<std::pair<std::string_view, Value>>;

/// The op with its defaults, changed by `settings`.
OpValue make_op(std::string_view name, Settings settings = {});
/// Fields with a law are drawn from it; large outputs are made small, to keep tests short.
OpValue drawn_op(const OpInfo& info, Key key);
/// Every field that has a strength axis stands at its neutral or strong end; the rest as drawn.
OpValue neutral_op(const OpInfo& info, Key key);
OpValue strong_op(const OpInfo& info, Key key);
bool has_strength(const OpInfo& info);

/// The partners of a step that mixes in others, whatever its op: pictures of noise, each of another size, with pixels of
/// this kind, on which one instance is marked.
plan::Partner test_partner(const RasterShape& kind, int number);
std::vector<ProgramPartner> named_partners(const OpInfo& info);
/// What stands inside an op that holds steps: invert, for each of its pictures.
std::vector<std::vector<ProgramStep>> named_inside(const OpValue& op, const RasterShape& shape);
plan::FindPartner partner_finder(const RasterShape& kind);

/// The files that test recipes name: images kept under any path, and a map for remap, "map.npy"; what nobody kept is read
/// from the disk as bytes.
OpenedFiles& test_files();
void keep_test_image(const std::string& path, Raster image);
/// One thing in the middle of a picture of this size: a triangle, and a mask of the whole picture.
std::shared_ptr<const Annotations> test_marks(Size size);

/// Ops resolved and lowered on an image of one shape, with test_files() and the marks given, else test_marks().
struct Chain {
  RasterShape source{}, out{};
  std::vector<OpValue> ops{};
  std::vector<Key> keys{};
  std::vector<plan::LoweredStep> steps{};

  plan::RasterPlan plan(bool fuse = true) const { return plan::plan_raster(steps, source, {fuse}); }
  std::vector<Point> map(std::vector<Point> points) const { return plan::map_points(steps, source, std::move(points)); }
};
Chain lower_chain(const RasterShape& source, std::vector<OpValue> ops, Key key = kKey, const Annotations* marks = nullptr);
Chain lower_chain(const RasterShape& source, OpValue op, Key key = kKey);

/// By the reference executor.
Raster run(const Chain& chain, const Raster& image, bool fuse = true);
Raster run(const OpValue& op, const Raster& image, Key key = kKey);
Raster run(std::string_view name, Settings settings, const Raster& image);

/// Value in [0, 1] (more when unbounded) of one channel.
double value_at(const Raster& image, int x, int y, int channel = 0);
void set_value(Raster& image, int x, int y, int channel, double value);
/// Stored number: 0…255, 0…65535, or the float.
double level_at(const Raster& image, int x, int y, int channel = 0);

/// A picture of whole levels given row by row, u8: channels of each pixel one after the other.
Raster picture(int width, int height, int channels, std::initializer_list<int> levels);
std::vector<int> levels_of(const Raster& image);
/// Unrelated random levels in every pixel; alpha too.
Raster noise_picture(const RasterShape& shape, std::uint64_t seed = 1);
/// Soft hills and valleys, slightly different in each channel.
Raster smooth_picture(const RasterShape& shape);
Raster filled_picture(const RasterShape& shape, double value);

/// All shapes that laws are tried on: 1×1, 1×7, 5×3, 33×17; grey, grey and alpha, RGB, RGBA; u8, u16, f32.
std::vector<RasterShape> law_shapes();

}  // namespace leaven::ops
