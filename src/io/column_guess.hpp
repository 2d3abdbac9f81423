// What a column is, from all its cells: one pass, bounded memory.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "core/columns.hpp"
#include "core/table_rules.hpp"

namespace leaven::io {

/// One column as `leaven profile` tells it. Counts are of rows that are used.
struct ColumnProfile {
  std::string name{};
  ColumnKind kind{ColumnKind::text};
  bool target{};
  bool told{};             ///< the kind was given, not found
  char mark{'.'};
  int places{};            ///< most decimals seen
  std::uint64_t cells{}, missing{};
  std::uint64_t distinct{};
  bool more_distinct{};    ///< `distinct` is only the least that there are
  double lowest{}, highest{}, mean{}, std{};  ///< of numbers
  std::uint64_t not_finite{};                 ///< inf among the numbers
  /// Of what is no number: most frequent first, at most kWordsShown.
  std::vector<std::pair<std::string, std::uint64_t>> words{};
  /// A column of numbers but for a few cells: how many, and the first with its line; 0: no such doubt.
  std::uint64_t stray_texts{}, stray_line{};
  std::string stray{};
  /// Cells that were put right to be numbers, and the first of them.
  struct Repaired {
    std::uint64_t cells{}, line{};
    std::string first{};
  };
  Repaired repaired{};
  bool doubtful_comma{};  ///< commas may stand before decimals or between thousands
  static constexpr std::size_t kWordsShown = 8;

  Column::Type type() const;
};

/// The storage that a kind needs: only integer and decimal are numbers.
Column::Type storage_of(ColumnKind kind);
/// Whether `text` says that its cell is missing, in a column that is not one of numbers: nothing, blanks, ?, or one of
/// the spellings that the rules name.
bool is_missing_word(std::string_view text, const TableRules& rules);

class ColumnGuess {
 public:
  ColumnGuess(std::string name, const TableRules& rules, bool comma_allowed);
  void see(std::string_view text, std::uint64_t line);
  /// The same for a text that is known to be no number.
  void see_word(std::string_view text, std::uint64_t line);
  ColumnProfile profile() const;

 private:
  struct Word {
    std::string text{};
    std::uint64_t hash{}, count{};
  };
  void see_text(std::string_view text, std::uint64_t line);
  void count_as_text(std::string_view word, std::string_view text, std::uint64_t line);
  void see_number(double value, int places);
  void tell_apart(std::string_view word, std::string_view text);
  bool count_word(std::string_view text);
  void remember(std::uint64_t hash);
  bool is_ambiguous() const;
  ColumnKind kind() const;
  ColumnKind kind_of_texts() const;
  ColumnKind kind_of_numbers() const;
  bool are_truths() const;
  bool all_differ() const;

  std::string name_;
  const TableRules& rules_;
  bool comma_allowed_{};
  std::uint64_t cells_{}, missing_{}, texts_{}, points_{}, commas_{}, wholes_{}, thousands_{}, dates_{}, not_finite_{};
  bool beyond_doubles_{}, spaces_{};
  std::size_t longest_{};
  std::uint64_t stray_line_{};
  std::string stray_{};
  int places_{};
  double first_{}, sum_{}, squares_{}, lowest_{}, highest_{};  ///< of x − first_, so that large numbers keep digits
  std::vector<Word> words_{};          ///< open addressing, a power of two
  std::size_t word_count_{}, last_word_{};
  bool many_words_{};
  std::unordered_set<std::uint64_t> seen_{};  ///< hashes, to tell whether all differ
  bool repeats_{};
};

}  // namespace leaven::io
