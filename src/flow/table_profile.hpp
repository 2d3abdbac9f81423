// What a table is, column by column: `leaven profile`.
#pragma once

#include <string>

#include "io/table_file.hpp"

namespace leaven::flow {

/// For a terminal: a line a column, then what is doubtful and what was set aside.
std::string profile_text(const std::string& name, const io::TableReader& table);
/// The same for programs, one JSON object. `columns` can be pasted into a recipe's schema.
std::string profile_json(const std::string& name, const io::TableReader& table);

}  // namespace leaven::flow
