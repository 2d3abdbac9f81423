#include "plan/raster/run_fast.hpp"

#include <algorithm>
#include <cstring>
#include <functional>

#include "core/channel_group.hpp"
#include "core/error.hpp"
#include "core/interruption.hpp"
#include "kernels/color_run.hpp"
#include "kernels/pointwise.hpp"
#include "kernels/prefetch.hpp"
#include "kernels/statistics.hpp"
#include "plan/raster/mixing.hpp"
#include "plan/raster/passes.hpp"

namespace leaven::plan {

namespace fast {

namespace {

class Copy : public Stage {
 public:
  explicit Copy(const Input& input) : input_(input) {}
  bool moves() const override { return true; }
  const std::byte* stored_row(int y) override { return input_.row(y); }
  int rows_on_end(int y, int most) const override {
    if (input_.stride != static_cast<std::ptrdiff_t>(input_.shape.row_bytes())) return 1;
    return input_.ring > 0 ? std::min(most, input_.ring - y % input_.ring) : most;
  }
  void move_row(int y, std::byte* out) override { std::memcpy(out, input_.row(y), input_.shape.row_bytes()); }

 private:
  Input input_;
};

Statistics statistics_of(const Reduce& reduce, const Input& input) {
  const RasterShape& shape = input.shape;
  Statistics statistics;
  if (reduce.histogram) {
    kernels::LevelCounter counter(shape.dtype, shape.channels);
    for (int y = 0; y < shape.height; ++y) counter.add_row(input.row(y), shape.width);
    for (int c = 0; c < shape.channels; ++c) statistics.histogram[static_cast<std::size_t>(c)] = counter.histogram(c);
  }
  if (reduce.mean_grey) {
    kernels::ChannelSums sums(shape.dtype, shape.channels);
    for (int y = 0; y < shape.height; ++y) sums.add_row(input.row(y), shape.width);
    double grey = 0;
    if (shape.colour_channels() == 3) {
      grey = 0.299 * sums.sum(0) + 0.587 * sums.sum(1) + 0.114 * sums.sum(2);
    } else {
      for (int c = 0; c < shape.colour_channels(); ++c) grey += sums.sum(c) / shape.colour_channels();
    }
    statistics.mean_grey = grey / (static_cast<double>(shape.width) * shape.height);
  }
  return statistics;
}

/// What an Opaque makes of all of its input.
Raster run_opaque(const Opaque& opaque, const Input& input) {
  RasterView view{input.data, input.stride, input.shape, input.held.x, input.held.y};
  view.shape.width = input.held.width;
  view.shape.height = input.held.height;
  Raster made = opaque.made_of(view);
  if (made.shape() != view.shape)
    throw bug("an opaque function made " + describe(made.shape()) + " of " + describe(view.shape));
  return made;
}

/// Throws Error(bug) unless the view holds what the plan reads.
void require_source(const RasterPlan& plan, const RasterView& source) {
  const RasterShape& shape = source.shape;
  const Region& read = plan.read;
  const bool same_kind = shape.channels == plan.source.channels && shape.dtype == plan.source.dtype;
  const bool holds = read.x >= source.origin_x && read.y >= source.origin_y &&
                     read.x + read.width <= source.origin_x + shape.width &&
                     read.y + read.height <= source.origin_y + shape.height;
  if (!same_kind || !holds)
    throw bug("a plan for " + describe(plan.source) + " got " + describe(shape) + " without the region that it reads");
}

}  // namespace

std::unique_ptr<Stage> make_copy(const Input& input) { return std::make_unique<Copy>(input); }

PassRunner::PassRunner(const Pass& pass, const Input& input, const Target& target, Arena& arena)
    : pass_(pass), input_(input), target_(target), segment_(arena.take<kernels::SegmentBuffer>(1)) {
  if (const auto* stage = std::get_if<OpaqueStage>(&pass.stage)) {
    opaque_ = run_opaque(stage->opaque, input);
    input_ = Input::of(opaque_.view(), pass.in);
    stage_ = make_copy(input_);
  } else if (const auto* mix = std::get_if<MixStage>(&pass.stage)) {
    RasterShape shape = pass.in;
    shape.width = pass.out.width;
    shape.height = pass.out.height;
    opaque_ = mixed_fast(*mix, {input.data, input.stride, input.shape, 0, 0}, shape);
    input_ = Input::of(opaque_.view(), shape);
    stage_ = make_copy(input_);
  } else if (const auto* warp = std::get_if<WarpStage>(&pass.stage)) {
    RasterShape fetched = pass.in;
    fetched.width = pass.out.width;
    fetched.height = pass.out.height;
    stage_ = make_warp(*warp, input_, fetched, arena);
  } else if (const auto* stencil = std::get_if<StencilStage>(&pass.stage)) {
    stage_ = make_stencil(stencil->stencil, pass, input_, arena);
  } else {
    stage_ = make_copy(input_);
  }
  std::optional<Table> tail;
  if (pass.reduce) tail = pass.reduce->tail(statistics_of(*pass.reduce, input_), pass.in);
  run_.emplace(pass, tail, stage_->moves(), arena);
  if (run_->colours() && target.layout != Layout::hwc) coloured_ = arena.take<std::uint8_t>(pass.in.pixel_bytes() * static_cast<std::size_t>(pass.out.width));
  plain_ = stage_->moves() && run_->empty() && target.layout == Layout::hwc && pass.in.dtype == pass.out.dtype;
  // What a filter makes of whole numbers stays within the ±64 that store_pixels() saturates as a clamp does.
  rounds_ = !stage_->moves() && run_->empty() && target.layout == Layout::hwc && pass.in.dtype != Dtype::f32 && pass.out.dtype != Dtype::f32;
}

std::byte* PassRunner::target_row(int y) const {
  const int slot = target_.ring > 0 ? y % target_.ring : y;
  return target_.data + static_cast<std::size_t>(slot) * target_.shape.row_bytes();
}

void PassRunner::write(int x, int y, int count, const Planes& planes) const {
  const RasterShape& shape = target_.shape;
  if (target_.layout == Layout::hwc) {
    std::byte* out = target_row(y) + static_cast<std::size_t>(x) * shape.pixel_bytes();
    kernels::store_pixels(planes, shape.dtype, shape.channels, count, out);
    return;
  }
  const auto width = static_cast<std::size_t>(shape.width), height = static_cast<std::size_t>(shape.height);
  std::array<std::byte*, 4> out{};
  for (std::size_t c = 0; c < static_cast<std::size_t>(shape.channels); ++c)
    out[c] = target_.data + ((c * height + static_cast<std::size_t>(y)) * width + static_cast<std::size_t>(x)) * bytes_of(shape.dtype);
  kernels::store_planar(planes, shape.dtype, shape.channels, count, out);
}

int PassRunner::next_rows(int y, int end) {
  if (plain_) {
    if (target_.ring == 0) stage_->move_rows(y, end, target_row(y), target_.shape.row_bytes());
    else
      for (int r = y; r < end; ++r) stage_->move_row(r, target_row(r));
    return end;
  }
  if (rounds_) {
    const int until = target_.ring > 0 ? y + 1 : end;
    if (const int made = stage_->round_rows(y, until, pass_.out.dtype, target_row(y), target_.shape.row_bytes())) return y + made;
  }
  const bool stays_stored = run_->stays_stored();
  if (!stage_->moves() || target_.layout != Layout::hwc || !(stays_stored || run_->colours())) {
    row_in_floats(y);
    return y + 1;
  }
  std::byte* out = target_row(y);
  if (stays_stored && !run_->bytes()) {
    stage_->move_row(y, out);
    run_->patch(y, out);
    return y + 1;
  }
  const int room = target_.ring > 0 ? std::min(end - y, target_.ring - y % target_.ring) : end - y;
  const int rows = stage_->rows_on_end(y, room), together = run_->one_table() ? 1 : pass_.in.channels;
  const auto pixels = static_cast<std::size_t>(pass_.out.width) * static_cast<std::size_t>(rows);
  const auto* from = reinterpret_cast<const std::uint8_t*>(stage_->stored_row(y));
  auto* to = reinterpret_cast<std::uint8_t*>(out);
  if (!stays_stored) {
    kernels::color_run_bytes(from, pixels, run_->colours()->steps, to);
    return y + rows;
  }
  kernels::look_up_bytes(from, *run_->bytes(), together, pixels * static_cast<std::size_t>(pass_.in.channels / together), to);
  for (int r = y; r < y + rows; ++r) run_->patch(r, target_row(r));
  return y + rows;
}

const std::byte* PassRunner::stored_row(int y) {
  const std::byte* stored = stage_->moves() ? stage_->stored_row(y) : nullptr;
  if (!coloured_) return stored;
  kernels::color_run_bytes(reinterpret_cast<const std::uint8_t*>(stored), static_cast<std::size_t>(pass_.out.width), run_->colours()->steps, coloured_);
  return reinterpret_cast<const std::byte*>(coloured_);
}

void PassRunner::row_in_floats(int y) {
  const RasterShape& in = pass_.in;
  const int width = pass_.out.width;
  const std::byte* stored = stored_row(y);
  const Planes planes = segment_->planes();
  // Stored whole numbers lie in [0, 1]; what a filter or a float file gives may not.
  const bool clamp = in.bounded && (stored ? in.dtype == Dtype::f32 : !stage_->stays_in_range());
  for (int x = 0; x < width; x += kernels::kSegment) {
    const int count = std::min(kernels::kSegment, width - x);
    if (stored) {
      const std::byte* from = stored + static_cast<std::size_t>(x) * in.pixel_bytes();
      kernels::prefetch(from + kernels::kPrefetchAhead, static_cast<std::size_t>(count) * in.pixel_bytes());
      kernels::load_pixels(from, in.dtype, in.channels, count, planes);
    } else {
      stage_->fetch(x, y, count, planes);
    }
    for (std::size_t c = 0; clamp && c < static_cast<std::size_t>(in.channels); ++c)
      kernels::clamp_values(planes.channel[c], count);
    run_->apply(x, y, count, planes);
    write(x, y, count, planes);
  }
}

void PassRunner::rows(int from, int to) {
  constexpr std::size_t kLookEvery = std::size_t{64} << 10;  // bytes
  const int together = std::max(1, static_cast<int>(kLookEvery / std::max(std::size_t{1}, target_.shape.row_bytes())));
  for (int y = from; y < to;) {
    for (const int end = std::min(to, y + together); y < end;) y = next_rows(y, end);
    Interruption::look();
  }
}

namespace {

using TakeStrip = std::function<void(const RasterView& strip)>;

/// Passes [first, last) that follow each other row by row, on a whole input.
class Group {
 public:
  Group(std::span<const Pass> passes, const Input& input, const Target& target, int tile_rows, Arena& arena)
      : height_(passes.back().out.height), tile_(tile_rows) {
    std::vector<int> ahead(passes.size(), 0);  // rows that a pass must run before those asked of the group
    for (std::size_t i = passes.size() - 1; i-- > 0;) ahead[i] = ahead[i + 1] + halo_of(passes[i + 1]);
    inputs_.reserve(passes.size());
    members_.reserve(passes.size());
    inputs_.push_back(input);
    for (std::size_t i = 0; i < passes.size(); ++i) {
      Target to = target;
      if (i + 1 < passes.size()) {
        const RasterShape& shape = passes[i].out;
        // The next pass reaches a halo to both sides of its tile. Its first tile is longer by the rows that it runs
        // ahead, and starts at row 0.
        const int rows = std::min(shape.height, tile_ + std::max(2 * halo_of(passes[i + 1]), ahead[i]) + 1);
        to = {arena.take<std::byte>(shape.row_bytes() * static_cast<std::size_t>(rows)), Layout::hwc, shape, rows};
        inputs_.push_back({to.data, static_cast<std::ptrdiff_t>(shape.row_bytes()), shape, Region::whole(shape.size()), rows});
      }
      members_.push_back({std::make_unique<PassRunner>(passes[i], inputs_[i], to, arena), ahead[i], 0});
    }
  }

