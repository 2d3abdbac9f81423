// Decoded photos to float32 CHW 224×224 by the ten-step chain, one thread: images a second, and what planning costs.
// bench_geo10 FOLDER RECIPE SECONDS
#include <cstdio>
#include <cstdlib>

#include "bench/photos.hpp"
#include "ops/families.hpp"
#include "plan/draw_program.hpp"

using namespace leaven;
using bench::Clock;
using bench::seconds_since;

int main(int argc, char** argv) {
  if (argc != 4) return std::fprintf(stderr, "usage: bench_geo10 FOLDER RECIPE SECONDS\n"), 2;
  const std::vector<Raster> images = bench::photos(argv[1], 100);
  const recipe::Recipe recipe = recipe::load(argv[2], ops::op_table());
  const double limit = std::atof(argv[3]);
  std::vector<float> out(3 * 224 * 224);
  std::size_t made = 0, steps = 0;
  double planning = 0, sum = 0;
  const auto start = Clock::now();
  while (seconds_since(start) < limit) {
    const Raster& image = images[made % images.size()];
    const auto before = Clock::now();
    const auto drawn = plan::draw_program(recipe, {.seed = 1, .sample = "bench", .copy = static_cast<std::uint32_t>(made)}, image.shape(), "");
    const plan::RasterPlan plan = plan::plan_drawn(drawn, image.shape());
    planning += seconds_since(before);
    steps += drawn.program.steps.size();
    plan::run_fast(plan, image.view(), {reinterpret_cast<std::byte*>(out.data()), plan::Layout::chw});
    sum += static_cast<double>(out[made % out.size()]);
    ++made;
  }
  std::printf("{\"images_per_second\": %.1f, \"planning_us_per_step\": %.3f, \"images\": %zu, \"checksum\": %.3f}\n",
              static_cast<double>(made) / seconds_since(start), 1e6 * planning / static_cast<double>(steps), made, sum);
}
