// The mean of a class and noise along principal components.
#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/exact_math.hpp"
#include "learn/generate/image_model.hpp"

namespace leaven::learn {

namespace {

constexpr std::size_t kMostComponents = 32, kMostItems = 2000;
constexpr int kRounds = 15;

double gauss(Key key, std::uint64_t i) { return exact::normal_quantile((random_block(key, i / 4)[i % 4] + 0.5) / 4294967296.0); }

double dot(const float* a, const float* b, std::size_t n) {
  double sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += static_cast<double>(a[i]) * b[i];
  return sum;
}

/// Gram and Schmidt; a vector that is nothing but the others becomes 0.
void orthonormalise(std::vector<float>& vectors, std::size_t count, std::size_t size) {
  for (std::size_t k = 0; k < count; ++k) {
    float* const own = &vectors[k * size];
    for (std::size_t j = 0; j < k; ++j) {
      const auto along = static_cast<float>(dot(own, &vectors[j * size], size));
      for (std::size_t i = 0; i < size; ++i) own[i] -= along * vectors[j * size + i];
    }
    const double length = std::sqrt(dot(own, own, size));
    for (std::size_t i = 0; i < size; ++i) own[i] = length > 1e-6 ? static_cast<float>(own[i] / length) : 0;
  }
}

class PcaImages final : public ImageModel {
 public:
  PcaImages(InputShape shape, std::uint32_t classes) : shape_(shape), classes_(classes) {}

  void fit(const ImageData& train, std::uint64_t seed) {
    const std::size_t size = shape_.values();
    std::vector<std::size_t> counts(classes_);
    mean_.assign(classes_ * size, 0);
    for (std::size_t i = 0; i < train.size(); ++i) {
      ++counts[train.labels[i]];
      for (std::size_t v = 0; v < size; ++v) mean_[train.labels[i] * size + v] += train.of(i)[v];
    }
    for (std::size_t c = 0; c < classes_; ++c)
      for (std::size_t v = 0; v < size && counts[c] > 0; ++v) mean_[c * size + v] /= static_cast<float>(counts[c]);
    const std::size_t items = std::min(train.size(), kMostItems);
    std::vector<float> rest;
    for (std::size_t i = 0; i < items; ++i) {
      const std::size_t item = i * train.size() / items;
      for (std::size_t v = 0; v < size; ++v) rest.push_back(train.of(item)[v] - mean_[train.labels[item] * size + v]);
    }
    find_components(rest, items, seed);
  }

  std::vector<float> draw(std::uint32_t label, std::uint64_t seed, std::uint64_t first, std::size_t count) const override {
    const std::size_t size = shape_.values(), components = deviation_.size();
    const Key key = picture_key(seed, label);
    std::vector<float> made;
    made.reserve(count * size);
    for (std::size_t i = 0; i < count; ++i) {
      std::vector<float> picture(mean_.begin() + static_cast<std::ptrdiff_t>(label * size), mean_.begin() + static_cast<std::ptrdiff_t>((label + 1) * size));
      for (std::size_t k = 0; k < components; ++k) {
        const auto along = static_cast<float>(deviation_[k] * gauss(key, (first + i) * kMostComponents + k));
        for (std::size_t v = 0; v < size; ++v) picture[v] += along * components_[k * size + v];
      }
      for (const float v : picture) made.push_back(std::clamp(v, 0.0f, 1.0f));
    }
    return made;
  }

  void save(SavedGenerator& to) const override {
    to.tensors.add("mean", mean_, {classes_, shape_.values()});
    to.tensors.add("components", components_, {deviation_.size(), shape_.values()});
    to.tensors.add("deviation", deviation_);
  }
  void load(const SavedGenerator& from) {
    mean_ = from.tensors.floats("mean", classes_ * shape_.values());
    deviation_ = from.tensors.floats("deviation");
    if (deviation_.size() > kMostComponents) throw data_error("the generator's file has more components than there can be");
    components_ = from.tensors.floats("components", deviation_.size() * shape_.values());
  }

 private:
  /// By orthogonal iteration (Golub and Van Loan, section 8.2.4).
  void find_components(const std::vector<float>& rest, std::size_t items, std::uint64_t seed) {
    const std::size_t size = shape_.values(), count = std::min({kMostComponents, items > 1 ? items - 1 : 0, size});
    const Key key = KeyMaker({.seed = seed}).key("generate", "components");
    components_.resize(count * size);
    for (std::size_t i = 0; i < components_.size(); ++i) components_[i] = static_cast<float>(gauss(key, i));
    orthonormalise(components_, count, size);
    std::vector<double> variance(count);
    for (int round = 0; round < kRounds; ++round) {
      std::vector<float> next(count * size);
      std::ranges::fill(variance, 0.0);
      for (std::size_t i = 0; i < items; ++i)
        for (std::size_t k = 0; k < count; ++k) {
          const double along = dot(&rest[i * size], &components_[k * size], size);
          variance[k] += along * along / static_cast<double>(items);
          for (std::size_t v = 0; v < size; ++v) next[k * size + v] += static_cast<float>(along) * rest[i * size + v];
        }
      orthonormalise(next, count, size);
      components_ = std::move(next);
    }
    for (const double v : variance) deviation_.push_back(static_cast<float>(std::sqrt(v)));
  }

  InputShape shape_;
  std::size_t classes_;
  std::vector<float> mean_{}, components_{}, deviation_{};
};

}  // namespace

ImageKind pca_kind() {
  return {"pca", "the mean of each class, with noise along 32 principal components",
          [](const ImageFit& fit) -> std::unique_ptr<ImageModel> {
            auto model = std::make_unique<PcaImages>(fit.train.shape, static_cast<std::uint32_t>(fit.train.classes.size()));
            model->fit(fit.train, fit.seed);
            return model;
          },
          [](const SavedGenerator& saved, const InputShape& shape, std::uint32_t classes) -> std::unique_ptr<ImageModel> {
            auto model = std::make_unique<PcaImages>(shape, classes);
            model->load(saved);
            return model;
          }};
}

}  // namespace leaven::learn
