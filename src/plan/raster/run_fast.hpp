// The parts of the fast executor. A pass has a stage, which moves stored pixels or computes floats, and a run of
// pointwise steps on segments of a row. Everything lives for one image; memory comes from the thread's arena.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <variant>
#include <vector>

#include "kernels/byte_lookup.hpp"
#include "kernels/color_run.hpp"
#include "kernels/pixel_rows.hpp"
#include "kernels/pixels.hpp"
#include "plan/raster/fast_arena.hpp"
#include "plan/raster/plan.hpp"

namespace leaven::plan::fast {

using kernels::Planes;

/// The stored pixels that a pass reads: all of an image, a part of it, or a window of rows that slides down.
struct Input {
  const std::byte* data{};
  std::ptrdiff_t stride{};
  RasterShape shape{};  ///< of the whole image
  Region held{};        ///< what is in memory
  int ring{};           ///< > 0: only this many rows, row y at y mod ring

  /// Pixel held.x of row y.
  const std::byte* row(int y) const { return data + stride * (ring > 0 ? y % ring : y - held.y); }
  static Input of(const RasterView& view, const RasterShape& whole);
  /// No more than `region` of what the view holds: floats are added in an order that depends on what is held, and a plan
  /// gives the same bytes whether the rest was decoded or not.
  static Input part_of(const RasterView& view, const RasterShape& whole, const Region& region);
};

/// Rows for filters, with readable slack behind each; rows narrower than `columns` pixels are padded with zeros.
kernels::PixelRows filter_rows(const Input& input, int columns, Arena& arena);

class Stage {
 public:
  virtual ~Stage() = default;
  /// Gives stored pixels, which went in as they come out or are settled here: use stored_row() or move_row(), else
  /// fetch().
  virtual bool moves() const = 0;
  /// Row y, valid until the next call.
  virtual const std::byte* stored_row(int /*y*/) { return nullptr; }
  /// How many rows from y on, `most` at most, lie behind stored_row(y) without gaps: as good as one long row.
  virtual int rows_on_end(int /*y*/, int /*most*/) const { return 1; }
  /// Row y written to `out`.
  virtual void move_row(int /*y*/, std::byte* /*out*/) {}
  /// Rows [from, to) written one after another, `stride` bytes apart.
  virtual void move_rows(int from, int to, std::byte* out, std::size_t stride) {
    for (int y = from; y < to; ++y, out += stride) move_row(y, out);
  }
  /// Rows [from, to), or the first of them, of which nothing is left to be done but rounding: rounded to the whole numbers of a dtype and
  /// written one after another, `stride` bytes apart. How many; 0 where they need fetch().
  virtual int round_rows(int /*from*/, int /*to*/, Dtype, std::byte* /*out*/, std::size_t /*stride*/) { return 0; }
  /// Whether fetch() gives nothing outside [0, 1], and no NaN.
  virtual bool stays_in_range() const { return false; }
  /// Pixels [x, x + count) of row y as floats in [0, 1], unclamped; count ≤ kSegment, x a multiple of it.
  virtual void fetch(int /*x*/, int /*y*/, int /*count*/, const Planes& /*out*/) {}
};
std::unique_ptr<Stage> make_copy(const Input& input);
std::unique_ptr<Stage> make_warp(const WarpStage& warp, const Input& input, const RasterShape& out, Arena& arena);
std::unique_ptr<Stage> make_stencil(const Stencil& stencil, const Pass& pass, const Input& input, Arena& arena);
/// A warp whose axes do not mix, as a chain of moves or a separable filter; null for other warps.
std::unique_ptr<Stage> make_straight_warp(const WarpStage& warp, const Input& input, const RasterShape& out, Arena& arena);

/// Where source pixels come from along one axis of a straight warp.
struct AxisWalk {
  std::vector<double> at{};    ///< position on the source axis, one per output column (or row)
  std::vector<int> answer{};   ///< the step whose fill colour answers, or −1
};
struct StraightWalk {
  AxisWalk x{}, y{};  ///< for the source's x and y
  bool swapped{};     ///< the source's x is walked by output rows
};
std::optional<StraightWalk> walk_straight(const WarpStage& warp, Size out);
std::unique_ptr<Stage> make_move(const WarpStage& warp, StraightWalk walk, const Input& input, const RasterShape& out,
                                 Arena& arena);
std::unique_ptr<Stage> make_resize(const WarpStage& warp, StraightWalk walk, const Input& input, const RasterShape& out,
                                   Arena& arena);

/// A fill colour as stored pixels of the shape.
std::array<std::byte, 16> stored_fill(const Border& border, const RasterShape& shape);
/// The planes' pixels [from, to) in one colour.
void fill_planes(const Border& border, int channels, int from, int to, const Planes& planes);

/// A curve in double, as the reference evaluates it.
double curve_at(const Curve& curve, double x, Dtype dtype);

/// Curves of one channel in a row, each clamped, some on rounded levels.
struct LevelFunction {
  struct Part {
    Curve curve{};
    bool round_first{}, clamp{};
  };
  std::vector<Part> parts{};
  Dtype dtype{};

