// Decoded photos to float32 CHW 224×224 by the ten-step chain, one thread: images a second, and what planning costs.
// bench_geo10 FOLDER RECIPE SECONDS
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "io/codec.hpp"
#include "ops/families.hpp"
#include "plan/draw_program.hpp"

using namespace leaven;
using Clock = std::chrono::steady_clock;

namespace {

std::vector<Raster> photos(const std::filesystem::path& folder, std::size_t most) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.is_regular_file()) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::vector<Raster> decoded;
  for (const auto& path : files) {
    if (decoded.size() == most) break;
    std::ifstream in(path, std::ios::binary);
    const std::vector<char> text{std::istreambuf_iterator<char>(in), {}};
    const io::BytesView bytes = std::as_bytes(std::span(text));
    const io::ImageHeader header = io::read_header(bytes);
    // The peers' figures are of ordinary colour photos; a few files are grey, or far larger.
    if (header.shape.channels == 3 && header.shape.width <= 1000 && header.shape.height <= 1000)
      decoded.push_back(io::decode(bytes, header));
  }
  return decoded;
}

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return std::fprintf(stderr, "usage: bench_geo10 FOLDER RECIPE SECONDS\n"), 2;
  const std::vector<Raster> images = photos(argv[1], 100);
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
    const plan::RasterPlan plan = plan::plan_drawn(drawn, image.shape(), true);
    planning += seconds_since(before);
    steps += drawn.program.steps.size();
    plan::run_fast(plan, image.view(), {reinterpret_cast<std::byte*>(out.data()), plan::Layout::chw});
    sum += static_cast<double>(out[made % out.size()]);
    ++made;
  }
  std::printf("{\"images_per_second\": %.1f, \"planning_us_per_step\": %.3f, \"images\": %zu, \"checksum\": %.3f}\n",
              static_cast<double>(made) / seconds_since(start), 1e6 * planning / static_cast<double>(steps), made, sum);
}
