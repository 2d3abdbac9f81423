// A row's cells depend on its own key alone: however rows come together in blocks, they are the same.
#include <gtest/gtest.h>

#include <set>

#include "core/error.hpp"
#include "ops/families.hpp"
#include "plan/columns/columns.hpp"
#include "tests/ops/table_blocks.hpp"

namespace leaven::plan {
namespace {

using ops::kMissing;

constexpr std::size_t kRows = 4096;

Block rows_of(const Block& all, std::size_t first, std::size_t count) {
  Block part{first, count, {}};
  for (const Column& column : all.columns) {
    Column& to = part.columns.emplace_back(Column{column.name, column.type, column.places, {}, {}, {}, {}});
    to.kind = column.kind;
    const auto cut = [&](const auto& from) {
      return std::decay_t<decltype(from)>(from.begin() + static_cast<std::ptrdiff_t>(std::min(first, from.size())),
                                          from.begin() + static_cast<std::ptrdiff_t>(std::min(first + count, from.size())));
    };
    to.text = cut(column.text), to.number = cut(column.number), to.null = cut(column.null), to.changed = cut(column.changed);
  }
  return part;
}

Block whole_block() {
  ops::Numbers x, y;
  std::vector<std::string> colors;
  for (std::size_t r = 0; r < kRows; ++r) {
    x.push_back(draw_unit(Key{1, 1}, r) < 0.1 ? kMissing : draw(normal(10, 2), Key{1, 2}, r));
    y.push_back(draw(normal(-3, 1), Key{1, 3}, r));
    colors.push_back(r % 9 == 4 ? "" : r % 3 == 0 ? "red" : "blue");
  }
  return ops::block_of({ops::column("x", Column::Type::decimal, x, 6), ops::column("y", Column::Type::decimal, y, 6),
                        ops::category_column("color", colors), ops::text_column("note", kRows)});
}

class ColumnsBatch : public testing::TestWithParam<const OpInfo*> {};

TEST_P(ColumnsBatch, SizeDoesNotMatter) {
  const OpInfo& op = *GetParam();
  const std::string step = op.name == "table_rotate" ? "table_rotate: {on: [x, y]}" : std::string(op.example);
  const recipe::Recipe recipe = recipe::parse("leaven: 1\nsteps:\n  - " + step + "\n  - table_jitter\n", ops::op_table());
  const Block all = whole_block();
  const std::vector<Block> train{rows_of(all, 0, 1000), rows_of(all, 1000, kRows - 1000)};
  const FittedOps fitted = fit_columns(recipe, [&] { return std::make_unique<ops::BlockScan>(train); });
  std::vector<std::string> names;
  for (std::size_t r = 0; r < kRows; ++r) names.push_back("row " + std::to_string(r));
  const auto made_in = [&](std::size_t size) {
    std::vector<Block> blocks;
    for (std::size_t first = 0; first < kRows; first += size) {
      Block block = rows_of(all, first, std::min(size, kRows - first));
      std::vector<DrawContext> contexts;
      for (std::size_t r = 0; r < block.rows; ++r) contexts.push_back({.sample = names[first + r], .copy = 1});
      run_columns(recipe, contexts, std::vector<std::string>(block.rows), fitted, block);
      blocks.push_back(std::move(block));
    }
    return blocks;
  };
  std::vector<Block> whole;
  try {
    whole = made_in(kRows);
  } catch (const Error& error) {
    static const std::set<std::string_view> kOfTheWholeTable{"table_fill_along", "table_isolation", "table_one_hot"};
    EXPECT_TRUE(kOfTheWholeTable.contains(op.name)) << error.what();
    return;
  }
  for (const std::size_t size : {1U, 7U})
    for (const Block& block : made_in(size)) {
      const Block wanted = rows_of(whole.front(), block.first, block.rows);
      for (std::size_t c = 0; c < block.columns.size(); ++c) {
        ASSERT_EQ(block.columns[c].number, wanted.columns[c].number) << size << " at " << block.first;
        ASSERT_EQ(block.columns[c].text, wanted.columns[c].text);
        ASSERT_EQ(block.columns[c].null, wanted.columns[c].null);
        ASSERT_EQ(block.columns[c].changed, wanted.columns[c].changed);
      }
    }
}

std::vector<const OpInfo*> column_ops() {
  std::vector<const OpInfo*> found;
  for (const auto& op : ops::op_table().all())
    if (op->domain == Domain::columns) found.push_back(op.get());
  return found;
}
TEST(ColumnsFit, Case16AColumnWithoutAnyValueIsAnErrorWhereAStepNamesIt) {
  const Block part = ops::block_of({ops::column("x", Column::Type::decimal, {kMissing, kMissing}, 2), ops::column("y", Column::Type::decimal, {1, kMissing}, 2)});
  const std::vector<Block> train{part, part};
  const auto fit_on = [&](const std::string& names) {
    const recipe::Recipe recipe = recipe::parse("leaven: 1\nsteps:\n  - table_fill: {with: mean" + names + "}\n", ops::op_table());
    return fit_columns(recipe, [&] { return std::make_unique<ops::BlockScan>(train); });
  };
  EXPECT_EQ(fit_on("").size(), 1U) << "of all columns those with values are filled";
  EXPECT_EQ(fit_on(", on: [y]").size(), 1U);
  try {
    fit_on(", on: [y, x]");
    FAIL() << "nothing is known of x";
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::usage);
    EXPECT_NE(std::string(error.what()).find("on: column x holds no value in train"), std::string::npos) << error.what();
  }
}

INSTANTIATE_TEST_SUITE_P(Op, ColumnsBatch, testing::ValuesIn(column_ops()), [](const auto& op) { return std::string(op.param->name); });

}  // namespace
}  // namespace leaven::plan
