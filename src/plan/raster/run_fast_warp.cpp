// General warps: each output row walks back through the maps, then the source is sampled along it.
//
// Where maps are projective and every border that can answer is constant, one matrix takes output pixels to the source,
// and each canvas cuts the row to an interval (a canvas is convex and so is what sees it): no test per pixel. Where
// borders fold, that holds for stretches of the row that no canvas cuts. The rest goes point by point.
#include <algorithm>
#include <cmath>

#include "kernels/affine_bytes.hpp"
#include "kernels/bilinear.hpp"
#include "kernels/coordinates.hpp"
#include "kernels/sample.hpp"
#include "plan/raster/extent.hpp"
#include "plan/raster/run_fast.hpp"

namespace leaven::plan::fast {

namespace {

using kernels::kPoints;

/// Output pixels [begin, end) that one step's fill colour answers.
struct Answered {
  int begin{}, end{};
  int step{};
};

/// A canvas with a constant border, seen from the output.
struct Cut {
  Matrix3 map{};
  Size canvas{};
  int step{};

  /// Whether the pixel's centre lands inside: the numerators against the denominator, which is positive.
  bool inside(int x, double y) const {
    const auto& m = map.m;
    const double px = x + 0.5;
    const double u = m[0] * px + (m[1] * y + m[2]), v = m[3] * px + (m[4] * y + m[5]);
    const double w = m[6] * px + (m[7] * y + m[8]);
    return u >= 0 && v >= 0 && u < canvas.width * w && v < canvas.height * w;
  }
};

/// Narrows [lo, hi] of pixel centres to slope·x + constant ≥ 0.
void narrow(double slope, double constant, double& lo, double& hi) {
  if (slope > 0) lo = std::max(lo, -constant / slope);
  else if (slope < 0) hi = std::min(hi, -constant / slope);
  else if (constant < 0) hi = lo - 1;
}

/// The pixels of [begin, end) that see the canvas: the interval by division, its ends by trial.
void cut_row(const Cut& cut, double y, int& begin, int& end) {
  const auto& m = cut.map.m;
  const double width = cut.canvas.width, height = cut.canvas.height;
  const double u = m[1] * y + m[2], v = m[4] * y + m[5], w = m[7] * y + m[8];
  double lo = begin + 0.5, hi = end - 0.5;
  narrow(m[0], u, lo, hi);
  narrow(m[3], v, lo, hi);
  narrow(width * m[6] - m[0], width * w - u, lo, hi);
  narrow(height * m[6] - m[3], height * w - v, lo, hi);
  // One pixel of slack to both sides, then the test itself decides.
  int first = lo > end ? end : std::max(begin, static_cast<int>(std::floor(lo - 0.5)) - 1);
  int last = hi < begin ? begin : std::min(end, static_cast<int>(std::floor(hi - 0.5)) + 3);
  while (first < last && !cut.inside(first, y)) ++first;
  while (last > first && !cut.inside(last - 1, y)) --last;
  if (first >= last) {
    end = begin;
    return;
  }
  begin = first;
  end = last;
}

constexpr std::size_t kMostQuads = 16 << 10;  // 64 KiB: from the second cache at worst

class Warp : public Stage {
 public:
  Warp(const WarpStage& warp, const Input& input, const RasterShape& out, Arena& arena)
      : warp_(warp), shape_(input.shape), width_(out.width), nearest_(warp.filter == Filter::nearest) {
    filter_ = {warp.filter, warp.footprint_x, warp.footprint_y};
    source_ = filter_rows(input, nearest_ ? 1 : filter_.columns(), arena);
    points_ = {arena.take<double>(kPoints), arena.take<double>(kPoints)};
    answers_ = arena.take<std::int32_t>(kPoints);
    if (nearest_) {
      row_ = arena.take<std::byte>(out.row_bytes());
      for (const WarpStep& step : warp.steps) fills_.push_back(stored_fill(step.border, shape_));
    } else {
      two_by_two_ = warp.filter == Filter::bilinear && warp.footprint_x == 1 && warp.footprint_y == 1 &&
                    kernels::fits_bilinear(source_);
      if (!two_by_two_) scratch_ = arena.take<float>(filter_.scratch());
      in_range_ = two_by_two_ && kernels::bilinear_stays_in_range(source_);
      between_ = arena.take<kernels::SegmentBuffer>(1);
    }
    plan_walk(out.size());
    plan_bytes(arena);
    source_.ahead = ahead(out.size());
  }

  bool moves() const override { return nearest_; }
  bool stays_in_range() const override { return in_range_; }

  const std::byte* stored_row(int y) override {
    move_row(y, row_);
    return row_;
  }

