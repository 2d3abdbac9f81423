// What a table is, column by column: `leaven profile`.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "io/table_file.hpp"

namespace leaven::flow {

/// For a terminal: a line a column, then what is doubtful and what was set aside.
std::string profile_text(const std::string& name, const io::TableReader& table);
/// The same for programs, one JSON object. `columns` can be pasted into a recipe's schema.
std::string profile_json(const std::string& name, const io::TableReader& table);
/// What looking at the table may have got wrong, one line a column: a few cells among numbers that are none, commas of
/// two meanings, nothing but missing cells. No more than the first few, then how many more.
std::vector<std::string> column_doubts(const io::TableReader& table);
/// What to say of a table that may have been meant as series; empty where it looks like none.
std::string series_note(const std::filesystem::path& file, const io::TableReader& table);

}  // namespace leaven::flow
