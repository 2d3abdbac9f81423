// Builds a recipe, makes samples of a dataset ready for a model, and has an op of its own.
//   example FOLDER
#include <cstdint>
#include <iostream>
#include <leaven/custom_op.hpp>
#include <leaven/dataset.hpp>
#include <leaven/parallel.hpp>
#include <vector>

namespace {

constexpr int kSide = 32;

/// Every value brought nearer to white.
void fade(const leaven::CustomCall& call, void* out) {
  const leaven::ImageView& image = call.image;
  if (image.type != leaven::PixelType::u8) throw leaven::usage_error("fade works on bytes");
  auto* to = static_cast<std::uint8_t*>(out);
  for (int y = 0; y < image.height; ++y) {
    const auto* row = static_cast<const std::uint8_t*>(image.data) + image.stride * y;
    for (int i = 0; i < image.width * image.channels; ++i)
      *to++ = static_cast<std::uint8_t>(row[i] + (255 - row[i]) * call.values[0]);
  }
}

}  // namespace

int main(int argc, char** argv) {
  try {
    leaven::add_custom_op({.name = "fade",
                           .summary = "Bring every value nearer to white",
                           .labels = leaven::CustomLabels::keep,
                           .version = 1,
                           .fields = {{.name = "amount", .doc = "Share of the way", .unit = "fraction", .usual = 0.5, .lo = 0, .hi = 1, .whole = false}},
                           .work = fade});
    const leaven::Recipe recipe = leaven::Recipe::from_text(R"(
leaven: 1
seed: 7
steps:
  - random_resized_crop: {width: 32, height: 32}
  - horizontal_flip: {p: 0.5}
  - custom.fade: {amount: {uniform: [0, 0.5]}}
  - normalize
)");
    const leaven::Dataset photos(argc > 1 ? argv[1] : "photos");
    std::vector<float> batch(photos.size() * 3 * kSide * kSide);
    leaven::for_each_item(photos.size(), 2, [&](std::size_t i) {
      const leaven::Encoded picture = photos.read(i);
      const leaven::Prepared prepared = recipe.prepare(picture.shape(), {.key = photos[i].id, .copy = 1, .epoch = 3, .label = photos[i].label});
      picture.run(prepared, batch.data() + i * 3 * kSide * kSide, leaven::Layout::chw);
    }, {});
    double sum = 0;
    for (const float value : batch) sum += value;
    std::cout << photos.description() << "\nmean " << sum / static_cast<double>(batch.size()) << "\n";
  } catch (const leaven::Error& error) {
    std::cerr << error.what() << "\n";
    return leaven::exit_code(error.fault());
  }
}
