// Generated rows as lines of CSV.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "learn/generate/table_data.hpp"

namespace leaven::learn {

std::string header_line(const TableData& shape);

struct Lines {
  std::string text{};
  std::vector<std::size_t> ends{};  ///< of each line, its newline included
};
/// Words are spelt as train spells them, numbers with the column's decimals. Ids count on from those of train: the i-th row
/// gets first_id + i · id_step more.
Lines lines_of(const TableData& rows, const std::vector<std::uint8_t>& keep, std::uint64_t first_id, std::uint64_t id_step);

/// The same rows as a block that constraints can look at and repair.
Block block_of(const TableData& rows);
/// Takes back what was repaired.
void take_back(const Block& block, TableData& rows);

}  // namespace leaven::learn
