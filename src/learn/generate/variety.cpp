#include "learn/generate/variety.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "flow/job_summary.hpp"

namespace leaven::learn {

namespace {

constexpr std::size_t kFewest = 8, kMost = 64, kMostOfAll = 2000;
constexpr int kCoarseSide = 8;

}  // namespace

std::vector<float> coarse(std::span<const float> pictures, const InputShape& shape) {
  const int width = std::min(kCoarseSide, shape.width), height = std::min(kCoarseSide, shape.height);
  const std::size_t planes = pictures.size() / (static_cast<std::size_t>(shape.width) * static_cast<std::size_t>(shape.height)), blocks = static_cast<std::size_t>(width * height);
  std::vector<float> means(planes * blocks), counts(planes * blocks);
  std::size_t at = 0;
  for (std::size_t plane = 0; plane < planes; ++plane)
    for (int y = 0; y < shape.height; ++y)
      for (int x = 0; x < shape.width; ++x, ++at) {
        const std::size_t block = plane * blocks + static_cast<std::size_t>(y * height / shape.height * width + x * width / shape.width);
        means[block] += pictures[at], counts[block] += 1;
      }
  for (std::size_t b = 0; b < means.size(); ++b) means[b] /= counts[b];
  return means;
}

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
  const std::size_t most = std::clamp(kMostOfAll / std::max<std::size_t>(1, train.classes.size()), kFewest, kMost);
  std::vector<std::vector<std::uint32_t>> items(train.classes.size());
  for (std::uint32_t i = 0; i < train.size(); ++i) items[train.labels[i]].push_back(i);
  std::vector<std::string> collapsed;
  double lowest = INFINITY, highest = 0;
  for (std::uint32_t label = 0; label < items.size(); ++label) {
    const std::size_t count = std::min(items[label].size(), most);
    if (count < kFewest) continue;
    std::vector<float> real;
    for (std::size_t i = 0; i < count; ++i) {
      const std::span<const float> picture = train.of(items[label][i * items[label].size() / count]);
      real.insert(real.end(), picture.begin(), picture.end());
    }
    const std::vector<float> made = draw(label, count), real_coarse = coarse(real, train.shape), made_coarse = coarse(made, train.shape);
    double least = INFINITY;
    const auto compare = [&](const std::vector<float>& of_real, const std::vector<float>& of_made) {
      if (const double usual = mean_nearest(of_real, of_real.size() / count); usual > 0) least = std::min(least, mean_nearest(of_made, of_made.size() / count) / usual);
    };
    compare(real, made), compare(real_coarse, made_coarse);
    if (!(least < kLeastVariety)) continue;
    collapsed.push_back(train.classes[label]);
    lowest = std::min(lowest, 100 * least), highest = std::max(highest, 100 * least);
  }
  if (collapsed.empty()) return {};
  const std::string which = collapsed.size() == 1 ? "class " + collapsed.front() : fmt::format("{} of {} classes ({})", collapsed.size(), train.classes.size(), flow::listed(collapsed));
  const std::string share = fmt::format("{:.0f}", lowest) == fmt::format("{:.0f}", highest) ? fmt::format("{:.0f}", lowest) : fmt::format("{:.0f} to {:.0f}", lowest, highest);
  return {"mode collapse: new samples of " + which + " differ from the one most like them by " + share + " % of what real ones do"};
}

}  // namespace leaven::learn
