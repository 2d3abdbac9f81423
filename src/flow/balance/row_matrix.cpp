#include "flow/balance/row_matrix.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "flow/table_row.hpp"

namespace leaven::flow {

MatrixBuilder::MatrixBuilder(const BlockShape& shape, std::size_t target, bool target_is_number, std::string_view group) {
  for (std::size_t c = 0; c < shape.columns.size(); ++c) {
    const auto& column = shape.columns[c];
    if (c == target && !target_is_number) {
      matrix_.text_columns.push_back(c);
    } else if (column.type != Column::Type::text) {
      if (c == target) target_number_ = matrix_.number_columns.size();
      const bool share = target != npos && column.name.starts_with(shape.columns[target].name + "=");
      if (c == target || share) matrix_.soft.push_back(matrix_.number_columns.size());
      matrix_.number_columns.push_back(c);
    } else if (column.kind == ColumnKind::category || column.kind == ColumnKind::boolean) {
      matrix_.word_columns.push_back(c);
    } else if (column.kind != ColumnKind::id || column.name == group) {
      matrix_.text_columns.push_back(c);
    }
  }
  seen_.resize(matrix_.word_columns.size());
  matrix_.dictionaries.resize(matrix_.word_columns.size());
}

void MatrixBuilder::add(const Block& block, std::size_t row, const std::string& label) {
  for (const std::size_t c : matrix_.number_columns) {
    const Column& column = block.columns[c];
    const bool there = column.null[row] == 0 && std::isfinite(column.number[row]);
    matrix_.numbers.push_back(there ? column.number[row] : std::numeric_limits<double>::quiet_NaN());
  }
  const auto word_of = [row](const Column& column) {
    return RowMatrix::Word{column.text[row], column.null[row] != 0, !column.quoted.empty() && column.quoted[row] != 0};
  };
  for (std::size_t w = 0; w < matrix_.word_columns.size(); ++w) {
    const Column& column = block.columns[matrix_.word_columns[w]];
    auto& dictionary = matrix_.dictionaries[w];
    const auto [at, added] = seen_[w].try_emplace(column.text[row], static_cast<std::int32_t>(dictionary.size()));
    if (added) dictionary.push_back(word_of(column));
    matrix_.words.push_back(at->second);
  }
  for (const std::size_t c : matrix_.text_columns) matrix_.texts.push_back(word_of(block.columns[c]));
  matrix_.source.push_back(block.first + row);
  matrix_.digest.push_back(key_from_hex(row_digest(block, row)));
  matrix_.label.push_back(classes_.try_emplace(label, static_cast<std::uint32_t>(classes_.size())).first->second);
}

RowMatrix MatrixBuilder::take() {
  RowMatrix& m = matrix_;
  if (target_number_ != npos) {
    std::vector<double> values;
    for (std::size_t r = 0; r < m.rows(); ++r)
      if (const double v = m.number(r, target_number_); !std::isnan(v)) values.push_back(v);
    m.labels = {"low", "high"};
    if (values.empty()) return std::move(m);
    std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2));
    const double median = values[values.size() / 2];
    for (std::size_t r = 0; r < m.rows(); ++r) m.label[r] = m.number(r, target_number_) >= median ? 1 : 0;
    return std::move(m);
  }
  std::vector<std::uint32_t> rank(classes_.size());
  for (const auto& [name, first_seen] : classes_) {
    rank[first_seen] = static_cast<std::uint32_t>(m.labels.size());
    m.labels.push_back(name);
  }
  for (std::uint32_t& label : m.label) label = rank[label];
  return std::move(m);
}

}  // namespace leaven::flow
