// Equal rows: whether chance makes them, or somebody copied rows.
#pragma once

#include "learn/generate/table_data.hpp"

namespace leaven::learn {

/// How often two rows of a table are equal in all numbers and words if its columns know nothing of each other: the product, over
/// the columns that generators make up, of how often two of its cells are equal.
double chance_of_twins(const TableData& data);
/// The same of a new row and one of these, made by one law: where few rows happen to be equal, numbers that are nearly so tell how often
/// chance would have made them.
double chance_of_copies(const TableData& data);

/// split_table() for the rows that were read. Where columns of few values make equal rows by chance (one column of prices), each goes by its
/// number: else the two parts would share no value, and every generator would seem to know those of one part by heart.
TableSplit split_rows(const ReadTable& read, double held_out, std::uint64_t seed);

}  // namespace leaven::learn
