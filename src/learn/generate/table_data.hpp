// A table in memory, column by column, as generators and the gate see it.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "core/columns.hpp"
#include "core/key.hpp"
#include "io/table_file.hpp"

namespace leaven::learn {

enum class DateOrder : std::uint8_t { year_first, day_first, month_first };

struct TableColumn {
  /// left_out: ids, texts and dates that cannot be told, which no generator makes up.
  enum class Role : std::uint8_t { number, word, left_out };
  std::string name{};
  ColumnKind kind{};
  Role role{};
  int places{};                ///< decimals
  char mark{'.'};              ///< before the decimals
  bool target{};
  std::string missing{};       ///< how a missing cell is spelt
  std::string like{};          ///< of a column of dates, which are numbers here: how one of them is spelt
  double grain{1};             ///< of dates: so many seconds a unit, the longest that all of them are whole numbers of
  DateOrder order{};           ///< of dates
  std::string why{};           ///< dates, or a column without any value, are left out
  std::vector<std::string> dictionary{};  ///< of words, sorted bytewise
  std::uint64_t next_id{};     ///< above every whole number of an id column, or every one behind the letter
  std::string id_letter{};     ///< that new ids begin with, where those that were there are no whole numbers

  std::vector<double> numbers{};       ///< one a row; NaN: missing
  std::vector<std::int32_t> words{};   ///< one a row; kMissing or an index into the dictionary
  static constexpr std::int32_t kMissing = -1;

  bool is_missing(std::size_t row) const { return role == Role::word ? words[row] < 0 : !(numbers[row] == numbers[row]); }
};

struct TableData {
  std::vector<TableColumn> columns{};
  std::size_t rows{};

  static constexpr std::size_t npos = static_cast<std::size_t>(-1);
  std::size_t target() const;  ///< npos where there is none
  /// The columns' descriptions without cells.
  TableData shape() const;
  /// These rows, in this order.
  TableData picked(std::span<const std::uint32_t> picked) const;
  void append(const TableData& other);
  void resize(std::size_t to);
};

/// What is read of a table, and what tells its rows apart.
struct ReadTable {
  TableData data{};
  std::vector<Key> digests{};  ///< of each row's cells
  std::string digest{};        ///< of all of them in order
  std::vector<std::string> notes{};  ///< on cells that are taken for something else
};
/// A number that is larger, either way, is refused: its square, summed over rows, must be one.
inline constexpr double kLargestNumber = 1e140;
/// `mask`: rows that are meant; empty: all. Throws Error(data) that names the column and the row of a number beyond kLargestNumber.
ReadTable read_table_data(const io::TableReader& reader, const std::vector<bool>& mask = {});

/// Rows that generators may see and rows that they may not. Equal rows are on one side, which depends on cells and seed alone,
/// so that a copy in the held-out part cannot pass for closeness. Where more than kMostTogether rows are equal, that is how
/// the table is, and each goes by its number: the two parts would be of different laws otherwise.
inline constexpr std::size_t kMostTogether = 10;
struct TableSplit {
  std::vector<std::uint32_t> train{}, held_out{};
};
TableSplit split_table(const std::vector<Key>& digests, double held_out, std::uint64_t seed);

/// The column's classes where it is of words, else nothing; for numbers one class.
std::vector<std::string> classes_of(const TableData& data);
/// Class of a row by classes_of(); missing targets belong to none (kNoClass).
inline constexpr std::uint32_t kNoClass = std::numeric_limits<std::uint32_t>::max();
std::vector<std::uint32_t> classes_by_row(const TableData& data);

}  // namespace leaven::learn
