// How far a fit has come, as it tells whoever watches.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

namespace leaven::learn {

class ImageModel;

struct FitProgress {
  std::uint32_t step{}, steps{};
  double loss{};                  ///< mean over the steps since it told of itself before
  std::optional<double> score{};  ///< on samples that the training does not show, the less the better; none where it did not look
  const ImageModel* so_far{};     ///< of pictures and series; null while it learns from pictures without classes
};
using FitWatch = std::function<void(const FitProgress&)>;

}  // namespace leaven::learn