  double at(double x) const { return from(0, x); }
  /// at() of the levels `first` … of the dtype, as many as `out` has room for.
  void of_levels(std::size_t first, std::span<double> out) const;
  /// Through the parts from `first` on.
  double from(std::size_t first, double x) const;
  bool same_as(const LevelFunction& other) const;
};

/// Functions of colour on RGB of 8 bits, made ready for kernels::color_run_bytes().
struct ColorRun {
  std::vector<kernels::ColorStep> steps{};
  std::vector<std::unique_ptr<const kernels::PowerCubics>> powers{};  ///< what steps point to
};
/// Nothing where the run is anything else, or tables of bytes alone.
std::optional<ColorRun> color_run(std::span<const PointStep> run);

/// A pass's pointwise run, made ready.
class PointRun {
 public:
  /// `whole_levels`: the stage moves stored levels. `tail`: what the pass's statistics gave.
  PointRun(const Pass& pass, const std::optional<Table>& tail, bool whole_levels, Arena& arena);

  bool empty() const { return ops_.empty() && !colours_; }
  /// Whether the run only looks up bytes() (if there are any) and then covers holes, so that stored pixels need not become
  /// floats.
  bool stays_stored() const { return stays_stored_; }
  /// Tables from bytes to bytes that the run begins with, or null; and whether one serves all channels.
  const std::array<kernels::ByteTable, 4>* bytes() const { return bytes_.get(); }
  bool one_table() const { return one_table_; }
  /// Covers the holes in row `y` of stored pixels.
  void patch(int y, std::byte* row) const;
  /// The whole run, where it changes colours from bytes to bytes; or null. apply() does nothing then.
  const ColorRun* colours() const { return colours_ ? &*colours_ : nullptr; }
  /// x a multiple of kSegment.
  void apply(int x, int y, int count, const Planes& planes);

 private:
  struct RoundLevels {};
  /// Whole levels through a function: by table, or one by one where a table would cost more.
  struct LookUp {
    std::array<const float*, 4> table{};   ///< null: `function`
    std::array<LevelFunction, 4> function{};
    int colours{};
    bool to_levels{};
  };
  struct Curves {
    std::array<Curve, 4> curves{};
  };
  /// Positional nodes whose values are set once and for all.
  struct Salted {
    SaltPepper node{};
    std::array<float, 4> salt{}, pepper{};
  };
  struct Filled {
    std::vector<Region> regions{};
    std::array<float, 4> fill{};
  };
  using What = std::variant<RoundLevels, LookUp, Curves, ColorMatrix, ColorFunction, GaussianNoise, Salted, Filled>;
  struct Op {
    What what{};
    bool clamp{};
  };

  /// Holes of one stored colour.
  struct Patch {
    std::vector<Region> regions{};
    std::array<std::byte, 16> pixel{};
  };

  /// A node that puts values in, and how much of each channel's function stands before it.
  struct Placement {
    const Positional* node{};
    std::array<std::size_t, 4> parts_before{};
    bool bounded{};
  };

  std::size_t fold_levels(const std::vector<PointStep>& run, std::size_t first, bool whole_levels);
  void add(const PointStep& step);
  void add_placement(const Placement& placement, const std::array<LevelFunction, 4>& functions, bool to_levels);
  LookUp look_up(const std::array<LevelFunction, 4>& functions, bool to_levels);
  void make_bytes(const std::array<LevelFunction, 4>& functions);
  void find_patches();
  void run(const LookUp& op, int count, const Planes& planes) const;
  void run(const Curves& op, bool clamp, int count, const Planes& planes) const;
  void run(const GaussianNoise& op, bool clamp, int x, int y, int count, const Planes& planes);
  void run(const Filled& op, int x, int y, int count, const Planes& planes) const;

  RasterShape shape_;       ///< of the pass's input
  Dtype stored_;            ///< of its output
  int width_;               ///< of its output
  std::size_t samples_;
  bool bounded_;            ///< while the run is read in, then at its end
  Arena& arena_;
  std::vector<Op> ops_;
  std::unique_ptr<std::array<kernels::ByteTable, 4>> bytes_;
  std::vector<Patch> patches_;
  std::optional<ColorRun> colours_;
  bool stays_stored_{}, one_table_{};
  float* noise_{};
};

/// Where a pass writes: an image, a window of rows that slides down, or planes.
struct Target {
  std::byte* data{};
  Layout layout{Layout::hwc};
  RasterShape shape{};
  int ring{};
};

/// One pass over rows, in their order.
class PassRunner {
 public:
  /// `input` must outlive the runner.
  PassRunner(const Pass& pass, const Input& input, const Target& target, Arena& arena);
  void rows(int from, int to);

 private:
  /// Rows from y on, as many as are done at once; returns the first behind them, `end` at most.
  int next_rows(int y, int end);
  void row_in_floats(int y);
  /// Row y as it is stored, colours changed; null where the stage gives no stored rows.
  const std::byte* stored_row(int y);
  void write(int x, int y, int count, const Planes& planes) const;
  std::byte* target_row(int y) const;

  const Pass& pass_;
  Raster opaque_;  ///< what an Opaque or a Mix made of the input
  Input input_;
  Target target_;
  std::unique_ptr<Stage> stage_;
  std::optional<PointRun> run_;
  bool plain_{};   ///< rows move to interleaved output unchanged
  bool rounds_{};  ///< rows are rounded to interleaved output, and nothing else: see Stage::round_rows()
  kernels::SegmentBuffer* segment_;
  std::uint8_t* coloured_{};  ///< a row of bytes, where colours are changed on the way to planes
};

}  // namespace leaven::plan::fast
