// New series from blocks of real ones (after the moving block bootstrap, Künsch 1989, and its blocks of random length,
// Politis and Romano 1994). Series of a class have their events at like times, so a block stays where it was in time.
#include <fmt/format.h>

#include <algorithm>

#include "core/error.hpp"
#include "core/value.hpp"
#include "learn/generate/series_data.hpp"

namespace leaven::learn {

namespace {

constexpr std::size_t kMostSeries = 2000;  // of a class, evenly among its own
constexpr std::uint64_t kBlocks = 5;       // in a series, on average

class BlockBootstrap final : public ImageModel {
 public:
  explicit BlockBootstrap(const InputShape& shape) : shape_(shape) {}

  void fit(const ImageFit& f) {
    for (std::uint32_t label = 0; label < f.train.classes.size(); ++label) {
      std::vector<std::size_t> items;
      for (std::size_t i = 0; i < f.train.size(); ++i)
        if (f.train.labels[i] == label) items.push_back(i);
      std::vector<float>& own = series_.emplace_back();
      const std::size_t count = std::min(items.size(), kMostSeries);
      for (std::size_t i = 0; i < count; ++i) {
        const std::span<const float> one = f.train.of(items[i * items.size() / count]);
        own.insert(own.end(), one.begin(), one.end());
      }
      if (items.size() == 1) f.notes.push_back(fmt::format("class {} has 1 series: all its new series are that one", f.train.classes[label]));
    }
  }

  std::vector<float> draw(std::uint32_t label, std::uint64_t seed, std::uint64_t first, std::size_t count) const override {
    const std::size_t size = shape_.values(), members = series_.at(label).size() / size;
    if (members == 0) throw data_error("class " + std::to_string(label) + " had no series to learn from");
    const auto length = static_cast<std::uint64_t>(shape_.width);
    const Key key = picture_key(seed, label);
    std::vector<float> made(count * size);
    for (std::size_t i = 0; i < count; ++i) {
      std::uint64_t from = 0;
      for (std::uint64_t block = 0; from < length; ++block) {
        const std::uint64_t element = ((first + i) * (length + 1) + block) * 2, longest = std::max<std::uint64_t>(2 * length / kBlocks, 1);
        const std::size_t member = static_cast<std::size_t>(draw_below(key, members, element));
        const std::uint64_t end = std::min(length, from + 1 + draw_below(key, longest, element + 1));
        for (std::size_t c = 0; c < static_cast<std::size_t>(shape_.height); ++c) {
          const std::size_t at = c * static_cast<std::size_t>(length);
          std::copy_n(series_[label].begin() + static_cast<std::ptrdiff_t>(member * size + at + from), end - from, made.begin() + static_cast<std::ptrdiff_t>(i * size + at + from));
        }
        from = end;
      }
    }
    return made;
  }

  void save(SavedGenerator& to) const override {
    for (std::size_t label = 0; label < series_.size(); ++label) to.tensors.add("series." + std::to_string(label), series_[label]);
  }
  void load(const SavedGenerator& from, std::uint32_t classes) {
    for (std::uint32_t label = 0; label < classes; ++label) {
      series_.push_back(from.tensors.floats("series." + std::to_string(label)));
      if (series_.back().size() % shape_.values() != 0) throw data_error("the generator's file has series of another length");
    }
  }

 private:
  InputShape shape_;
  std::vector<std::vector<float>> series_{};  ///< of each class, one after another
};

}  // namespace

ImageKind block_bootstrap_kind() {
  return {"block_bootstrap", "blocks of the class's series, each where it was in time",
          [](const ImageFit& fit) -> std::unique_ptr<ImageModel> {
            auto model = std::make_unique<BlockBootstrap>(fit.train.shape);
            model->fit(fit);
            return model;
          },
          [](const SavedGenerator& saved, const InputShape& shape, std::uint32_t classes) -> std::unique_ptr<ImageModel> {
            auto model = std::make_unique<BlockBootstrap>(shape);
            model->load(saved, classes);
            return model;
          },
          false};
}

}  // namespace leaven::learn
