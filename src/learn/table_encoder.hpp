// Rows of a table as numbers that models take: fitted on training rows, applied to all.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "core/columns.hpp"

namespace leaven::learn {

/// Numbers are standardised, NaN where one is missing; a column that misses some in training says so in a value of its own.
/// Categories and truths become a value for each word that training rows have (the most frequent kMostWords), 0 or 1, a
/// missing cell being a word too; a word that was never seen is 0 in all of them. Ids, texts, dates and the target are left
/// out.
class TableEncoder {
 public:
  static constexpr std::size_t kMostWords = 50;

  TableEncoder(const Block& train, std::size_t target);
  std::size_t size() const { return size_; }
  void encode(const Block& block, std::size_t row, std::span<float> out) const;

 private:
  struct Number {
    std::size_t column{}, place{};
    double mean{}, deviation{1};
    bool missing{};  ///< a value says where it is
  };
  struct Words {
    std::size_t column{};
    std::map<std::string, std::size_t, std::less<>> places{};
  };
  void add_number(const Block& train, std::size_t column);
  void add_words(const Block& train, std::size_t column);

  std::vector<Number> numbers_{};
  std::vector<Words> words_{};
  std::size_t size_{};
};

/// Whether a model is shown such a column.
bool is_shown(ColumnKind kind);
/// The class in a cell: blanks around a word are the file's padding.
std::string class_in(const Column& column, std::size_t row);
/// The number in a cell, NaN where it is missing or not finite.
double number_in(const Column& column, std::size_t row);

}  // namespace leaven::learn
