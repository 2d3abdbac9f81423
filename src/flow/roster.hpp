// What is to be made, in order, before any sample is decoded: computed from the index, what clean found, and the seed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "io/dataset.hpp"
#include "recipe/recipe.hpp"

namespace leaven::flow {

/// A source and how many copies it gets; outputs are original (copy 0, when kept) then copies 1 … copies.
struct RosterSource {
  std::uint32_t entry{};   ///< index into DatasetIndex::entries
  std::uint32_t copies{};
  io::Split split{};
  bool original{};         ///< copy 0 is written
};

/// A sample that will not be used, and why. One line of leaven.set_aside.jsonl.
struct SetAside {
  std::string id{}, reason{};   ///< reason for people: "truncated JPEG: …"
  std::string kind{};           ///< broken, too_small, duplicate, perceptual_duplicate, lost_label
};
std::string to_json_line(const SetAside& line);

class Roster {
 public:
  /// `aside[e]` is true for entries that clean set aside. Splits come first (by the recipe's split stage or the
  /// input's own), then counts: only train grows. Deterministic in (index, recipe, aside). Throws Error(usage) when
  /// total or per_class cannot be met because there is nothing to copy from.
  Roster(const io::DatasetIndex& index, const recipe::Recipe& recipe, const std::vector<bool>& aside,
         std::string_view extension_of_copies);

  const std::vector<RosterSource>& sources() const { return sources_; }  ///< in id order
  std::uint64_t outputs() const { return outputs_; }

  /// Output path of copy `copy` of source `s` (an index into sources()), '/'-separated, with the split's folder in
  /// front when the recipe splits. Copies are `<base>_aug<k>.<extension>`, originals keep their path. The base is the
  /// source's stem; where another source of that folder has the same stem, it is stem + '_' + its extension; and while a
  /// source of that folder is named <base>_aug<digits>, '_' is added. So names never collide, and depend neither on the
  /// order of files nor on how many copies are made. `source_extension` is that of the encoded image ("jpg").
  std::string output_id(std::size_t s, std::uint32_t copy, std::string_view extension) const;

 private:
  const io::DatasetIndex& index_;
  const recipe::Recipe& recipe_;
  std::vector<RosterSource> sources_;
  std::vector<std::pair<std::uint32_t, std::string>> odd_bases_;  ///< sources whose base is not their stem
  std::uint64_t outputs_{};
};

}  // namespace leaven::flow
