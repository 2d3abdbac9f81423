// What the raster domain runs: a short list of passes. Both executors read the same list, so it defines the meaning.
//
// Geometry. Neighbouring Geometry and Displacement nodes become ONE WarpStage. The centre of an output pixel walks back
// through the steps, last to first: mapped by the step, then, where it falls outside that step's input canvas [0, w) ×
// [0, h), the step's border answers: constant gives its fill colour and stops; the others fold the point back inside
// and it goes on, each axis by itself: edge clamps to the outermost pixel centre, reflect folds about the outermost
// pixel centres, symmetric about the canvas edge, wrap repeats. A point behind the horizon of a projective map (w <= 0)
// lies nowhere: the step's fill colour answers, whatever the border. What reaches the source at (sx, sy) is sampled
// once:
//   value = Σ w(i,j)·source(i,j) / Σ w(i,j),  w = k((i + ½ − sx)/fx) · k((j + ½ − sy)/fy)
// over source pixels (those outside do not exist), with k the filter's kernel: bilinear = triangle (radius 1), bicubic
// = Keys a = −0.5 (radius 2), lanczos = 3 lobes, area = box over (−½, ½]. fx, fy ≥ 1 are the footprint: how many source
// pixels an output pixel covers along each source axis, the norms of the rows of the Jacobian of the whole map at the
// canvas centre, displacements left out (1 unless every step that names a filter above nearest wants antialias). For
// resize this is Pillow's rule. Where the map turns, shears or bends, a footprint up to kIgnoredFootprint counts as 1:
// so little shrinking shows no aliasing, and 2×2 pixels are sampled in half the time of 3×3. nearest takes the pixel
// that holds the point; so does a filter that gives no pixel weight. The run's filter is the best that one of its steps
// names, in the order nearest < area < bilinear < bicubic < lanczos; flips, crops and pads name nearest, so they never
// blur; nor does a run that only moves whole pixels.
// With alpha, colour is premultiplied while it is sampled (not for nearest, which copies); where the sampled alpha is
// not above 0, the colour is 0. A fill colour has one entry a channel, alpha too, is not premultiplied, and counts as
// the stored colour that it rounds to.
//
// Stencils read the stored pixels before them, borders reflected without repeating the edge; alpha as for sampling.
//
// Pictures of more than four channels are `groups` of four plain channels, each with a plan of its own: maps, holes and whatever
// is drawn for a pixel are equal in all, what is drawn for a channel goes by its number. All channels are put together for AllChannels.
//
// Pointwise. A run is computed in float (double in the reference). What the stage fetched and every step's result are
// clamped to [0, 1] when the image is bounded, which it no longer is after an unbounded Table. The last result is
// rounded once, half to even, when the pass stores integers. A step that needs whole levels has the value rounded to a
// level of the pass's input dtype before it (float has no levels: nothing is rounded). Alpha passes through, but Holes
// fill it too.
//
// Mixes. Each layer's picture goes through a plan of its own, is stored and rounded, and laid on the canvas from the
// bottom up: below + o·(layer − below) with o its opacity times its mask, colour premultiplied where there is alpha. The
// canvas is rounded once; what a layer covers with o = 1 it replaces as stored.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/node.hpp"

namespace leaven::plan {

struct WarpStep {
  std::variant<Matrix3, std::shared_ptr<const DisplacementGrid>> to_input{};
  Size input{};     ///< canvas that the point falls into
  Border border{};  ///< answers outside it
};

inline constexpr double kIgnoredFootprint = 1.25;

struct WarpStage {
  std::vector<WarpStep> steps{};  ///< in program order: steps.front() ends in the source
  Filter filter{Filter::nearest};
  double footprint_x{1}, footprint_y{1};
};
struct CopyStage {};  ///< the input's own pixels
struct StencilStage {
  Stencil stencil{};
};
struct OpaqueStage {
  Opaque opaque{};
};
struct RasterPlan;
struct MixStage {
  Mix mix{};
  std::shared_ptr<const std::vector<RasterPlan>> plans{};  ///< one a layer, for its picture
};
using Stage = std::variant<CopyStage, WarpStage, StencilStage, OpaqueStage, MixStage>;

struct PointStep {
  std::variant<Table, ColorMatrix, ColorFunction, Positional> what{};
  bool round_first{};  ///< whole levels before this step
};

/// One trip over the pixels: a stage fetches, a run changes in registers, the result is stored as `out`.
struct Pass {
  RasterShape in{}, out{};
  Stage stage{};
  /// Statistics of the pass's whole input; its tail becomes the run's first step (CopyStage only).
  std::optional<Reduce> reduce{};
  std::vector<PointStep> run{};
  std::vector<int> steps{};  ///< indices of the program's steps in here, for printing
};

struct RasterPlan {
  RasterShape source{};  ///< the whole image, oriented, as it is decoded: 1/shrink of each side, rounded up
  int shrink{1};         ///< 1, 2, 4 or 8: by how much the decoder shrinks (`decode: scaled`)
  Region read{};         ///< what must be decoded; a source view may hold just this
  RasterShape out{};
  std::vector<Pass> passes{};
  /// Rows of output per tile of the last group of passes; 0: whole image. A group is a pass and all passes after it
  /// that follow by rows.
  int tile_rows{};
  /// Of more than four channels: a plan for each group, in the order of first_channels(). `passes` are AllChannels then, and behind each
  std::vector<RasterPlan> groups{};  ///< of them begin the groups anew, which work on what it made
};

/// A row of the output needs only rows near its own, so that the pass can follow the one before it tile by tile:
/// CopyStage without reduce, and stencils.
bool follows_by_rows(const Pass& pass);
/// How many rows above and below its own such a row needs.
int halo_of(const Pass& pass);

enum class Layout : std::uint8_t { hwc, chw };

/// Where the last pass writes. For chw, planes of out.width × out.height follow each other.
struct Output {
  std::byte* data{};
  Layout layout{Layout::hwc};
};

/// SIMD, tiles. `source` is the whole image or a view that holds at least plan.read (see RasterView::origin_x).
/// Throws Error(environment) when memory runs out. Thread-safe; one call uses one thread.
void run_fast(const RasterPlan& plan, const RasterView& source, const Output& output);
Raster run_fast(const RasterPlan& plan, const RasterView& source);
/// The same pixels strip by strip from the top, each passed on while it is in the cache and never all of them in memory.
/// A strip's origin_y tells which rows it holds; it is valid during the call.
void run_fast(const RasterPlan& plan, const RasterView& source, const std::function<void(const RasterView& strip)>& take);

/// Scalar, float64, one pixel at a time straight from the definitions above: the oracle.
Raster run_reference(const RasterPlan& plan, const RasterView& source);

}  // namespace leaven::plan
