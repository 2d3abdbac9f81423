// The planner's passes, one file each. Every pass takes a whole plan and leaves a whole plan: after lower() it could
// run already, step by step, and that is what `fuse: off` runs.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "plan/raster/plan.hpp"
#include "plan/raster/planner.hpp"

namespace leaven::plan {

/// What a lowered pass's one geometric node asked for; the stage itself holds what it comes to.
struct WarpWish {
  Filter filter{Filter::nearest};
  bool antialias{true};
};

struct Draft {
  RasterPlan plan{};
  std::vector<WarpWish> wishes{};  ///< one a pass, until fuse_geometry has used them
};

/// One pass a node.
Draft lower(std::span<const LoweredStep> steps, const RasterShape& source, const PlanOptions& options);
/// Neighbouring warps become one; maps between which no canvas can answer become one map; identities become copies.
void fuse_geometry(Draft& draft);
/// Pointwise passes become the tail of the pass before them.
void fuse_pointwise(RasterPlan& plan);
/// A first pass that shrinks by 2, 4 or 8, or more, reads a source that the decoder has shrunk by as much, never by more
/// than `largest`. Footprints are those of the canvas centre: where a map shrinks less than there, detail is lost.
void shrink_decode(RasterPlan& plan, int largest);
/// What must be decoded: the part of the source that the first pass can read.
void fold_into_decode(RasterPlan& plan);
void choose_tiles(RasterPlan& plan);

/// Brings a pass whose warp has all its steps to its shortest form: maps between which no canvas can answer become one,
/// nothing at all a copy; then its sampling is settled.
void settle(Pass& pass, WarpWish wish);
/// Flips, turns by 90° and shifts by whole pixels: centres go to centres.
bool moves_whole_pixels(const WarpStep& step);
/// Sets filter and footprint of a stage whose steps stand, from what its steps ask for.
void settle_sampling(WarpStage& stage, WarpWish wish, Size canvas);
/// The part of its input that a pass can read at all; never empty.
Region region_read(const Pass& pass);
BytesMoved bytes_moved(const Pass& pass);

/// What is run for each group of channels: its plan, its channels of the region that is read, the first of them.
using RunGroup = std::function<void(const RasterPlan& group, const RasterView& channels, int first)>;
/// How many stretches the groups are of, and the groups of one.
std::size_t stretches_of(const RasterPlan& plan);
std::span<const RasterPlan> groups_of(const RasterPlan& plan, std::size_t stretch);
/// The last stretch is run by `last`; what those before make is put together from what `run` makes of a group. Throws Error(bug)
/// where the view is not of the plan's kind of pixels or does not hold what is read.
void for_each_group(const RasterPlan& plan, const RasterView& source, const std::function<Raster(const RasterPlan& group, const RasterView& channels)>& run,
                    const RunGroup& last);

}  // namespace leaven::plan
