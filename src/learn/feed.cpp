#include "learn/feed.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/error.hpp"
#include "recipe/mixing.hpp"

namespace leaven::learn {

Standard standard_of(const Pictures& pictures, const Entries& entries) {
  const InputShape& shape = pictures.shape();
  const std::size_t plane = shape.values() / static_cast<std::size_t>(shape.channels);
  std::vector<float> values(shape.values());
  std::array<double, 3> sum{}, squares{};
  for (const std::uint32_t e : entries) {
    standardise(pictures.seen(e).view(), {}, shape, values);
    for (std::size_t i = 0; i < values.size(); ++i) {
      sum[i / plane] += values[i];
      squares[i / plane] += static_cast<double>(values[i]) * values[i];
    }
  }
  Standard standard;
  const double count = static_cast<double>(entries.size() * plane);
  for (std::size_t c = 0; c < static_cast<std::size_t>(shape.channels); ++c) {
    const double mean = sum[c] / count, variance = std::max(0.0, squares[c] / count - mean * mean);
    standard.mean[c] = static_cast<float>(mean);
    // Pictures of one plain colour have none.
    standard.deviation[c] = static_cast<float>(variance > 1e-12 ? std::sqrt(variance) : 1);
  }
  return standard;
}

PicturePartners::PicturePartners(const Pictures& pictures, Entries train, const recipe::Recipe& recipe)
    : pictures_(pictures), pool_(pictures.index(), std::move(train), recipe), mixes_(!recipe::mixing_steps(recipe).empty()) {}

plan::ChoosePartner PicturePartners::of(std::uint32_t entry) const {
  if (!mixes_) return {};
  return [this, entry](const OpValue& op, Key key) {
    const std::uint32_t chosen = pool_.choose(entry, to_text(op.get("partners")), key, 0);
    const io::DatasetIndex& index = pictures_.index();
    const Raster& pixels = pictures_.pixels(chosen);
    // The pictures outlive what is made of them.
    const std::shared_ptr<const Raster> held(std::shared_ptr<const Raster>{}, &pixels);
    return plan::Partner{index.entries[chosen].id, pictures_.digest(chosen), index.labels[index.entries[chosen].label], pixels.shape(), held, nullptr};
  };
}

void Feed::put(const Visit& visit, std::span<float> out) const {
  if (!recipe_) return standardise(pictures_.seen(visit.entry).view(), standard_, pictures_.shape(), out);
  const io::Entry& entry = pictures_.index().entries[visit.entry];
  const DrawContext draw{.seed = seed_, .epoch = visit.epoch, .sample = entry.id, .copy = visit.copy};
  try {
    const Raster made = over_white(recipe_->made(pictures_.pixels(visit.entry).view(), draw, pictures_.index().labels[entry.label],
                                                  partners_ ? partners_->of(visit.entry) : plan::ChoosePartner{}));
    standardise(made.view(), standard_, pictures_.shape(), out);
  } catch (Error& error) {
    throw error.with_sample(entry.id);
  }
}

std::vector<float> Feed::all(const Entries& entries, std::uint32_t copy) const {
  const std::size_t values = pictures_.shape().values();
  std::vector<float> made(entries.size() * values);
  for (std::size_t i = 0; i < entries.size(); ++i) put({entries[i], 0, copy}, std::span(made).subspan(i * values, values));
  return made;
}

}  // namespace leaven::learn
