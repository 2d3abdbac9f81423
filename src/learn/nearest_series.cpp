#include "learn/nearest_series.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/dtw.hpp"

namespace leaven::learn {

namespace {

constexpr double kBand = 0.1;  ///< of the length

class NearestSeries final : public Learner {
 public:
  NearestSeries(const InputShape& input, std::uint32_t classes)
      : length_(static_cast<std::size_t>(input.width)), channels_(static_cast<std::size_t>(input.channels)), classes_(classes),
        band_(static_cast<std::size_t>(std::ceil(kBand * input.width))) {}

  /// All there is to learn is to remember.
  double train(const Batch& batch, double) override {
    items_.clear(), answers_.clear();
    for (std::size_t i = 0; i < batch.size(); ++i) remember(batch.values.subspan(i * length_ * channels_, length_ * channels_), classes_ > 0 ? static_cast<float>(batch.labels[i]) : batch.targets[i]);
    return 0;
  }

  std::vector<float> predict(std::span<const float> values) override {
    std::vector<float> made;
    const std::size_t size = length_ * channels_;
    for (std::size_t at = 0; at < values.size(); at += size) classes_ > 0 ? add_classes(values.subspan(at, size), made) : add_number(values.subspan(at, size), made);
    return made;
  }

  /// Answers, then the values of all items.
  std::vector<float> weights() const override {
    std::vector<float> all = answers_;
    for (const Item& item : items_) all.insert(all.end(), item.track.values.begin(), item.track.values.end());
    return all;
  }
  void set_weights(std::span<const float> weights) override {
    const std::size_t size = length_ * channels_, count = weights.size() / (size + 1);
    items_.clear(), answers_.clear();
    for (std::size_t i = 0; i < count; ++i) {
      Item& item = items_.emplace_back();
      item.track = {length_, channels_, {weights.begin() + static_cast<std::ptrdiff_t>(count + i * size), weights.begin() + static_cast<std::ptrdiff_t>(count + (i + 1) * size)}};
      answers_.push_back(weights[i]);
      add_envelope(item);
    }
  }

 private:
  struct Item {
    kernels::Track track{};
    std::vector<float> lowest{}, highest{};  ///< within the band about each sample
  };

  /// From channel after channel to sample after sample.
  kernels::Track track_of(std::span<const float> values) const {
    kernels::Track track{length_, channels_, std::vector<float>(values.size())};
    for (std::size_t c = 0; c < channels_; ++c)
      for (std::size_t t = 0; t < length_; ++t) track.values[t * channels_ + c] = values[c * length_ + t];
    return track;
  }

  void remember(std::span<const float> values, float answer) {
    items_.push_back({track_of(values), {}, {}});
    answers_.push_back(answer);
    add_envelope(items_.back());
  }

  void add_envelope(Item& item) const {
    item.lowest = item.highest = item.track.values;
    for (std::size_t t = 0; t < length_; ++t)
      for (std::size_t u = t > band_ + 1 ? t - band_ - 1 : 0; u <= std::min(length_ - 1, t + band_ + 1); ++u)
        for (std::size_t c = 0; c < channels_; ++c) {
          item.lowest[t * channels_ + c] = std::min(item.lowest[t * channels_ + c], item.track.at(u)[c]);
          item.highest[t * channels_ + c] = std::max(item.highest[t * channels_ + c], item.track.at(u)[c]);
        }
  }

  /// No path is cheaper: each sample is at least as far from its partner as from all that it may meet (Keogh 2002).
  double least_cost(const kernels::Track& track, const Item& item) const {
    double sum = 0;
    for (std::size_t t = 0; t < length_; ++t) {
      double square = 0;
      for (std::size_t c = 0; c < channels_; ++c) {
        const float x = track.at(t)[c], outside = std::max({item.lowest[t * channels_ + c] - x, x - item.highest[t * channels_ + c], 0.0f});
        square += static_cast<double>(outside) * outside;
      }
      sum += std::sqrt(square);
    }
    return sum * (1 - 1e-5);  // costs are added up in float
  }

  void add_classes(std::span<const float> values, std::vector<float>& to) const {
    const kernels::Track track = track_of(values);
    std::vector<double> nearest(classes_, std::numeric_limits<double>::infinity());
    for (std::size_t i = 0; i < items_.size(); ++i) {
      double& best = nearest[static_cast<std::size_t>(answers_[i])];
      if (least_cost(track, items_[i]) < best) best = std::min(best, kernels::alignment_cost(track, items_[i].track, band_));
    }
    double sum = 0;
    for (double& cost : nearest) cost = 1 / (cost * cost + 1e-12), sum += cost;
    for (const double weight : nearest) to.push_back(static_cast<float>(weight / sum));
  }

  void add_number(std::span<const float> values, std::vector<float>& to) const {
    const kernels::Track track = track_of(values);
    double best = std::numeric_limits<double>::infinity();
    float answer = 0;
    for (std::size_t i = 0; i < items_.size(); ++i) {
      if (least_cost(track, items_[i]) >= best) continue;
      const double cost = kernels::alignment_cost(track, items_[i].track, band_);
      if (cost < best) best = cost, answer = answers_[i];
    }
    to.push_back(answer);
  }

  std::size_t length_, channels_;
  std::uint32_t classes_;
  std::size_t band_;
  std::vector<Item> items_{};
  std::vector<float> answers_{};
};

}  // namespace

LearnerKind nearest_series() {
  return {"dtw", "the nearest training series under dynamic time warping, band a tenth of the length", "Leaven's own dynamic time warping, 1 thread a training",
          [](const InputShape& input, std::uint32_t classes, Key) -> std::unique_ptr<Learner> { return std::make_unique<NearestSeries>(input, classes); }, 1};
}

}  // namespace leaven::learn
