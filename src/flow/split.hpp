// Who trains, who validates, who tests: decided before anything is copied, so that no copy ever leaks.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "io/dataset.hpp"
#include "recipe/recipe.hpp"

namespace leaven::flow {

/// The split of every entry: the input's own where it has one, else what the recipe's split stage says, else none.
/// Entries in `aside` count for nothing. Deterministic in (ids, labels, seed, aside). Throws Error(usage) when the stage's
/// group expression matches no id.
///
/// hash: each sample by itself, by its id; another sample changes nothing. stratified: whole numbers of each class, val and
/// test shares rounded so that they are right in all and within one in every class, and no class loses its last sample to
/// them; which ones is up to a hash of the id. group: whole groups in hash order, until val and test are as near to their
/// shares as groups allow; an id that the expression does not match is a group of its own.
std::vector<io::Split> assign_splits(const io::DatasetIndex& index, const recipe::Recipe& recipe,
                                     const std::vector<bool>& aside);

/// Where `id` stands in a random order that depends on the seed and `purpose` alone.
std::uint64_t shuffled_rank(std::uint64_t seed, std::string_view id, std::string_view purpose);
/// Puts entries into that order.
void shuffle(std::vector<std::uint32_t>& entries, const io::DatasetIndex& index, std::uint64_t seed,
             std::string_view purpose);

}  // namespace leaven::flow