  void move_row(int y, std::byte* out) override {
    const std::size_t size = shape_.pixel_bytes();
    each_part(0, y, width_, [&](int begin, int count) {
      kernels::pick_points(source_, points_, count, out + static_cast<std::size_t>(begin) * size);
    }, [&](const Answered& part) {
      const auto& fill = fills_[static_cast<std::size_t>(part.step)];
      for (int x = part.begin; x < part.end; ++x)
        std::copy_n(fill.begin(), size, out + static_cast<std::size_t>(x) * size);
    });
  }

  int round_rows(int from, int to, Dtype dtype, std::byte* out, std::size_t stride) override {
    if (!affine_ || dtype != Dtype::u8) return 0;
    if (!quads_.words) quads_ = kernels::quads_of(source_, quad_words_);
    kernels::affine_bytes(quads_, *affine_, width_, from, to, out, stride);
    return to - from;
  }

  void fetch(int x, int y, int count, const Planes& out) override {
    each_part(x, y, count, [&](int begin, int points) {
      sample(points, begin - x, out);
    }, [&](const Answered& part) {
      fill_planes(warp_.steps[static_cast<std::size_t>(part.step)].border, shape_.channels, part.begin - x, part.end - x, out);
    });
  }

 private:
  /// Finds what kind of walk it is, and the canvases that can answer.
  void plan_walk(Size canvas) {
    if (const auto* grid = std::get_if<std::shared_ptr<const DisplacementGrid>>(&warp_.steps.back().to_input))
      grid_row_.emplace(**grid);
    bool folds = false;
    for (std::size_t i = warp_.steps.size(); i-- > 0;) {
      const WarpStep& step = warp_.steps[i];
      const auto* map = std::get_if<Matrix3>(&step.to_input);
      if (!map) return;
      whole_ = *map * whole_;
      const Extent points = mapped({whole_, step.input, step.border}, Extent::of_centres(canvas));
      if (!std::isfinite(points.left)) return;  // the horizon crosses the canvas
      if (points.inside(step.input)) continue;
      folds = folds || step.border.kind != BorderKind::constant;
      cuts_.push_back({whole_, step.input, static_cast<int>(i)});
    }
    walk_ = folds ? Walk::folding : Walk::one_matrix;
  }

  /// Small pictures, where what a row costs before its pixels matters, go in one piece if only the source's own canvas can answer.
  void plan_bytes(Arena& arena) {
    const auto& m = whole_.m;
    if (!two_by_two_ || walk_ != Walk::one_matrix || m[6] != 0 || m[7] != 0 || m[8] != 1) return;
    if (cuts_.size() > 1 || (!cuts_.empty() && cuts_.front().step != 0)) return;
    if (!kernels::fits_quads(source_) || kernels::quad_words(source_) > kMostQuads) return;
    quad_words_ = arena.take<std::uint32_t>(kernels::quad_words(source_));
    affine_ = {.map = whole_};
    if (!cuts_.empty()) affine_->canvas = cuts_.front().canvas, affine_->fill = warp_.steps.front().border.fill;
  }

  /// Bytes from what the middle row reads to what kRowsAhead rows later does.
  std::ptrdiff_t ahead(Size canvas) const {
    constexpr int kRowsAhead = 6;  // as measured: 4 to 8 are alike
    constexpr double kMostSide = 1e6;
    if (source_.stride == 0) return 0;
    const Point here = whole_.map({canvas.width / 2.0, canvas.height / 2.0}), there = whole_.map({canvas.width / 2.0, canvas.height / 2.0 + kRowsAhead});
    const double rows = there.y - here.y, columns = there.x - here.x;
    if (!(std::abs(rows) < kMostSide && std::abs(columns) < kMostSide)) return 0;
    return std::lround(rows) * source_.stride + std::lround(columns) * static_cast<std::ptrdiff_t>(shape_.pixel_bytes());
  }

  /// Calls on_points(begin, count) with points_ set for runs of pixels that see the source, and on_fill for the others.
  template <class OnPoints, class OnFill>
  void each_part(int x, int y, int count, const OnPoints& on_points, const OnFill& on_fill) {
    if (walk_ != Walk::one_matrix) return each_point(x, y, count, on_points, on_fill);
    if (y != cut_at_) cut(y);
    for (const Answered& part : answered_) {
      const Answered seen{std::max(part.begin, x), std::min(part.end, x + count), part.step};
      if (seen.begin < seen.end) on_fill(seen);
    }
    const int end = std::min(end_, x + count);
    for (int begin = std::max(begin_, x); begin < end; begin += kPoints) {
      const int points = std::min(kPoints, end - begin);
      kernels::project_row(whole_, begin, y, points, points_);
      on_points(begin, points);
    }
  }

