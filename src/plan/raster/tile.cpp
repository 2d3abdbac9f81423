#include <algorithm>

#include "plan/raster/passes.hpp"

namespace leaven::plan {

namespace {

constexpr std::size_t kTileBytes = 512 * 1024;  ///< half of a core's second-level cache of 1 MB
constexpr int kFewestRows = 8;

}  // namespace

int halo_of(const Pass& pass) {
  const auto* stage = std::get_if<StencilStage>(&pass.stage);
  if (!stage) return 0;
  const auto* taps = std::get_if<Separable>(&stage->stencil.what);
  return taps ? static_cast<int>(taps->taps_y.size() / 2) : 1;
}

bool follows_by_rows(const Pass& pass) {
  const bool near = std::holds_alternative<CopyStage>(pass.stage) || std::holds_alternative<StencilStage>(pass.stage);
  return near && !pass.reduce;
}

void choose_tiles(RasterPlan& plan) {
  std::size_t first = plan.passes.size() - 1;
  while (first > 0 && follows_by_rows(plan.passes[first])) --first;
  // A tile of r rows keeps r + 2·halo rows of each pass, with the halos of all passes after it.
  std::size_t row_bytes = 0, fixed_bytes = 0;
  std::size_t halo = 0;
  for (std::size_t i = plan.passes.size(); i-- > first;) {
    const Pass& pass = plan.passes[i];
    row_bytes += pass.out.row_bytes();
    fixed_bytes += 2 * halo * pass.out.row_bytes();
    halo += static_cast<std::size_t>(halo_of(pass));
  }
  if (follows_by_rows(plan.passes[first])) {  // its input streams through the cache as well
    row_bytes += plan.passes[first].in.row_bytes();
    fixed_bytes += 2 * halo * plan.passes[first].in.row_bytes();
  }
  const std::size_t room = kTileBytes > fixed_bytes ? kTileBytes - fixed_bytes : 0;
  // Tiles no lower than their halos: below that more rows are computed twice than once.
  const int least = std::max(kFewestRows, static_cast<int>(std::min<std::size_t>(2 * halo, 1 << 16)));
  const int rows = std::max(least, static_cast<int>(std::min<std::size_t>(room / row_bytes, 1 << 16)));
  plan.tile_rows = rows >= plan.out.height ? 0 : rows;
}

}  // namespace leaven::plan
