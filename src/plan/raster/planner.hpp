// From a program's raster segment to passes: lower → fuse geometry → fuse pointwise → shrink decode (where asked) →
// fold into decode → tile.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "core/node.hpp"
#include "plan/raster/plan.hpp"

namespace leaven::plan {

struct PlanOptions {
  bool fuse{true};      ///< false: every step its own pass, stored and rounded
  int largest_shrink{1};  ///< by how much the source's decoder may shrink: above 1 only where the recipe says `decode: scaled`
};

/// A step's nodes and where it stands.
struct LoweredStep {
  std::string path{};  ///< op path, for printing and errors
  Nodes nodes{};
  /// Of pictures of more than four channels: for each group of them after the first (core/channel_group.hpp). Labels follow
  /// `nodes`: groups differ in what they do to values alone. None: as the first.
  std::vector<Nodes> further{};

  const Nodes& of_group(std::size_t group) const { return group == 0 || further.empty() ? nodes : further.at(group - 1); }
};

/// Called after each pass of the planner with its name and the plan so far, for `leaven plan`.
using PlanWatcher = std::function<void(std::string_view pass, const RasterPlan& plan)>;

/// Throws Error(usage) when a canvas is empty or larger than 2^16 a side, naming the step.
RasterPlan plan_raster(std::span<const LoweredStep> steps, const RasterShape& source, const PlanOptions& options = {},
                       const PlanWatcher& watcher = {});

/// Bytes that the plan reads and writes in memory.
struct BytesMoved {
  std::uint64_t read{}, written{};
};
BytesMoved bytes_moved(const RasterPlan& plan);

/// The plan as a person reads it: one line a pass, with stage, filter, footprint, run, shapes, bytes.
std::string describe(const RasterPlan& plan, std::span<const LoweredStep> steps);

/// Labels. Points of the source mapped forward, step by step, unclipped, in double; a Displacement is inverted to
/// 1e-9 px. Nodes that move nothing leave them alone. Throws Error(usage) for an Opaque that does not keep geometry, and
/// for a singular map.
std::vector<Point> map_points(std::span<const LoweredStep> steps, const RasterShape& source, std::vector<Point> points);

/// The declared bound between fast and reference, in levels of the output dtype (float: relative to 1.0). A pass: u8 1,
/// u16 16, f32 1e-4; exact (0) when it only moves and looks up whole levels. Over several passes it adds up, stretched
/// by the slopes of the passes after. It says nothing of what jumps: quantize and solarize on computed values, statistics
/// and opaque functions of them, points on a seam between two pixels or of a border. Colour under alpha counts as far as
/// it shows (colour × alpha), with twice the bound.
double tolerance(const RasterPlan& plan);

}  // namespace leaven::plan
