// What a job on a table makes, decided before a row is made: which rows stay, their split, how many copies, and the rows
// that no source holds.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "flow/balance/sampler.hpp"
#include "flow/generated.hpp"
#include "flow/pool.hpp"
#include "flow/roster.hpp"
#include "flow/table_source.hpp"
#include "recipe/recipe.hpp"

namespace leaven::flow {

class TableRoster {
 public:
  /// Looks at all rows as they are read: split, classes, what `clean:` leaves out. Throws Error(usage) for a target or
  /// a column that is not there. `generated`: the table's last rows, which a learned model made: they stay, nothing is learnt
  /// from them and none has copies.
  TableRoster(const io::TableReader& raw, const recipe::Recipe& recipe, std::string name, GeneratedTable generated = {});

  /// Rows of train that preparing leaves out, with the reason.
  void leave_out(const std::vector<std::pair<std::uint64_t, std::string>>& rows);

  /// Originals that break a constraint, with the reason: they are not written, and new rows are not made of them. Copies of
  /// them are, as those may be repaired.
  void set_aside_violations(const std::vector<std::pair<std::uint64_t, std::string>>& rows);

  /// Then, on the prepared table: copies, and with `balance:` the rows to make and those to leave out.
  void decide(const io::TableReader& table, Pool& pool);

  /// A row of the source.
  struct Row {
    std::uint32_t copies{};
    std::uint32_t label{};  ///< index into labels()
    io::Split split{};
    bool aside{}, original{}, generated{};
    bool violates{};  ///< a constraint
    bool is_written() const { return original && !aside && !generated; }  ///< with the cells that it came with
    bool grows() const { return !aside && !generated && (split == io::Split::none || split == io::Split::train); }
  };
  const std::vector<Row>& rows() const { return rows_; }
  const std::vector<std::string>& labels() const { return labels_; }  ///< of rows; "" for none
  /// Empty: every row is of train and stays.
  const RowMask& train() const { return train_; }
  bool has_splits() const { return has_splits_; }
  const std::vector<io::Split>& splits() const { return splits_; }   ///< those that occur, in order of the enum
  const std::vector<SetAside>& set_aside() const { return aside_; }  ///< bad rows first, then in row order
  /// Columns that only other files have than the one for this split.
  std::span<const std::string> lacking(io::Split split) const {
    const auto at = lacking_.find(split);
    return at == lacking_.end() ? std::span<const std::string>() : at->second;
  }
  std::size_t target() const { return target_; }
  static constexpr std::size_t npos = static_cast<std::size_t>(-1);

  recipe::BalanceMethod method() const { return method_; }           ///< none, or what auto stands for
  const RowMatrix& matrix() const { return matrix_; }
  const SampledRows& sampled() const { return sampled_; }
  /// LineageRecord::generated of such a row; of others "".
  std::string record_of_generated(std::uint64_t row) const;
  std::span<const std::uint32_t> voters(const Synthetic& row) const;
  /// Label → rows of train before.
  const std::map<std::string, std::uint64_t>& classes() const { return classes_; }
  /// What people may not expect of the amounts: originals are never left out for them.
  std::vector<std::string> notes() const;
  std::uint64_t originals() const { return originals_; }
  std::uint64_t copies() const { return copies_; }

 private:
  void find_columns(const io::TableReader& raw);
  void look_at_rows(const io::TableReader& raw);
  void assign_splits(const io::TableReader& raw);
  void leave_out(std::uint64_t row, const char* kind, std::string reason);
  void share_copies();
  void balance(const io::TableReader& table, Pool& pool);
  std::vector<std::uint64_t> wanted_of(const RowMatrix& matrix, std::vector<std::uint64_t>& keep) const;
  void count();

  const recipe::Recipe& recipe_;
  std::string name_;
  GeneratedTable generated_;
  std::vector<Row> rows_{};
  std::vector<std::string> labels_{};
  RowMask train_{};
  std::vector<io::Split> splits_{};
  std::map<io::Split, std::vector<std::string>> lacking_{};
  std::vector<SetAside> aside_{};
  std::size_t target_{npos}, split_column_{npos}, group_column_{npos};
  bool target_is_number_{}, has_splits_{};
  recipe::BalanceMethod method_{recipe::BalanceMethod::none};
  RowMatrix matrix_{};
  SampledRows sampled_{};
  std::map<std::string, std::uint64_t> classes_{};
  std::uint64_t originals_{}, copies_{};
};

}  // namespace leaven::flow
