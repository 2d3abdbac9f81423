// The rows of train in memory, as samplers see them: numbers, category numbers, classes.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/columns.hpp"

namespace leaven::flow {

/// Numbers and words are what a model would see: no ids, no texts, no dates, no class.
struct RowMatrix {
  std::vector<std::size_t> number_columns{}, word_columns{};  ///< indices in the table
  std::vector<std::size_t> text_columns{};                    ///< texts, dates, groups and classes: taken from the first parent
  std::vector<std::size_t> soft{};            ///< of the numbers, those that say the target: itself, or the shares of its classes
  std::vector<double> numbers{};              ///< row by row; NaN: missing
  std::vector<std::int32_t> words{};          ///< row by row; index into dictionaries[column]
  /// A spelling; that of a missing cell is one too.
  struct Word {
    std::string text{};
    bool null{}, quoted{};
  };
  std::vector<std::vector<Word>> dictionaries{};  ///< of each word column, in order of first appearance
  std::vector<Word> texts{};                  ///< row by row
  std::vector<std::uint64_t> source{};        ///< row of the table
  std::vector<Key> digest{};                  ///< of the whole row as read
  std::vector<std::uint32_t> label{};         ///< class; 0 where there is no target
  std::vector<std::string> labels{};          ///< sorted bytewise

  std::size_t rows() const { return source.size(); }
  std::size_t dims() const { return number_columns.size(); }
  double number(std::size_t row, std::size_t d) const { return numbers[row * dims() + d]; }
  std::int32_t word(std::size_t row, std::size_t w) const { return words[row * word_columns.size() + w]; }
};

/// Takes up rows block by block.
class MatrixBuilder {
 public:
  /// `target`: index of the target column, or npos; `target_is_number`: it is one of the numbers and not a class. `group`:
  /// the column that says which rows belong together; a new row belongs to its first parent's, or it would be in two splits.
  MatrixBuilder(const BlockShape& shape, std::size_t target, bool target_is_number, std::string_view group = {});
  void add(const Block& block, std::size_t row, const std::string& label);
  /// Sorts the classes by name. A target that is a number is cut at its median: classes "low" and "high". Rows without
  /// a target must not be added.
  RowMatrix take();
  static constexpr std::size_t npos = static_cast<std::size_t>(-1);

 private:
  RowMatrix matrix_;
  std::vector<std::map<std::string, std::int32_t>> seen_;
  std::map<std::string, std::uint32_t> classes_;
  std::size_t target_number_{npos};  ///< index among the numbers
};

}  // namespace leaven::flow
