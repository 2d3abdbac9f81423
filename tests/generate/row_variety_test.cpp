// Mode collapse of rows, and rows of another law, by planted models.
#include "learn/generate/row_variety.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "core/value.hpp"

namespace leaven::learn {
namespace {

/// A number, a word and a class, `count` rows of one class from a stream.
TableData rows(std::uint64_t stream, std::int32_t label, std::size_t count, const std::function<void(TableData&, std::size_t row)>& change = {}) {
  TableData data;
  data.columns = {{.name = "size", .kind = ColumnKind::decimal, .role = TableColumn::Role::number, .places = 6},
                  {.name = "colour", .kind = ColumnKind::category, .role = TableColumn::Role::word, .dictionary = {"blue", "green", "red"}},
                  {.name = "kind", .kind = ColumnKind::category, .role = TableColumn::Role::word, .target = true, .dictionary = {"a", "b"}}};
  data.resize(count);
  for (std::size_t r = 0; r < count; ++r) {
    data.columns[0].numbers[r] = 10 + draw(normal(0, 1), Key{stream, 1}, r);
    data.columns[1].words[r] = static_cast<std::int32_t>(draw_below(Key{stream, 2}, 3, r));
    data.columns[2].words[r] = label;
    if (change) change(data, r);
  }
  return data;
}

TableData train(std::size_t of_each) {
  TableData data = rows(1, 0, of_each);
  data.append(rows(2, 1, of_each));
  return data;
}

/// Draws class a as train is, and class b with a change.
class Planted final : public RowModel {
 public:
  explicit Planted(std::function<void(TableData&, std::size_t row)> change) : change_(std::move(change)) {}
  std::string kind() const override { return "planted"; }
  const TableData& shape() const override { return shape_; }
  const std::vector<std::string>& labels() const override { return labels_; }
  std::vector<std::uint64_t> class_counts() const override { return {1, 1}; }
  TableData draw(std::uint32_t label, std::uint64_t, std::uint64_t, std::size_t count) const override {
    return rows(7 + label, static_cast<std::int32_t>(label), count, label == 1 ? change_ : nullptr);
  }
  void save(SavedGenerator&) const override {}

 private:
  std::function<void(TableData&, std::size_t row)> change_;
  TableData shape_{};
  std::vector<std::string> labels_{"a", "b"};
};

std::vector<std::string> told(std::size_t of_each, const std::function<void(TableData&, std::size_t row)>& change) { return unlike_rows(train(of_each), Planted(change), 0); }

TEST(RowVariety, NothingIsSaidOfRowsOfTheSameLaw) {
  EXPECT_TRUE(told(400, nullptr).empty());
  EXPECT_TRUE(told(25, nullptr).empty());  // where chance takes them far
}

TEST(RowVariety, CellsThatHardlyDifferAreACollapse) {
  const auto narrow = told(400, [](TableData& data, std::size_t r) {
    data.columns[0].numbers[r] = 10 + 0.1 * (data.columns[0].numbers[r] - 10);
    data.columns[1].words[r] = 2;
  });
  ASSERT_EQ(narrow.size(), 1U);
  EXPECT_TRUE(narrow[0].starts_with("mode collapse: new cells of size of class b, colour of class b are spread by 0 to 1")) << narrow[0];
}

TEST(RowVariety, RowsThatComeAgainAreACollapse) {
  const auto again = told(400, [](TableData& data, std::size_t r) {
    data.columns[0].numbers[r] = data.columns[0].numbers[r % 20];
    data.columns[1].words[r] = data.columns[1].words[r % 20];
  });
  ASSERT_EQ(again.size(), 1U) << again.back();
  EXPECT_EQ(again[0], "mode collapse: of new rows (class b) 5 % are different ones");
}

TEST(RowVariety, CellsOfAnotherLawAreTold) {
  const auto other = told(400, [](TableData& data, std::size_t r) { data.columns[0].numbers[r] += 3; });
  ASSERT_EQ(other.size(), 1U);
  EXPECT_TRUE(other[0].starts_with("new cells of size of class b are distributed otherwise than those learnt from (0.8")) << other[0];
  EXPECT_TRUE(told(15, [](TableData& data, std::size_t r) { data.columns[0].numbers[r] += 3; }).empty());  // too few to say
}

}  // namespace
}  // namespace leaven::learn
