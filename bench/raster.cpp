// The raster executor alone: one thread, one 500×375 photo in memory, nanoseconds per output pixel of single steps and
// chains, the best of many runs. bench_raster [NAME-PART [TARGET]]
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "kernels/targets.hpp"
#include "plan/raster/planner.hpp"

using namespace leaven;
using Clock = std::chrono::steady_clock;

namespace {

constexpr int kWidth = 500, kHeight = 375;

/// Waves and grain: as uneven as a photo.
Raster photo(const RasterShape& shape) {
  Raster image(shape);
  std::uint32_t state = 1;
  for (int y = 0; y < shape.height; ++y)
    for (int x = 0; x < shape.width; ++x)
      for (int c = 0; c < shape.channels; ++c) {
        state = state * 1664525u + 1013904223u;
        const double grain = (state >> 24) / 255.0 - 0.5;
        const double v = 0.5 + 0.3 * std::sin(0.02 * x + c) * std::cos(0.03 * y) + 0.1 * grain;
        const int i = x * shape.channels + c;
        if (shape.dtype == Dtype::u8) image.row<std::uint8_t>(y)[i] = static_cast<std::uint8_t>(255 * v);
        else if (shape.dtype == Dtype::u16) image.row<std::uint16_t>(y)[i] = static_cast<std::uint16_t>(65535 * v);
        else image.row<float>(y)[i] = static_cast<float>(v);
      }
  return image;
}

Geometry warp(const Matrix3& to_input, Size canvas, Filter filter, Border border = {}, bool antialias = false) {
  return {to_input, canvas, border, filter, antialias};
}
Geometry about_centre(const Matrix3& map, Size size, Filter filter, Border border = {}) {
  const double cx = size.width / 2.0, cy = size.height / 2.0;
  return warp(Matrix3::translation(cx, cy) * map * Matrix3::translation(-cx, -cy), size, filter, border);
}
Matrix3 flip(int width) { return {{-1, 0, static_cast<double>(width), 0, 1, 0, 0, 0, 1}}; }

Table normalize() {
  Table table;
  const double mean[] = {0.485, 0.456, 0.406}, deviation[] = {0.229, 0.224, 0.225};
  for (std::size_t c = 0; c < 3; ++c) table.curves[c] = {Curve::Form::affine, 1 / deviation[c], -mean[c] / deviation[c], nullptr};
  table.unbounded = true;
  return table;
}

std::vector<float> gaussian(double sigma) {
  const int radius = static_cast<int>(std::ceil(3 * sigma));
  std::vector<float> taps;
  double sum = 0;
  for (int i = -radius; i <= radius; ++i) sum += std::exp(-0.5 * i * i / (sigma * sigma));
  for (int i = -radius; i <= radius; ++i) taps.push_back(static_cast<float>(std::exp(-0.5 * i * i / (sigma * sigma)) / sum));
  return taps;
}

/// The crop of random_resized_crop: half of the frame, to 224×224.
Geometry crop_224(bool antialias) {
  return warp(Matrix3::translation(60, 40) * Matrix3::scaling(350.0 / 224, 280.0 / 224), {224, 224}, Filter::bilinear, {}, antialias);
}

/// The ten steps, on a 500×375 photo.
Nodes ten_steps(bool antialias) {
  const Size size{kWidth, kHeight};
  const auto corners = Matrix3::from_corners({Point{0, 0}, {500, 0}, {500, 375}, {0, 375}},
                                             {Point{20, 12}, {478, 25}, {490, 350}, {10, 360}});
  return {warp(flip(kWidth), size, Filter::nearest),
          about_centre(Matrix3::rotation(9), size, Filter::bilinear),
          about_centre(Matrix3::scaling(0.95, 0.95) * Matrix3::shear(5, 0), size, Filter::bilinear),
          warp(*corners, size, Filter::bilinear),
          crop_224(antialias),
          Table::all({Curve::Form::affine, 1.1, -0.02, nullptr}),
          Table::all({Curve::Form::affine, 0.95, 0.03, nullptr}),
          Table::all({Curve::Form::power, 1.1, 0, nullptr}),
          ColorFunction{ColorFunction::Form::hue_shift, 0.02},
          normalize()};
}

struct Row {
  std::string name;
  Nodes nodes;
  plan::Layout layout{plan::Layout::hwc};
  RasterShape source{kWidth, kHeight, 3};
};

std::vector<Row> rows() {
  const Size size{kWidth, kHeight};
  const Border reflect{BorderKind::reflect, {}};
  const auto curve = [](Curve::Form form, double a, double b) { return Table::all({form, a, b, nullptr}); };
  std::vector<Row> all;
  all.push_back({"copy", {}});
  all.push_back({"horizontal_flip", {warp(flip(kWidth), size, Filter::nearest)}});
  all.push_back({"vertical_flip", {warp({{1, 0, 0, 0, -1, kHeight, 0, 0, 1}}, size, Filter::nearest)}});
  all.push_back({"transpose", {warp({{0, 1, 0, 1, 0, 0, 0, 0, 1}}, {kHeight, kWidth}, Filter::nearest)}});
  all.push_back({"crop 224", {warp(Matrix3::translation(100, 60), {224, 224}, Filter::nearest)}});
  all.push_back({"brightness (table)", {curve(Curve::Form::affine, 1.2, 0.05)}});
  all.push_back({"gamma (table)", {curve(Curve::Form::power, 1.3, 0)}});
  all.push_back({"colour matrix", {ColorMatrix{{0.8f, 0.1f, 0.1f, 0, 0.1f, 0.8f, 0.1f, 0, 0.1f, 0.1f, 0.8f, 0}}}});
  all.push_back({"hue", {ColorFunction{ColorFunction::Form::hue_shift, 0.05}}});
  all.push_back({"normalize, planes", {normalize()}, plan::Layout::chw});
  all.push_back({"autocontrast-like (histogram)", {Reduce{true, false, [](const Statistics&, const RasterShape&) {
                                                     return Table::all({Curve::Form::affine, 1.1, -0.05, nullptr});
                                                   }}}});
  all.push_back({"contrast-like (mean)", {Reduce{false, true, [](const Statistics& s, const RasterShape&) {
                                            return Table::all({Curve::Form::affine, 1.1, -0.1 * s.mean_grey, nullptr});
                                          }}}});
  all.push_back({"gaussian noise", {Positional{GaussianNoise{0, 0.1, true, {1, 2}}}}});
  all.push_back({"salt and pepper", {Positional{SaltPepper{0.05, 0.5, {1, 2}}}}});
  all.push_back({"gaussian blur 1.5", {Stencil{Separable{gaussian(1.5), gaussian(1.5)}}}});
  all.push_back({"sharpen 3×3", {Stencil{Kernel3{{-0.1f, -0.1f, -0.1f, -0.1f, 1.8f, -0.1f, -0.1f, -0.1f, -0.1f}, true}}}});
  all.push_back({"resize 224 bilinear", {warp(Matrix3::scaling(500.0 / 224, 375.0 / 224), {224, 224}, Filter::bilinear, {}, true)}});
  all.push_back({"resize 224 lanczos", {warp(Matrix3::scaling(500.0 / 224, 375.0 / 224), {224, 224}, Filter::lanczos, {}, true)}});
  all.push_back({"crop + resize 224", {crop_224(true)}});
  all.push_back({"crop + resize 224, 2×2", {crop_224(false)}});
  all.push_back({"rotate bilinear", {about_centre(Matrix3::rotation(9), size, Filter::bilinear)}});
  all.push_back({"rotate bilinear, reflect", {about_centre(Matrix3::rotation(9), size, Filter::bilinear, reflect)}});
  all.push_back({"rotate bicubic", {about_centre(Matrix3::rotation(9), size, Filter::bicubic)}});
  all.push_back({"rotate nearest", {about_centre(Matrix3::rotation(9), size, Filter::nearest)}});
  for (const Dtype dtype : {Dtype::u8, Dtype::u16, Dtype::f32})
    for (const int channels : {1, 3, 4})
      all.push_back({"rotate bilinear " + std::string(name_of(dtype)) + "×" + std::to_string(channels),
                     {about_centre(Matrix3::rotation(9), size, Filter::bilinear)}, plan::Layout::hwc, {kWidth, kHeight, channels, dtype}});
  auto grid = std::make_shared<DisplacementGrid>();
  grid->spacing_x = grid->spacing_y = 30;
  grid->columns = kWidth / 30 + 4;
  grid->rows = kHeight / 30 + 4;
  grid->reach = 5;
  for (int i = 0; i < 2 * grid->columns * grid->rows; ++i) grid->vectors.push_back(static_cast<float>(i * 37 % 11) - 5);
  all.push_back({"elastic, reflect", {Displacement{grid, reflect, Filter::bilinear}}});
  all.push_back({"ten steps to 224 planes", ten_steps(false), plan::Layout::chw});
  all.push_back({"ten steps, antialiased", ten_steps(true), plan::Layout::chw});
  return all;
}

double best_nanoseconds(const std::function<void()>& work) {
  double best = 1e18;
  const auto start = Clock::now();
  for (int i = 0; i < 10 || Clock::now() - start < std::chrono::milliseconds(200); ++i) {
    const auto before = Clock::now();
    work();
    best = std::min(best, std::chrono::duration<double, std::nano>(Clock::now() - before).count());
  }
  return best;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string part = argc > 1 ? argv[1] : "";
  for (const kernels::Target& target : kernels::available_targets())
    if (argc > 2 && target.name == argv[2]) kernels::force_target(target);
  std::printf("target %s\n%-34s %10s %10s %12s\n", std::string(kernels::current_target()).c_str(), "", "ns/pixel", "µs", "images/s");
  for (const Row& row : rows()) {
    if (row.name.find(part) == std::string::npos) continue;
    const plan::LoweredStep step{"bench", row.nodes};
    const plan::RasterPlan plan = plan::plan_raster({&step, 1}, row.source);
    const Raster image = photo(row.source);
    std::vector<std::byte> out(plan.out.bytes());
    const double ns = best_nanoseconds([&] { plan::run_fast(plan, image.view(), {out.data(), row.layout}); });
    const double pixels = static_cast<double>(plan.out.width) * plan.out.height;
    std::printf("%-34s %10.3f %10.1f %12.0f\n", row.name.c_str(), ns / pixels, ns / 1000, 1e9 / ns);
  }
}
