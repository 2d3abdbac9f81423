#include "learn/generate/variety.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace leaven::learn {

namespace {

constexpr std::size_t kFewest = 8, kMost = 64, kMostOfAll = 2000;

}  // namespace

double mean_nearest(std::span<const float> pictures, std::size_t values) {
  const std::size_t count = pictures.size() / values;
  std::vector<double> nearest(count, INFINITY);
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t j = 0; j < i; ++j) {
      double sum = 0;
      for (std::size_t v = 0; v < values; ++v) {
        const double apart = static_cast<double>(pictures[i * values + v]) - static_cast<double>(pictures[j * values + v]);
        sum += apart * apart;
      }
      nearest[i] = std::min(nearest[i], sum), nearest[j] = std::min(nearest[j], sum);
    }
  double sum = 0;
  for (const double n : nearest) sum += std::sqrt(n);
  return sum / static_cast<double>(count);
}

std::vector<std::string> collapsed_classes(const ImageData& train, const std::function<std::vector<float>(std::uint32_t label, std::size_t count)>& draw) {
  const std::size_t values = train.shape.values(), most = std::clamp(kMostOfAll / std::max<std::size_t>(1, train.classes.size()), kFewest, kMost);
  std::vector<std::vector<std::uint32_t>> items(train.classes.size());
  for (std::uint32_t i = 0; i < train.size(); ++i) items[train.labels[i]].push_back(i);
  std::vector<std::string> notes;
  for (std::uint32_t label = 0; label < items.size(); ++label) {
    const std::size_t count = std::min(items[label].size(), most);
    if (count < kFewest) continue;
    std::vector<float> real;
    for (std::size_t i = 0; i < count; ++i) {
      const std::span<const float> picture = train.of(items[label][i * items[label].size() / count]);
      real.insert(real.end(), picture.begin(), picture.end());
    }
    const double usual = mean_nearest(real, values);
    if (usual <= 0) continue;
    if (const double own = mean_nearest(draw(label, count), values); own < kLeastVariety * usual)
      notes.push_back(fmt::format("mode collapse: new samples of class {} differ from the one most like them by {:.0f} % of what real ones do", train.classes[label], 100 * own / usual));
  }
  return notes;
}

}  // namespace leaven::learn
