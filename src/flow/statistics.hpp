// What a lineage file says in sum: how often each op ran, which values were drawn, how the classes grew.
#pragma once

#include <array>
#include <cstdint>
#include <istream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/lineage.hpp"
#include "flow/pool.hpp"

namespace leaven::flow {

/// Counts of numbers in equal bins, in bounded memory and one pass, for a range that nobody knows beforehand: the first
/// values are kept; then the range doubles and neighbours join whenever a value falls outside.
class Histogram {
 public:
  static constexpr std::size_t kBins = 512, kKept = 256;

  /// NaN and infinities are not counted.
  void add(double value);
  std::uint64_t count() const { return count_; }
  double lowest() const { return lowest_; }
  double highest() const { return highest_; }
  double mean() const { return count_ == 0 ? 0 : sum_ / static_cast<double>(count_); }
  /// `bins` equal bins from lowest() to highest(); their sum is count(). Exact while no more than kKept values were
  /// added, else a value may stand one bin off when it lies within 1/256 of the range of a bin's edge.
  std::vector<std::uint64_t> counts(std::size_t bins) const;

 private:
  void begin_bins();
  void widen(double value);
  void put(double value, std::uint64_t times);

  std::uint64_t count_{};
  double lowest_{}, highest_{}, sum_{};
  std::vector<double> kept_{};
  std::vector<std::uint64_t> bins_{};  ///< empty while kept_ holds everything
  double start_{}, width_{};           ///< of the bins
};

/// All values of one field of one op.
struct FieldStatistics {
  const FieldInfo* field{};
  Histogram numbers{};
  std::map<std::string, std::uint64_t> words{};  ///< by value, while there are no more than kMostWords
  bool many_words{};                             ///< more: `words` is empty
  static constexpr std::size_t kMostWords = 16;

  /// False when every step had the same value.
  bool varies() const { return many_words || words.size() > 1; }
};

struct OpStatistics {
  const OpInfo* op{};
  std::uint64_t times{};                  ///< steps that ran
  std::uint64_t outputs{};                ///< outputs in which at least one ran
  std::uint64_t last_line{};              ///< number of the line counted last in `outputs`
  std::vector<FieldStatistics> fields{};  ///< one an entry of op->fields; of the lines that were read whole
};

/// A source and its copies, as lineage lines, for a picture of what was done.
struct Example {
  std::string source{}, label{};
  std::vector<std::string> lines{};  ///< at most kLines, copies only
  static constexpr std::size_t kLines = 4;
};

struct Statistics {
  std::uint64_t lines{}, originals{}, copies{};
  std::uint64_t copied{};                                         ///< outputs that are the source\'s own bytes
  std::uint64_t redrawn{};                                        ///< lines that needed more than one attempt
  std::uint64_t instances{}, dropped{};                           ///< marked on outputs, and lost from copies
  bool annotated{};                                               ///< some line speaks of instances
  std::uint64_t read_whole{};                                     ///< lines whose values were looked at
  std::map<std::string, std::array<std::uint64_t, 2>> classes{};  ///< label → originals, copies
  std::map<std::string, std::array<std::uint64_t, 2>> splits{};   ///< split ("" for none) → originals, copies
  std::vector<OpStatistics> ops{};                                ///< those that ran, most often first
  std::vector<Example>
      examples{};  ///< sources with copies, by chance but always the same, of as many classes as possible
};

/// How much to look at.
struct StatisticsLimits {
  std::size_t examples{16};
  std::uint64_t expected_lines{};  ///< of the whole file; 0: not known, everything is read whole
  /// Lines read whole, for their values: about so many, spread evenly by chance. Everything else is counted exactly.
  std::uint64_t whole_lines{20'000};
};

/// Reads every line once, on the pool's threads; nothing depends on how many there are. Throws Error(data) with file and line number for a malformed line, as far as it is read.
Statistics gather_statistics(std::istream& lineage, const OpTable& ops, std::string_view file_name, Pool& pool,
                             const StatisticsLimits& limits = {});

}  // namespace leaven::flow
