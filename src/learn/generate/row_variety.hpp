// Whether new rows of a class are always the same few, or of another law than real ones.
#pragma once

#include <string>
#include <vector>

#include "learn/generate/row_model.hpp"

namespace leaven::learn {

/// Notes, none or a few, on classes with at least 20 rows. Mode collapse: a column whose new cells are spread by less than a fifth of what
/// real ones are (numbers by their deviation, words by the inverse Simpson index less 1), or a class whose real rows are different from each
/// other and whose new ones come again. Another law: cells further apart than the gate admits (column_distance()) and than chance takes them.
std::vector<std::string> unlike_rows(const TableData& train, const RowModel& model, std::uint64_t seed);

}  // namespace leaven::learn
