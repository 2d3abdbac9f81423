// What is to be made, in order, before any sample is decoded: computed from the index, what clean found, and the seed.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "flow/names.hpp"
#include "io/dataset.hpp"
#include "recipe/recipe.hpp"

namespace leaven::flow {

/// A source and how many copies it gets; outputs are original (copy 0, when kept) then copies 1 … copies.
struct RosterSource {
  std::uint32_t entry{};  ///< index into DatasetIndex::entries
  std::uint32_t copies{};
  io::Split split{};
  bool original{};  ///< copy 0 is written
  bool generated{};  ///< by a learned model: kept as it is, and nothing is made of it
  bool trains() const { return split == io::Split::none || split == io::Split::train; }
  bool grows() const { return trains() && !generated; }
};

/// A sample that will not be used, and why. One line of leaven.set_aside.jsonl.
struct SetAside {
  std::string id{}, reason{};  ///< reason for people: "truncated JPEG: …"
  std::string kind{};          ///< see the constants
  std::string source{};        ///< of a copy that could not be made; empty where `id` is the source itself
};
inline constexpr const char* kBroken = "broken";
inline constexpr const char* kTooSmall = "too_small";
inline constexpr const char* kDuplicate = "duplicate";
inline constexpr const char* kPerceptualDuplicate = "perceptual_duplicate";
inline constexpr const char* kLostLabel = "lost_label";  ///< every draw of this copy lost a label that the recipe requires
inline constexpr const char* kMissingCell = "missing_cell";  ///< a row that clean: {missing: true} leaves out
inline constexpr const char* kOutlier = "outlier";  ///< a row that a step under prepare: leaves out
inline constexpr const char* kBalanced = "balanced";  ///< a row that the balance method leaves out
inline constexpr const char* kViolates = "violates";  ///< no draw of this row holds the constraints
inline constexpr const char* kUnfit = "unfit";  ///< the recipe cannot make this copy: a crop larger than the image, …

/// Without the newline; keys in a fixed order.
std::string to_json_line(const SetAside& line);
/// Throws Error(data) for a malformed line.
SetAside set_aside_from_json(std::string_view line);

class Roster {
 public:
  /// `aside[e]` is true for entries that clean set aside. Splits come first (the input's own, then the recipe's split
  /// stage), then counts: only train grows, or all where there is no split; val and test keep their originals. Copies
  /// are spread evenly over their class (or over all), what is left over goes by a hash of the id, and a class that is
  /// larger already is left as it is. Deterministic in (index, recipe, aside): the same with more copies asked gives
  /// every source at least as many. Throws Error(usage) when the counts asked cannot be met because there is nothing to
  /// copy from or the originals are more than the total, or when per_class is asked of a dataset without one class a
  /// sample.
  Roster(const io::DatasetIndex& index, const recipe::Recipe& recipe, const std::vector<bool>& aside);

  const std::vector<RosterSource>& sources() const { return sources_; }  ///< in id order
  std::uint64_t outputs() const { return outputs_; }
  std::uint64_t larger_classes() const { return larger_classes_; }  ///< that have more than per_class already

  /// Output path of copy `copy` of source `s` (an index into sources()), '/'-separated, see OutputNames. `extension` is
  /// that of the encoded image ("jpg"); the original (copy 0) keeps its own.
  std::string output_id(std::size_t s, std::uint32_t copy, std::string_view extension) const;

 private:
  void decide_copies(const recipe::Recipe& recipe);
  /// `generated`: samples of theirs that a model made, which count towards `wanted`.
  void share_out(std::uint64_t wanted, std::uint64_t generated, std::span<const std::uint32_t> sources, const recipe::Recipe& recipe);

  const io::DatasetIndex& index_;
  std::vector<RosterSource> sources_;
  OutputNames names_;
  std::uint64_t outputs_{}, larger_classes_{};
};

}  // namespace leaven::flow
