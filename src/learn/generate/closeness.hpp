// Whether new rows are copies, or nearer to the rows that a generator saw than to those that it did not.
#pragma once

#include <cstdint>
#include <vector>

#include "learn/generate/table_data.hpp"

namespace leaven::learn {

struct Closeness {
  /// Of new rows, how many lie nearer to a row of train than to a held-out one, ties half; train is thinned to as many rows as
  /// are held out, so that 0.5 is what a generator gives that remembers none. −1: nothing is held out.
  double nearer_train{-1};
  double nearest_5th{}, held_out_5th{};  ///< 5th percentile of distances to the nearest row of train: new rows, held-out rows
  /// Whether chance alone may have put so many nearer to train, or the nearest so near: within three deviations, of which few rows have large ones.
  bool nearer_by_chance{}, nearest_by_chance{};
  double copies{};                       ///< share of new rows that are equal to a row of train in all numbers and words
  double twins{};                        ///< share of train rows that another one is equal to: how often chance does that
  std::size_t copies_seen{};
};

/// Distances in deviations of each column of train; a different word, or a cell missing in one of them, counts as one
/// deviation.
Closeness closeness(const TableData& train, const TableData& held_out, const TableData& made);

/// The `count` rows of `among` that lie nearest to this row of the table, by the same distance.
std::vector<std::uint32_t> nearest_rows_of(const TableData& data, std::uint32_t row, const std::vector<std::uint32_t>& among, std::size_t count);

/// Row of train that lies nearest to each of these rows, by the same distance.
std::vector<std::uint32_t> nearest_rows(const TableData& train, const TableData& made);

}  // namespace leaven::learn
