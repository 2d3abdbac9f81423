// Who trains, who validates, who tests: decided once, before anything is trained.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "io/dataset.hpp"

namespace leaven::learn {

using Entries = std::vector<std::uint32_t>;

struct PartitionOptions {
  std::optional<std::uint32_t> per_class{};  ///< training items of each class; nothing: all
  double test{0.2}, validation{0.2};         ///< shares; validation of what is not test
  std::string group{};                       ///< a regular expression on the id; items of one group stay together
  std::uint32_t seeds{6};
  std::uint64_t seed{};
  bool number{};                             ///< labels are no classes but ranges of the number to be predicted
  std::vector<bool> aside{};                 ///< by entry: true for those that are not to be used; empty: all are
  /// By entry: equal for items that must not be parted, such as copies of one source; they go where the first of them goes. Empty: none.
  std::vector<std::uint32_t> kin{};
};

/// One seed's: other training and validation items, so that the verdict covers the luck of the draw.
struct Fold {
  Entries train{}, validation{};
};

struct Partition {
  Entries test{};            ///< the same for all seeds; used once a training, at its end
  std::vector<Fold> folds{};
  bool drawn{};              ///< the test split is none of the dataset's own
  std::vector<std::string> notes{};  ///< for people: what was taken as what, classes that are short
  /// Every entry that is used, sorted.
  Entries used() const;
  /// Takes entries out wherever they are.
  void remove(const Entries& gone);
};

/// A dataset's own test split is the test split (its validation split where it has no other); else `test` of each class,
/// by whole groups where there are groups. Its own validation split validates every seed. What is kin of an item in a split of the
/// dataset's own is left out of the training (and validation) that would go with it. Throws Error(usage) for data
/// without one class a sample, with fewer than two classes, or without an item to test or to train.
Partition divide(const io::DatasetIndex& index, const PartitionOptions& options);

/// Up to `most` entries, evenly over classes, in order of entries.
Entries evenly(const Entries& entries, const io::DatasetIndex& index, std::size_t most);

}  // namespace leaven::learn
