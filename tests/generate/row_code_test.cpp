// Rows as tokens and places, and back.
#include <gtest/gtest.h>

#include <cmath>

#include "core/error.hpp"
#include "core/value.hpp"
#include "learn/generate/row_code.hpp"

namespace leaven::learn {
namespace {

using Role = TableColumn::Role;

TEST(Modes, TwoHillsAreTwoBells) {
  std::vector<double> numbers;
  for (std::uint64_t i = 0; i < 3000; ++i) numbers.push_back((i % 3 == 0 ? 100 : 0) + draw(normal(0, 1), Key{1, 2}, i));
  const std::vector<Mode> modes = modes_of(numbers, 2);
  ASSERT_EQ(modes.size(), 2U);
  EXPECT_NEAR(modes[0].mean, 0, 0.1);
  EXPECT_NEAR(modes[1].mean, 100, 0.1);
  EXPECT_NEAR(modes[0].deviation, 1, 0.1);
  EXPECT_NEAR(modes[0].weight, 2.0 / 3, 0.01);
}

TEST(Modes, OneNumberIsOneBell) {
  const std::vector<Mode> modes = modes_of({5}, 10);
  ASSERT_EQ(modes.size(), 1U);
  EXPECT_EQ(modes[0].mean, 5);
  EXPECT_GT(modes[0].deviation, 0);
}

/// 40 % zeros, a tenth missing, the rest spread.
TableData spread(std::size_t rows) {
  TableData data;
  data.columns.push_back({.name = "gain", .kind = ColumnKind::decimal, .role = Role::number, .places = 3});
  data.columns.push_back({.name = "word", .kind = ColumnKind::category, .role = Role::word, .dictionary = {"x", "y"}});
  data.resize(rows);
  for (std::size_t r = 0; r < rows; ++r) {
    data.columns[0].numbers[r] = r % 10 == 9 ? NAN : r % 10 < 4 ? 0 : 1000 + draw(normal(0, 50), Key{3, 4}, r);
    data.columns[1].words[r] = r % 5 == 0 ? TableColumn::kMissing : static_cast<std::int32_t>(r % 2);
  }
  return data;
}

std::vector<std::uint32_t> all_of(std::size_t rows) {
  std::vector<std::uint32_t> all(rows);
  for (std::size_t r = 0; r < rows; ++r) all[r] = static_cast<std::uint32_t>(r);
  return all;
}

TEST(RowCode, WhatIsCodedComesBack) {
  const TableData data = spread(2000);
  const RowCode code = RowCode::fit(data, all_of(2000));
  ASSERT_EQ(code.columns().size(), 2U);
  EXPECT_EQ(code.columns()[0].atoms, std::vector<double>{0});
  EXPECT_TRUE(code.columns()[0].missing);
  EXPECT_EQ(code.columns()[1].tokens(), 3U);
  const CodedRows coded = code.coded(data, all_of(2000));
  TableData back = data.shape();
  back.resize(2000);
  for (std::size_t r = 0; r < 2000; ++r)
    for (std::size_t c = 0; c < 2; ++c) code.put(code.columns()[c], coded.tokens[2 * r + c], coded.places[2 * r + c], 0, back, r);
  EXPECT_EQ(back.columns[1].words, data.columns[1].words);
  for (std::size_t r = 0; r < 2000; ++r) {
    const double v = data.columns[0].numbers[r];
    EXPECT_EQ(std::isnan(back.columns[0].numbers[r]), std::isnan(v)) << r;
    if (!std::isnan(v)) {
      EXPECT_NEAR(back.columns[0].numbers[r], v, 1e-2) << r;  // places are floats
    }
  }
}

TEST(RowCode, FilesAreBelievedInNothing) {
  const TableData data = spread(200);
  const RowCode code = RowCode::fit(data, all_of(200));
  Tensors good;
  code.save(good);
  EXPECT_EQ(RowCode::load(good, data.shape()).tokens(), code.tokens());
  TableData fewer = data.shape();
  fewer.columns[1].dictionary = {"x"};
  EXPECT_THROW(RowCode::load(good, fewer), Error);
  TableData more = data.shape();
  more.columns.push_back({.name = "other", .role = Role::number});
  EXPECT_THROW(RowCode::load(good, more), Error);
  for (const char* name : {"code.0.numbers", "code.0.modes"}) {
    Tensors bad;
    for (const Tensor& t : good.all()) {
      if (!t.integers.empty() || t.name.ends_with("words") || (t.name.ends_with("rare"))) bad.add(t.name, t.integers);
      else if (t.name == name) bad.add(t.name, std::vector<double>{1, NAN, 2});
      else bad.add(t.name, t.doubles);
    }
    EXPECT_THROW(RowCode::load(bad, data.shape()), Error) << name;
  }
}

TEST(RowCode, OnAScaleWhatIsCodedComesBackButForItsDecimals) {
  const TableData data = spread(2000);
  const RowCode code = RowCode::fit(data, all_of(2000), NumberCode::scale);
  const CodedColumn& gain = code.columns()[0];
  EXPECT_EQ(gain.atoms, std::vector<double>{0});
  EXPECT_TRUE(gain.modes.empty());
  ASSERT_TRUE(gain.scale);
  EXPECT_EQ(gain.tokens(), 3U);  // missing, 0, others
  Tensors saved;
  code.save(saved);
  const RowCode again = RowCode::load(saved, data.shape(), NumberCode::scale);
  const CodedRows coded = again.coded(data, all_of(2000));
  TableData back = data.shape();
  back.resize(2000);
  for (std::size_t r = 0; r < 2000; ++r) {
    again.put(gain, coded.tokens[2 * r], static_cast<double>(coded.places[2 * r]), 0, back, r);
    const double v = data.columns[0].numbers[r];
    EXPECT_EQ(std::isnan(back.columns[0].numbers[r]), std::isnan(v));
    if (!std::isnan(v)) {
      EXPECT_NEAR(back.columns[0].numbers[r], v, 0.001) << r;
    }
  }
  EXPECT_THROW(RowCode::load(Tensors(), data.shape(), NumberCode::scale), Error);
}

TEST(RowCode, BesideAScaleFiveRowsMakeANumberFrequent) {
  TableData data = spread(100);
  for (std::size_t r = 0; r < 100; ++r) data.columns[0].numbers[r] = r < 4 ? 7 : r < 9 ? 8 : 100 + static_cast<double>(r);
  EXPECT_EQ(RowCode::fit(data, all_of(100), NumberCode::scale).columns()[0].atoms, std::vector<double>{8});
}

}  // namespace
}  // namespace leaven::learn