  template <class OnPoints, class OnFill>
  void each_point(int x, int y, int count, const OnPoints& on_points, const OnFill& on_fill) {
    for (int begin = x; begin < x + count; begin += kPoints) {
      const int points = std::min(kPoints, x + count - begin);
      if (!walk_back(begin, y, points)) {
        on_points(begin, points);
        continue;
      }
      on_points(begin, points);
      for (int i = 0; i < points;) {
        int end = i + 1;
        while (end < points && answers_[end] == answers_[i]) ++end;
        if (answers_[i] >= 0) on_fill({begin + i, begin + end, answers_[i]});
        i = end;
      }
    }
  }

  /// Sets points_ (and answers_, if it returns true) for the pixels [begin, begin + count) of row y.
  bool walk_back(int begin, int y, int count) {
    // Canvases are convex: what sees them at both ends sees them all the way, and nothing folds.
    const auto seen = [&](const Cut& cut) { return cut.inside(begin, y + 0.5) && cut.inside(begin + count - 1, y + 0.5); };
    if (walk_ == Walk::folding && std::all_of(cuts_.begin(), cuts_.end(), seen)) {
      kernels::project_row(whole_, begin, y, count, points_);
      return false;
    }
    std::fill(answers_, answers_ + count, -1);
    bool answered = false;
    for (std::size_t i = warp_.steps.size(); i-- > 0;) {
      const WarpStep& step = warp_.steps[i];
      const int answer = static_cast<int>(i);
      const bool first = i + 1 == warp_.steps.size();
      if (first && grid_row_) {
        grid_row_->place(begin, y, count, points_);
      } else {
        if (first) kernels::project_row(Matrix3::identity(), begin, y, count, points_);
        if (const auto* map = std::get_if<Matrix3>(&step.to_input))
          answered |= kernels::map_points(*map, count, points_, answer, answers_);
        else
          kernels::displace_points(*std::get<std::shared_ptr<const DisplacementGrid>>(step.to_input), count, points_);
      }
      answered |= kernels::meet_border(step.input, step.border.kind, count, points_, answer, answers_);
    }
    return answered;
  }

  /// Cuts row y: who answers where, and the rest that sees the source.
  void cut(int y) {
    cut_at_ = y;
    answered_.clear();
    begin_ = 0;
    end_ = width_;
    for (const Cut& step : cuts_) {
      const int begin = begin_, end = end_;
      cut_row(step, y + 0.5, begin_, end_);
      if (begin < begin_) answered_.push_back({begin, begin_, step.step});
      if (end_ < end) answered_.push_back({end_, end, step.step});
    }
  }

  /// points_ → values [at, at + points) of the planes. Kernels write whole vectors: between other pixels' values they
  /// get planes of their own.
  void sample(int points, int at, const Planes& out) {
    const auto place = [at](const Planes& planes) {
      return Planes{{planes.channel[0] + at, planes.channel[1] + at, planes.channel[2] + at, planes.channel[3] + at}};
    };
    const bool whole = at % kPoints == 0 && points == kPoints;
    const Planes own = between_->planes(), target = place(out);
    if (two_by_two_) kernels::sample_bilinear(source_, points_, points, whole ? target : own);
    else kernels::sample_points(source_, filter_, points_, points, scratch_, whole ? target : own);
    for (std::size_t c = 0; !whole && c < static_cast<std::size_t>(shape_.channels); ++c)
      std::copy_n(own.channel[c], points, target.channel[c]);
  }

  const WarpStage& warp_;
  RasterShape shape_;
  int width_;
  bool nearest_;
  bool two_by_two_{}, in_range_{};
  kernels::SampleFilter filter_{};
  kernels::PixelRows source_{};
  kernels::Points points_{};
  std::int32_t* answers_{};
  float* scratch_{};
  kernels::SegmentBuffer* between_{};
  std::byte* row_{};
  std::vector<std::array<std::byte, 16>> fills_{};
  /// Point by point; or by one matrix where nothing folds; or by one matrix everywhere, with constant borders.
  enum class Walk : std::uint8_t { points, folding, one_matrix } walk_{Walk::points};
  Matrix3 whole_{};            ///< output → source
  std::optional<kernels::AffineWalk> affine_{};  ///< where rows can be made at once
  std::uint32_t* quad_words_{};
  kernels::Quads quads_{};  ///< in quad_words_, once they are needed
  std::vector<Cut> cuts_{};    ///< canvases that can answer, from the output's on
  std::optional<kernels::GridRow> grid_row_{};  ///< where the output's pixels are displaced before anything else
  int cut_at_{-1};
  int begin_{}, end_{};        ///< of row cut_at_: the pixels that see the source
  std::vector<Answered> answered_{};
};

}  // namespace

std::unique_ptr<Stage> make_warp(const WarpStage& warp, const Input& input, const RasterShape& out, Arena& arena) {
  if (auto straight = make_straight_warp(warp, input, out, arena)) return straight;
  return std::make_unique<Warp>(warp, input, out, arena);
}

}  // namespace leaven::plan::fast
