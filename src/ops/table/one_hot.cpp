// A column of zeros and ones for each category.
#include <algorithm>
#include <array>

#include "ops/table/columns.hpp"
#include "ops/table/donors.hpp"
#include "ops/table/whole_table.hpp"

namespace leaven::ops {
namespace {

namespace table_one_hot {
struct Op {
  int places = 0;
  int most = 64;
};
constexpr auto fields = std::array{
    field<&Op::places>("places", {.doc = "Decimals; some are needed where shares are to be mixed", .lo = 0, .hi = 15, .unit = "1"}),
    field<&Op::most>("most", {.doc = "Most columns for one column, for the most frequent words", .lo = 1, .hi = 1024, .unit = "1"})};

/// A word without the blanks that some files put around it.
std::string trimmed(const std::string& word) {
  const std::size_t first = word.find_first_not_of(" \t");
  return first == std::string::npos ? word : word.substr(first, word.find_last_not_of(" \t") + 1 - first);
}

Nodes lower(const Op& op, const Site& at) {
  struct Share {
    std::size_t of{};
    std::string word{}, column{};
  };
  std::vector<Share> shares;
  WholeTableStep step;
  for (const std::size_t c : category_columns(*at.table)) {
    const FittedValues* known = fitted_words(at, c);
    if (!known) continue;
    std::vector<std::string> words(known->words.begin(), known->words.begin() + std::min<std::ptrdiff_t>(op.most, std::ssize(known->words)));
    std::ranges::sort(words);
    for (const std::string& word : words) {
      shares.push_back({c, word, at.table->columns[c].name + "=" + trimmed(word)});
      Column column{.name = shares.back().column, .type = op.places > 0 ? Column::Type::decimal : Column::Type::integer, .places = op.places};
      column.kind = op.places > 0 ? ColumnKind::decimal : ColumnKind::integer;
      step.adds.push_back({c, std::move(column)});
    }
  }
  step.rows = [shares](Block& block, std::span<const std::size_t> touched, std::span<const Key> keys, std::span<std::string>) {
    for (const Share& share : shares) {
      if (std::ranges::find(touched, share.of) == touched.end()) continue;
      const auto to = std::ranges::find(block.columns, share.column, &Column::name);
      const Column& from = block.columns[share.of];
      for (std::size_t row = 0; row < keys.size(); ++row) put_number(*to, row, from.null[row] == 0 && from.text[row] == share.word ? 1 : 0);
    }
  };
  return whole_table_node(category_columns(*at.table), step);
}

Fitted fit(const Op&, Scan& train) { return fit_words(train); }
}  // namespace table_one_hot

}  // namespace

void add_table_one_hot(OpTable& t) {
  t.add(op<table_one_hot::Op, table_one_hot::lower, nullptr, table_one_hot::fit>(
      {.name = "table_one_hot",
       .summary = "Add a column of zeros and ones for each category",
       .detail = "color becomes color=blue and color=red, in the order of the words, and stays itself. Words that train has not, and missing cells, are 0 in "
                 "all of them. With `places` and `on:` the target, balance: mixup and cutmix make them shares of classes. Under prepare: alone.",
       .family = "table",
       .example = "table_one_hot: {most: 20, on: color}",
       .domain = Domain::columns,
       .node = NodeKind::columns,
       .reads = Reads::cells,
       .fields = table_one_hot::fields}));
}

}  // namespace leaven::ops
