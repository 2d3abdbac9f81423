// Pointwise runs on segments of planes.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "kernels/moves.hpp"
#include "kernels/noise.hpp"
#include "kernels/pointwise.hpp"
#include "plan/raster/run_fast.hpp"

namespace leaven::plan::fast {

namespace {

bool is_gaussian(const PointStep& step) {
  const auto* positional = std::get_if<Positional>(&step.what);
  return positional && std::holds_alternative<GaussianNoise>(positional->what);
}
bool is_table(const PointStep& step) { return std::holds_alternative<Table>(step.what); }
/// Tables, and nodes that put values in place of others: no arithmetic between pixels' channels or with noise.
bool is_look_up(const PointStep& step) {
  return is_table(step) || (std::holds_alternative<Positional>(step.what) && !is_gaussian(step));
}

float as_stored(double v, Dtype dtype, bool to_levels) {
  if (!to_levels || dtype == Dtype::f32) return static_cast<float>(v);
  const double scale = full_scale(dtype);
  return static_cast<float>(std::nearbyint(std::clamp(v, 0.0, 1.0) * scale) / scale);
}

}  // namespace

PointRun::PointRun(const Pass& pass, const std::optional<Table>& tail, bool whole_levels, Arena& arena)
    : shape_(pass.in),
      stored_(pass.out.dtype),
      width_(pass.out.width),
      samples_(static_cast<std::size_t>(pass.out.width) * static_cast<std::size_t>(pass.out.height)),
      bounded_(pass.in.bounded),
      arena_(arena) {
  std::vector<PointStep> run = pass.run;
  if (tail) run.insert(run.begin(), PointStep{*tail, false});
  if (whole_levels && bounded_ && shape_.dtype == Dtype::u8 && stored_ == Dtype::u8 && shape_.channels == 3 && !shape_.alpha)
    colours_ = color_run(run);
  if (colours_) return;
  ops_.reserve(run.size() + 1);
  for (std::size_t i = 0; i < run.size();) {
    const bool on_levels = shape_.dtype != Dtype::f32 && ((i == 0 && whole_levels) || run[i].round_first);
    const std::size_t folded = on_levels ? fold_levels(run, i, i == 0 && whole_levels) : i;
    if (folded > i) {
      i = folded;
      continue;
    }
    if (run[i].round_first && shape_.dtype != Dtype::f32) ops_.push_back({RoundLevels{}, false});
    add(run[i]);
    ++i;
  }
  if (whole_levels && shape_.dtype != Dtype::f32 && stored_ == shape_.dtype) find_patches();
}

void PointRun::find_patches() {
  one_table_ = bytes_ && std::all_of(bytes_->begin(), bytes_->begin() + shape_.channels,
                                     [&](const kernels::ByteTable& table) { return table == bytes_->front(); });
  for (std::size_t i = bytes_ ? 1 : 0; i < ops_.size(); ++i) {
    const auto* filled = std::get_if<Filled>(&ops_[i].what);
    if (!filled) return;
    Patch& patch = patches_.emplace_back(Patch{filled->regions, {}});
    for (std::size_t c = 0; c < static_cast<std::size_t>(shape_.channels); ++c) {
      const double level = std::nearbyint(static_cast<double>(filled->fill[c]) * full_scale(stored_));
      const auto word = static_cast<std::uint16_t>(level);
      if (stored_ == Dtype::u8) patch.pixel[c] = static_cast<std::byte>(word);
      else std::memcpy(patch.pixel.data() + c * sizeof word, &word, sizeof word);
    }
  }
  stays_stored_ = !ops_.empty();
}

void PointRun::patch(int y, std::byte* row) const {
  const int size = static_cast<int>(shape_.pixel_bytes());
  for (const Patch& patch : patches_)
    for (const Region& hole : patch.regions) {
      if (y < hole.y || y >= hole.y + hole.height) continue;
      const int from = std::max(hole.x, 0), to = std::min(hole.x + hole.width, width_);
      if (from < to)
        kernels::repeat_pixel(patch.pixel.data(), size, static_cast<std::size_t>(to - from), row + std::ptrdiff_t{from} * size);
    }
}

/// Folds tables (and what stands between them) from `first` on, where values are whole levels, into one lookup. Returns
/// the step behind, or `first` when plain arithmetic is as good and faster.
std::size_t PointRun::fold_levels(const std::vector<PointStep>& run, std::size_t first, bool whole_levels) {
  std::size_t last = first;
  while (last < run.size() && is_look_up(run[last])) ++last;
  const bool to_levels = last == run.size() && stored_ != Dtype::f32;
  const auto bends = [](const PointStep& step) {
    const auto* table = std::get_if<Table>(&step.what);
    return table && std::any_of(table->curves.begin(), table->curves.end(),
                                [](const Curve& curve) { return curve.form != Curve::Form::affine; });
  };
  const auto begin = run.begin() + static_cast<std::ptrdiff_t>(first), end = run.begin() + static_cast<std::ptrdiff_t>(last);
  if (!to_levels && std::none_of(begin, end, bends)) return first;

  std::array<LevelFunction, 4> functions;
  for (LevelFunction& function : functions) function.dtype = shape_.dtype;
  const auto colours = static_cast<std::size_t>(shape_.colour_channels());
  std::vector<Placement> placements;
  for (std::size_t i = first; i < last; ++i) {
    if (const auto* table = std::get_if<Table>(&run[i].what)) {
      if (table->unbounded) bounded_ = false;
      for (std::size_t c = 0; c < colours; ++c)
        functions[c].parts.push_back({table->curves[c], run[i].round_first, bounded_});
    } else {
      Placement& placement = placements.emplace_back(Placement{&std::get<Positional>(run[i].what), {}, bounded_});
      for (std::size_t c = 0; c < 4; ++c) placement.parts_before[c] = functions[c].parts.size();
    }
  }
  if (!whole_levels) ops_.push_back({RoundLevels{}, false});
  const bool tables = std::any_of(begin, end, is_table);
  if (tables && to_levels && first == 0 && whole_levels && shape_.dtype == Dtype::u8 && stored_ == Dtype::u8)
    make_bytes(functions);
  if (tables) ops_.push_back({look_up(functions, to_levels), false});
  for (const Placement& placement : placements) add_placement(placement, functions, to_levels);
  return last;
}

void PointRun::add_placement(const Placement& placement, const std::array<LevelFunction, 4>& functions, bool to_levels) {
  const auto settled = [&](std::size_t c, double v) {
    if (placement.bounded) v = std::clamp(v, 0.0, 1.0);
    return as_stored(functions[c].from(placement.parts_before[c], v), stored_, to_levels);
  };
  if (const auto* node = std::get_if<SaltPepper>(&placement.node->what)) {
    Salted op{*node, {}, {}};
    for (std::size_t c = 0; c < 4; ++c) {
      op.salt[c] = settled(c, 1);
      op.pepper[c] = settled(c, 0);
    }
    ops_.push_back({std::move(op), false});
  } else if (const auto* holes = std::get_if<Holes>(&placement.node->what)) {
    Filled op{holes->regions, {}};
    for (std::size_t c = 0; c < 4; ++c) op.fill[c] = settled(c, static_cast<double>(holes->fill[c]));
    ops_.push_back({std::move(op), false});
  }
}

void PointRun::add(const PointStep& step) {
  if (const auto* table = std::get_if<Table>(&step.what)) {
    if (table->unbounded) bounded_ = false;
    ops_.push_back({Curves{table->curves}, bounded_});
  } else if (const auto* matrix = std::get_if<ColorMatrix>(&step.what)) {
    ops_.push_back({*matrix, bounded_});
  } else if (const auto* function = std::get_if<ColorFunction>(&step.what)) {
    ops_.push_back({*function, bounded_});
  } else if (const auto& positional = std::get<Positional>(step.what); is_gaussian(step)) {
    if (!noise_) noise_ = arena_.take<float>(kernels::kSegment);
    ops_.push_back({std::get<GaussianNoise>(positional.what), bounded_});
  } else {
    add_placement({&positional, {}, bounded_}, {}, false);
  }
}

void PointRun::run(const Curves& op, bool clamp, int count, const Planes& planes) const {
  for (std::size_t c = 0; c < static_cast<std::size_t>(shape_.colour_channels()); ++c) {
    const Curve& curve = op.curves[c];
    float* values = planes.channel[c];
    switch (curve.form) {
      case Curve::Form::affine: kernels::affine(values, count, curve.a, curve.b, clamp); break;
      case Curve::Form::power: kernels::power(values, count, curve.a, clamp); break;
      case Curve::Form::solarize: kernels::solarize(values, count, curve.a, clamp); break;
      case Curve::Form::quantize: kernels::quantize(values, count, static_cast<int>(curve.a), shape_.dtype); break;
      case Curve::Form::levels:
        kernels::look_up(values, count, curve.table->data(), static_cast<int>(curve.table->size()), clamp);
        break;
    }
  }
}

void PointRun::run(const GaussianNoise& op, bool clamp, int x, int y, int count, const Planes& planes) {
  for (int c = 0; c < shape_.colour_channels(); ++c) {
    if (c == 0 || op.per_channel) kernels::gaussian_row(op.key, x, y, op.per_channel ? op.first_channel + c : 0, count, noise_);
    kernels::add_noise(planes.channel[static_cast<std::size_t>(c)], noise_, count, op.mean, op.sigma, clamp);
  }
}

void PointRun::run(const Filled& op, int x, int y, int count, const Planes& planes) const {
  for (const Region& hole : op.regions) {
    if (y < hole.y || y >= hole.y + hole.height) continue;
    const int from = std::max(hole.x - x, 0), to = std::min(hole.x + hole.width - x, count);
    for (std::size_t c = 0; from < to && c < static_cast<std::size_t>(shape_.channels); ++c)
      std::fill(planes.channel[c] + from, planes.channel[c] + to, op.fill[c]);
  }
}

void PointRun::apply(int x, int y, int count, const Planes& planes) {
  for (const Op& op : ops_) {
    if (std::holds_alternative<RoundLevels>(op.what)) {
      for (int c = 0; c < shape_.channels; ++c)
        kernels::round_to_levels(planes.channel[static_cast<std::size_t>(c)], count, shape_.dtype);
    } else if (const auto* look_up = std::get_if<LookUp>(&op.what)) {
      run(*look_up, count, planes);
    } else if (const auto* curves = std::get_if<Curves>(&op.what)) {
      run(*curves, op.clamp, count, planes);
    } else if (const auto* matrix = std::get_if<ColorMatrix>(&op.what)) {
      kernels::color_matrix(planes, count, matrix->m, op.clamp);
    } else if (const auto* function = std::get_if<ColorFunction>(&op.what)) {
      kernels::hue_shift(planes, count, function->a);
    } else if (const auto* noise = std::get_if<GaussianNoise>(&op.what)) {
      run(*noise, op.clamp, x, y, count, planes);
    } else if (const auto* salted = std::get_if<Salted>(&op.what)) {
      const SaltPepper& node = salted->node;
      kernels::salt_pepper_row(node.key, x, y, node.amount, node.salt, salted->salt, salted->pepper,
                               shape_.colour_channels(), count, planes);
    } else if (const auto* filled = std::get_if<Filled>(&op.what)) {
      run(*filled, x, y, count, planes);
    }
  }
}

}  // namespace leaven::plan::fast
