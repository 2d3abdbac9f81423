#include "learn/cluster_mix.hpp"

#include <map>

#include "core/value.hpp"

namespace leaven::learn {

void ClusterMix::choose(std::uint64_t batch, std::span<const std::uint32_t> entries, std::span<const std::uint32_t> labels,
                        std::vector<std::uint32_t>& partners, std::vector<float>& shares) const {
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::vector<std::uint32_t>> alike;
  for (std::uint32_t i = 0; i < entries.size(); ++i) alike[{labels[i], clusters_[entries[i]]}].push_back(i);
  partners.resize(entries.size());
  shares.assign(entries.size(), 0);
  for (std::uint32_t i = 0; i < entries.size(); ++i) {
    partners[i] = i;
    std::vector<std::uint32_t> others;
    // Another showing of the same item is no other item.
    for (const std::uint32_t j : alike[{labels[i], clusters_[entries[i]]}])
      if (entries[j] != entries[i]) others.push_back(j);
    if (others.empty()) continue;
    const std::uint64_t draw = 2 * (batch * entries.size() + i);
    partners[i] = others[static_cast<std::size_t>(draw_below(key_, others.size(), draw))];
    shares[i] = static_cast<float>(draw_unit(key_, draw + 1));
  }
}

}  // namespace leaven::learn
