// Single ops and short chains on decoded 8-bit photos, one thread, a new draw for every photo: photos a second
// of computing of each.
// bench_single_ops FOLDER LIST SECONDS   (LIST: lines "name: [step, step …]" in YAML, see bench/single_ops.txt)
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>

#include "bench/photos.hpp"
#include "ops/families.hpp"
#include "plan/draw_program.hpp"

using namespace leaven;

namespace {

/// Seconds that this process has computed: what else runs on the machine counts for neither side.
double computed() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

double rate(const recipe::Recipe& recipe, const std::vector<Raster>& images, double limit) {
  std::vector<std::byte> out;
  std::size_t made = 0;
  const double start = computed();
  while (computed() - start < limit || made < 3) {
    const Raster& image = images[made % images.size()];
    const auto drawn = plan::draw_program(recipe, {.seed = 1, .sample = "bench", .copy = static_cast<std::uint32_t>(made)}, image.shape(), "");
    const plan::RasterPlan plan = plan::plan_drawn(drawn, image.shape());
    out.resize(std::max(out.size(), plan.out.bytes()));
    // Networks take planes of floats; everything else stays as it is.
    const bool floats = plan.out.dtype == Dtype::f32;
    plan::run_fast(plan, image.view(), {out.data(), floats ? plan::Layout::chw : plan::Layout::hwc});
    ++made;
  }
  return static_cast<double>(made) / (computed() - start);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return std::fprintf(stderr, "usage: bench_single_ops FOLDER LIST SECONDS\n"), 2;
  const std::vector<Raster> images = bench::photos(argv[1], 100);
  std::ifstream list(argv[2]);
  std::string line, json;
  while (std::getline(list, line)) {
    const std::size_t colon = line.find(':');
    if (line.empty() || line[0] == '#' || colon == std::string::npos) continue;
    const recipe::Recipe recipe = recipe::parse("leaven: 1\nsteps: " + line.substr(colon + 1) + "\n", ops::op_table(), argv[2]);
    char text[64];
    std::snprintf(text, sizeof text, ": %.1f", rate(recipe, images, std::atof(argv[3])));
    json += (json.empty() ? "\"" : ", \"") + line.substr(0, colon) + "\"" + text;
  }
  std::printf("{%s}\n", json.c_str());
}
