// Parts of a table within which one copula is a fair picture: rows of one class that agree in a few columns of words.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "learn/generate/table_data.hpp"

namespace leaven::learn {

/// Up to three columns of few words, one after another the one that tells most about the others beyond the class and those
/// before (conditional mutual information, less what chance alone would show), while the parts keep many rows.
std::vector<std::uint32_t> strata_columns(const TableData& data, std::span<const std::uint32_t> classes);

/// Rows of a class that agree in all of these columns, where there are enough of them; the rest of each class is a part of
/// its own, named last.
struct Stratum {
  std::uint32_t label{};
  bool rest{};
  std::vector<std::uint32_t> rows{};
};
std::vector<Stratum> strata_of(const TableData& data, std::span<const std::uint32_t> classes, std::size_t class_count, std::span<const std::uint32_t> columns);
inline constexpr std::size_t kLeastStratum = 60;

}  // namespace leaven::learn
