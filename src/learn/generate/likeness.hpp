// How alike two tables are, column by column, pair by pair, and as a whole.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "learn/generate/table_data.hpp"

namespace leaven::learn {

/// Numbers: the greatest distance of the distribution functions (Kolmogorov and Smirnov), missing cells left out; words, missing
/// ones among them: total variation. 0 … 1; 1 where only one of them has values.
double column_distance(const TableColumn& a, const TableColumn& b);

/// How two columns go together, 0 … 1 but −1 … 1 for two numbers: Pearson's correlation; Cramér's V of two columns of words;
/// the correlation ratio η of words and numbers. 0 where one of them does not change.
double association(const TableData& data, std::size_t a, std::size_t b);

struct AssociationDistance {
  double mean{}, most{};
  std::string first{}, second{};  ///< the columns that differ most
};
AssociationDistance association_distance(const TableData& a, const TableData& b);

/// How well boosted trees tell `other` from `real`, on rows that they were not trained on: area under the ROC curve, 0.5 for
/// not at all. Every second row of both trains, the others test; the larger table is thinned to the smaller.
double detection(const TableData& real, const TableData& other);

}  // namespace leaven::learn
