// What will not be used, found before anything is decided: the recipe's clean stage.
#pragma once

#include <functional>
#include <vector>

#include "flow/pool.hpp"
#include "flow/roster.hpp"
#include "io/dataset.hpp"
#include "recipe/recipe.hpp"

namespace leaven::flow {

struct CleanResult {
  std::vector<bool> aside{};      ///< by entry
  std::vector<SetAside> lines{};  ///< in order of ids, with what the index could not take
  int channels{};                 ///< what pictures from files get in one array (widened()); 0 when they go into none
};

/// True when samples must be read before the roster can be made: for sizes or duplicates, and for exact counts, which a
/// sample that turns out to be broken later would leave short.
bool must_scan(const recipe::Recipe& recipe);

/// Reads all samples if it must, else knows only what the index found. `watch` is called with the number of samples looked
/// at. Deterministic for any number of threads: of duplicates, the first by id stays. Throws Error(data) for the first
/// broken sample if the recipe says stop_on_error, Error(interrupted) when `keep_going` says no.
CleanResult clean(const io::DatasetReader& reader, const recipe::Recipe& recipe, Pool& pool,
                  const std::function<void(std::uint64_t)>& watch, const std::function<bool()>& keep_going);

}  // namespace leaven::flow
