// Blocks of a table made by hand, and an op run on them.
#pragma once

#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "ops/table/whole_table.hpp"
#include "tests/ops/op_run.hpp"

namespace leaven::ops {

using Numbers = std::vector<double>;

// NaN stands for a missing cell.
inline Column column(std::string name, Column::Type type, Numbers numbers, int places = 0) {
  Column c{std::move(name), type, places, {}, {}, {}, {}};
  for (const double v : numbers) {
    c.text.push_back(std::isnan(v) ? "" : to_text(Value(v)));
    c.number.push_back(std::isnan(v) ? 0 : v);
    c.null.push_back(std::isnan(v));
    c.changed.push_back(0);
  }
  return c;
}

inline Column text_column(std::string name, std::size_t rows) {
  Column c{std::move(name), Column::Type::text, 0, std::vector<std::string>(rows, "word"), {}, {}, {}};
  c.null.assign(rows, 0);
  c.changed.assign(rows, 0);
  return c;
}

inline Block block_of(std::vector<Column> columns) {
  Block block{0, columns[0].text.size(), std::move(columns)};
  return block;
}

class BlockScan : public Scan {
 public:
  explicit BlockScan(const std::vector<Block>& blocks) : blocks_(blocks) {}
  const Block* next() override { return at_ < blocks_.size() ? &blocks_[at_++] : nullptr; }

 private:
  const std::vector<Block>& blocks_;
  std::size_t at_{};
};

inline Fitted fit(const OpValue& op, const std::vector<Block>& train) {
  BlockScan scan(train);
  return op.info().fit(op.data(), scan);
}

inline std::vector<Key> row_keys(std::size_t rows, std::uint64_t first = 0) {
  std::vector<Key> keys;
  for (std::size_t i = 0; i < rows; ++i) keys.push_back(key_number(first + i));
  return keys;
}

/// Why the last apply() would leave each row out.
inline std::vector<std::string> left_out;

/// `back`: the way back, by the op's invert.
inline void apply(const OpValue& op, Block& block, const Fitted& fitted, const std::vector<Key>& keys,
                  std::map<std::string, Numbers> per_row = {}, bool back = false) {
  BlockShape shape;
  for (const Column& c : block.columns) shape.columns.push_back({c.name, c.type, c.kind, c.target});
  Site site;
  site.table = &shape;
  site.fitted = &fitted;
  site.per_row = &per_row;
  for (const Node& node : back ? op.info().invert(op.data(), site) : op.lower(site)) {
    const auto& function = std::get<ColumnFunction>(node);
    if (const WholeTableStep* step = whole_table_of(function)) {
      left_out.assign(block.rows, "");
      step->rows(block, function.columns, keys, left_out);
      continue;
    }
    if (function.apply_rows) {
      function.apply_rows(block, function.columns, keys);
      continue;
    }
    for (const std::size_t i : function.columns) function.apply(block.columns[i], i, keys);
  }
}

inline constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

/// Words; "" stands for a missing cell.
inline Column category_column(std::string name, std::vector<std::string> words) {
  Column c{std::move(name), Column::Type::text, 0, std::move(words), {}, {}, {}};
  for (const std::string& word : c.text) c.null.push_back(word.empty());
  c.changed.assign(c.text.size(), 0);
  c.kind = ColumnKind::category;
  return c;
}

}  // namespace leaven::ops
