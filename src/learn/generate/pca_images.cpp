// The mean of a class and noise along principal components.
#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "learn/components.hpp"
#include "learn/generate/image_model.hpp"

namespace leaven::learn {

namespace {

constexpr std::size_t kMostComponents = 32, kMostItems = 2000;

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
    Components found = principal_components(rest, size, kMostComponents, KeyMaker({.seed = seed}).key("generate", "components"));
    components_ = std::move(found.directions);
    deviation_ = std::move(found.deviation);
  }

  std::vector<float> draw(std::uint32_t label, std::uint64_t seed, std::uint64_t first, std::size_t count) const override {
    const std::size_t size = shape_.values(), components = deviation_.size();
    const Key key = picture_key(seed, label);
    std::vector<float> made;
    made.reserve(count * size);
    for (std::size_t i = 0; i < count; ++i) {
      std::vector<float> picture(mean_.begin() + static_cast<std::ptrdiff_t>(label * size), mean_.begin() + static_cast<std::ptrdiff_t>((label + 1) * size));
      for (std::size_t k = 0; k < components; ++k) {
        const auto along = static_cast<float>(deviation_[k] * normal_at(key, (first + i) * kMostComponents + k));
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
          },
          false};
}

}  // namespace leaven::learn
