// One row of a table that Leaven made: made again, explained, checked.
#pragma once

#include <filesystem>
#include <string>

#include "core/columns.hpp"
#include "flow/job.hpp"
#include "flow/replay.hpp"
#include "io/table_file.hpp"

namespace leaven::flow {

/// Lineage of rows is told from that of pictures by this name of their encoding.
inline constexpr const char* kRowFormat = "csv";

inline constexpr std::size_t kBlockRows = 4096;

/// Opens the table with the recipe's schema; `label_column:` names the target too.
std::unique_ptr<io::TableReader> open_source(const recipe::Source& source);

/// All rows of a table, block by block.
class TableScan : public Scan {
 public:
  explicit TableScan(const io::TableReader& reader) : reader_(reader) {}
  const Block* next() override;

 private:
  const io::TableReader& reader_;
  std::uint64_t at_{};
  Block block_{};
};

/// XXH3-128 of the cells' texts, each followed by U+001F.
std::string row_digest(const Block& block, std::size_t row);

/// The row of the source, its program run on it by the reference; `file` is the row as a line of CSV. Fits are those
/// that OUT holds; where it is not named, fitted ops are fitted again on the whole source. Throws Error(data) when the source's row is no longer the line's.
Replayed replay_row(const LineageRecord& record, const recipe::Source& source, const std::filesystem::path& out);

/// Each step with its values, and the cells before and after.
Explanation explain_row(const FoundLineage& found);

/// Digests of all rows of OUT's table against their lineage lines. `rules`: the recipe's schema.
Verification verify_rows(const std::filesystem::path& out, const std::string& table_name, const TableRules& rules);

}  // namespace leaven::flow
