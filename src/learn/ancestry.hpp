// What of a dataset was made of other items of it, as the lineage says that Leaven wrote beside it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/op.hpp"
#include "io/dataset.hpp"

namespace leaven::learn {

struct Ancestry {
  std::vector<std::uint32_t> kin{};  ///< by entry: equal for items of one source; empty: no item was made of another
  std::vector<bool> mixed{};         ///< by entry: made of several sources, or by a learned model, so of no one's side; as long as kin
  std::size_t copies{}, mixes{};     ///< so many of each
  bool unknown{};                    ///< the lineage tells of copies, and its lines cannot be told to items
};

/// Reads the lineage in `data`, or in the nearest folder above it that has one.
Ancestry ancestry_of(const io::DatasetIndex& index, const std::filesystem::path& data, Domain domain);

}  // namespace leaven::learn