  /// `made` is told after each tile which rows of the target are there.
  void run(const std::function<void(int from, int to)>& made = {}) {
    for (int y = 0; y < height_; y += tile_) {
      const int end = std::min(y + tile_, height_);
      for (Member& member : members_) {
        const int until = std::min(end + member.ahead, height_);
        member.runner->rows(member.done, until);
        member.done = std::max(member.done, until);
      }
      if (made) made(y, end);
    }
  }

 private:
  struct Member {
    std::unique_ptr<PassRunner> runner{};
    int ahead{}, done{};
  };
  int height_, tile_;
  std::vector<Input> inputs_;
  std::vector<Member> members_;
};

/// Rows that a group of passes makes at a time: several passes share a tile that stays in the cache.
int rows_at_once(std::span<const Pass> group, int tile_rows, int otherwise) {
  const int height = group.back().out.height;
  if (group.size() == 1) return std::min(otherwise, height);
  return tile_rows > 0 ? std::min(tile_rows, height) : height;
}

/// The last group writes to `output`, or strip by strip to `take`.
void run(const RasterPlan& plan, const RasterView& source, const Output& output, const TakeStrip& take) {
  constexpr int kInnerTile = 64;  // rows per tile of groups before the last
  constexpr int kStrip = 16;      // rows of a strip that one pass makes: a JPEG's blocks, and small beside any cache
  Arena& arena = Arena::of_thread();
  const Arena::Scope scope(arena);
  const auto& passes = plan.passes;
  require_source(plan, source);
  Input input = Input::part_of(source, plan.source, plan.read);
  for (std::size_t first = 0; first < passes.size();) {
    std::size_t last = first + 1;
    while (last < passes.size() && follows_by_rows(passes[last])) ++last;
    const std::span group(passes.data() + first, last - first);
    const RasterShape& shape = group.back().out;
    const bool final = last == passes.size();
    const auto buffer = [&](int rows) { return arena.take<std::byte>(shape.row_bytes() * static_cast<std::size_t>(rows)); };
    if (final && take) {
      const int rows = rows_at_once(group, plan.tile_rows, kStrip);
      const Target strip{buffer(rows), Layout::hwc, shape, rows};
      Group(group, input, strip, rows, arena).run([&](int from, int to) {
        RasterView view{strip.data, static_cast<std::ptrdiff_t>(shape.row_bytes()), shape, 0, from};
        view.shape.height = to - from;
        take(view);
      });
      return;
    }
    const Target target = final ? Target{output.data, output.layout, shape, 0} : Target{buffer(shape.height), Layout::hwc, shape, 0};
    Group(group, input, target, rows_at_once(group, final ? plan.tile_rows : kInnerTile, shape.height), arena).run();
    input = {target.data, static_cast<std::ptrdiff_t>(shape.row_bytes()), shape, Region::whole(shape.size()), 0};
    first = last;
  }
}

}  // namespace

}  // namespace fast

void run_fast(const RasterPlan& plan, const RasterView& source, const Output& output) {
  if (plan.groups.empty()) return fast::run(plan, source, output, {});
  const auto whole = [](const RasterPlan& group, const RasterView& channels) { return run_fast(group, channels); };
  for_each_group(plan, source, whole, [&](const RasterPlan& group, const RasterView& channels, int first) {
    const std::size_t plane = group.out.bytes() / static_cast<std::size_t>(kGroupChannels);
    if (output.layout == Layout::chw)
      run_fast(group, channels, {output.data + static_cast<std::size_t>(first) * plane, Layout::chw});
    else
      put_group(run_fast(group, channels).view(), first, plan.out, output.data);
  });
}

void run_fast(const RasterPlan& plan, const RasterView& source, const std::function<void(const RasterView& strip)>& take) {
  if (!plan.groups.empty()) return take(run_fast(plan, source).view());  // a strip of all channels would run every group again
  fast::run(plan, source, {}, take);
}

Raster run_fast(const RasterPlan& plan, const RasterView& source) {
  Raster out(plan.out);
  run_fast(plan, source, Output{out.data(), Layout::hwc});
  return out;
}

}  // namespace leaven::plan
