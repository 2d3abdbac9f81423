#include "learn/corrupted.hpp"

#include <array>

#include "leaven/parallel.hpp"
#include "learn/engine.hpp"

namespace leaven::learn {

namespace {
constexpr std::array kCorruptions{"gaussian_noise", "defocus_blur", "brightness", "contrast", "jpeg_compression"};
constexpr std::array kSeverities{1, 3, 5};
}  // namespace

CorruptedTest corrupt(const Pictures& pictures, const Entries& test, std::size_t most, int threads) {
  CorruptedTest made{evenly(test, pictures.index(), most), {}};
  if (made.entries.empty()) return made;
  for (const char* const corruption : kCorruptions)
    for (const int severity : kSeverities) {
      const PictureRecipe recipe(corruption, "leaven: 1\nsteps: [corruption: {name: " + std::string(corruption) + ", severity: " + std::to_string(severity) + "}]");
      CorruptedSet set{corruption, severity, std::vector<Raster>(made.entries.size())};
      for_each_item(made.entries.size(), threads, [&](std::size_t i) {
        const std::uint32_t e = made.entries[i];
        set.pixels[i] = recipe.made(pictures.seen(e).view(), {.sample = pictures.index().entries[e].id}, {});
      });
      made.sets.push_back(std::move(set));
    }
  return made;
}

}  // namespace leaven::learn
