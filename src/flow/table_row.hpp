// One row of a table that Leaven made: made again, explained, checked.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "core/columns.hpp"
#include "flow/job.hpp"
#include "flow/replay.hpp"
#include "flow/table_source.hpp"
#include "io/table_file.hpp"

namespace leaven::flow {

/// Lineage of rows is told from that of pictures by this name of their encoding.
inline constexpr const char* kRowFormat = "csv";

/// XXH3-128 of the cells' texts, each followed by U+001F. `lacking`: columns that the row's own file has not.
std::string row_digest(const Block& block, std::size_t row, std::span<const std::string> lacking = {});

/// The row of the source, its program run on it by the reference; `file` is the row as a line of CSV. Fits are those
/// that OUT holds; where it is not named, fitted ops are fitted again on the whole source. Throws Error(data) when the source's row is no longer the line's.
Replayed replay_row(const LineageRecord& record, const recipe::Source& source, const std::filesystem::path& out);

/// Each step with its values, and the cells before and after.
Explanation explain_row(const FoundLineage& found);

/// Digests of all rows of OUT's tables (paths inside OUT) against their lineage lines. `rules`: the recipe's schema.
Verification verify_rows(const std::filesystem::path& out, const std::vector<std::string>& tables, const TableRules& rules);

}  // namespace leaven::flow
