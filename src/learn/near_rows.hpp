// Rows of a table that are almost those of another part of it: what was copied and changed a little.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/columns.hpp"

namespace leaven::learn {

struct NearRow {
  std::uint32_t test{}, train{};  ///< rows of the block
  double distance{};              ///< as a TableEncoder fitted on `train` sees them: numbers in deviations, a category 1 in each of both words
};
struct NearRows {
  std::vector<NearRow> found{};             ///< in the order of `test`, at most one each
  std::size_t of_test{}, among_train{};     ///< how many were looked at
};

/// Rows of `test` with one of `train` within `kNearShare` of what rows usually lie apart (the median distance of training rows to
/// their fifth nearest), equal ones left out. Of large tables an even part is looked at, so that it takes seconds. Nothing is found
/// where rows usually lie on each other, or where there are too few to tell.
NearRows near_rows(const Block& block, std::size_t target, std::span<const std::uint32_t> test, std::span<const std::uint32_t> train);
inline constexpr double kNearShare = 0.02;

}  // namespace leaven::learn
