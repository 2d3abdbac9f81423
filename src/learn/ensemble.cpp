#include "learn/ensemble.hpp"

#include <utility>

#include "core/error.hpp"

namespace leaven::learn {

namespace {

class Ensemble final : public Learner {
 public:
  explicit Ensemble(std::vector<std::unique_ptr<Learner>> members) : members_(std::move(members)) {}

  double train(const Batch&, double) override { throw bug("an ensemble is made of learners that are trained already"); }
  std::vector<float> predict(std::span<const float> values) override {
    std::vector<float> mean;
    for (const auto& member : members_) {
      const std::vector<float> own = member->predict(values);
      mean.resize(own.size());
      for (std::size_t i = 0; i < own.size(); ++i) mean[i] += own[i] / static_cast<float>(members_.size());
    }
    return mean;
  }
  std::vector<float> weights() const override {
    std::vector<float> all;
    for (const auto& member : members_) {
      const std::vector<float> own = member->weights();
      all.insert(all.end(), own.begin(), own.end());
    }
    return all;
  }
  void set_weights(std::span<const float> weights) override {
    for (const auto& member : members_) {
      const std::size_t size = member->weights().size();
      member->set_weights(weights.first(size));
      weights = weights.subspan(size);
    }
  }

 private:
  std::vector<std::unique_ptr<Learner>> members_;
};

}  // namespace

std::unique_ptr<Learner> ensemble_of(std::vector<std::unique_ptr<Learner>> members) { return std::make_unique<Ensemble>(std::move(members)); }

}  // namespace leaven::learn
