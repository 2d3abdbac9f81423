// Some rows of a table as a table of its own: what is fitted, balanced or copied there can see no other.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "io/table_file.hpp"

namespace leaven::learn {

/// In the order given.
Block rows_of(const Block& block, std::span<const std::uint32_t> rows);
/// Columns of both are the same; the first block may be empty.
void append_rows(Block& to, const Block& from);

class RowView final : public io::TableReader {
 public:
  /// `block`: all rows of `table`, which both live longer.
  RowView(const io::TableReader& table, const Block& block, std::vector<std::uint32_t> rows) : table_(table), block_(block), rows_(std::move(rows)) {}

  const BlockShape& shape() const override { return table_.shape(); }
  std::uint64_t rows() const override { return rows_.size(); }
  Block read(std::uint64_t first, std::size_t most) const override;
  const std::vector<io::ColumnProfile>& profiles() const override { return table_.profiles(); }
  const std::vector<io::BadRow>& bad_rows() const override { return none_; }
  std::string description() const override { return table_.description(); }
  std::unique_ptr<io::TableWriter> create(const std::filesystem::path& file) const override { return table_.create(file); }

 private:
  const io::TableReader& table_;
  const Block& block_;
  std::vector<std::uint32_t> rows_;
  std::vector<io::BadRow> none_{};
};

}  // namespace leaven::learn
