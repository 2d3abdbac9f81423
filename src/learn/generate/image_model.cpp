#include "learn/generate/image_model.hpp"

#include <algorithm>

#include "learn/generate/named_kind.hpp"

namespace leaven::learn {

const ImageKind& kind_named(std::span<const ImageKind> kinds, const std::string& name) { return named_kind(kinds, name, "pictures"); }

std::vector<float> ImageModel::walk(std::uint32_t, std::uint64_t, std::size_t) const { return {}; }

Key picture_key(std::uint64_t seed, std::uint32_t label) { return KeyMaker({.seed = seed, .epoch = label}).key("generate", "picture"); }

std::uint32_t ItemOrder::at(std::uint64_t position) {
  if (epoch(position) != epoch_) {
    epoch_ = epoch(position);
    const Key key = KeyMaker({.seed = seed_, .epoch = epoch_}).key("generate", "order");
    std::vector<std::pair<std::uint64_t, std::uint32_t>> ranked;
    for (std::uint32_t i = 0; i < items_; ++i) {
      const auto block = random_block(key, i);
      ranked.emplace_back((std::uint64_t{block[0]} << 32) | block[1], i);
    }
    std::ranges::sort(ranked);
    order_.clear();
    for (const auto& entry : ranked) order_.push_back(entry.second);
  }
  return order_[static_cast<std::size_t>(position % items_)];
}

}  // namespace leaven::learn
