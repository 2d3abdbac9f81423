#include <fmt/format.h>

#include "plan/raster/passes.hpp"

namespace leaven::plan {

namespace {

std::string bytes_text(std::uint64_t bytes) {
  const auto n = static_cast<double>(bytes);
  if (bytes < 1000) return fmt::format("{} B", bytes);
  if (bytes < 1'000'000) return fmt::format("{:.0f} kB", n / 1e3);
  if (bytes < 1'000'000'000) return fmt::format("{:.1f} MB", n / 1e6);
  return fmt::format("{:.1f} GB", n / 1e9);
}

std::string footprint_text(const WarpStage& stage) {
  if (stage.footprint_x == 1 && stage.footprint_y == 1) return "";
  const std::string x = fmt::format("{:.2f}", stage.footprint_x), y = fmt::format("{:.2f}", stage.footprint_y);
  return x == y ? " ×" + x : " ×" + x + ",×" + y;
}

struct StageText {
  std::string operator()(const CopyStage&) const { return "copy"; }
  std::string operator()(const WarpStage& stage) const {
    return fmt::format("warp {} {} → {}{}", stage.steps.size(), stage.steps.size() == 1 ? "map" : "maps",
                       kFilterNames[static_cast<std::size_t>(stage.filter)], footprint_text(stage));
  }
  std::string operator()(const StencilStage& stage) const {
    if (const auto* taps = std::get_if<Separable>(&stage.stencil.what))
      return fmt::format("stencil {}×{} separable", taps->taps_x.size(), taps->taps_y.size());
    return "stencil 3×3";
  }
  std::string operator()(const OpaqueStage&) const { return "opaque"; }
  std::string operator()(const MixStage& stage) const {
    return fmt::format("mix of {} {}", stage.plans->size(), stage.plans->size() == 1 ? "layer" : "layers");
  }
};

struct PointText {
  std::string operator()(const Table& table) const { return table.unbounded ? "table, unbounded" : "table"; }
  std::string operator()(const ColorMatrix&) const { return "color_matrix"; }
  std::string operator()(const ColorFunction&) const { return "color_function"; }
  std::string operator()(const Positional& positional) const {
    if (std::holds_alternative<GaussianNoise>(positional.what)) return "gaussian noise";
    return std::holds_alternative<SaltPepper>(positional.what) ? "salt and pepper" : "holes";
  }
};

std::string run_text(const Pass& pass) {
  std::string text;
  const auto add = [&text](const std::string& what) { text += (text.empty() ? "   run: " : ", ") + what; };
  if (pass.reduce) add("table from statistics");
  for (const PointStep& step : pass.run) add((step.round_first ? "round, " : "") + std::visit(PointText{}, step.what));
  return text;
}

std::string step_names(const Pass& pass, std::span<const LoweredStep> steps) {
  std::string text;
  int previous = -1;
  for (const int index : pass.steps) {
    if (index == previous) continue;  // an op of several nodes
    previous = index;
    const std::string& path = steps[static_cast<std::size_t>(index)].path;
    text += (text.empty() ? "   of: " : ", ") + path.substr(path.rfind('/') + 1);
  }
  return text;
}

}  // namespace

std::string describe(const RasterPlan& plan, std::span<const LoweredStep> steps) {
  const Region& read = plan.read;
  std::string text = fmt::format("source  {}", describe(plan.source));
  if (plan.shrink > 1) text += fmt::format(", decoded at 1/{}", plan.shrink);
  if (read != Region::whole(plan.source.size()))
    text += fmt::format(", read {}×{} at ({}, {})", read.width, read.height, read.x, read.y);
  text += '\n';
  if (!plan.groups.empty()) {
    for (std::size_t stretch = 0; stretch < stretches_of(plan); ++stretch) {
      if (stretch > 0) text += fmt::format("all {} channels  opaque{}\n", plan.source.channels, step_names(plan.passes[stretch - 1], steps));
      const auto groups = groups_of(plan, stretch);
      text += fmt::format("{} groups of {} channels, each as the first:\n", groups.size(), kGroupChannels) + describe(groups.front(), steps);
    }
    const BytesMoved moved = bytes_moved(plan);
    return text + fmt::format("all     {} read, {} written\n", bytes_text(moved.read), bytes_text(moved.written));
  }
  for (std::size_t i = 0; i < plan.passes.size(); ++i) {
    const Pass& pass = plan.passes[i];
    const BytesMoved moved = bytes_moved(pass);
    text += fmt::format("pass {}  {}{}  {}{}{}   reads {}, writes {}\n", i + 1, std::visit(StageText{}, pass.stage),
                        pass.reduce ? ", statistics first" : "", describe(pass.out), run_text(pass),
                        step_names(pass, steps), bytes_text(moved.read), bytes_text(moved.written));
  }
  const BytesMoved moved = bytes_moved(plan);
  text += fmt::format("moves   {} read, {} written", bytes_text(moved.read), bytes_text(moved.written));
  if (plan.tile_rows > 0) text += fmt::format(", in tiles of {} rows", plan.tile_rows);
  return text + '\n';
}

}  // namespace leaven::plan
