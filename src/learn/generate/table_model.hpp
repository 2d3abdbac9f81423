// A model of a table: for each class a few parts, each a Gaussian copula, or rows with noise (a smoothed bootstrap).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "learn/generate/copula.hpp"
#include "learn/generate/row_model.hpp"

namespace leaven::learn {

enum class TableMethod : std::uint8_t { copula, bootstrap };
std::string_view name_of(TableMethod method);

/// Rows moved by a normal kernel: deviation `width` times the class's own, drawn together so that the variance stays
/// (Silverman 1986, section 6.4.1); words come from the row, now and then from another one of the class.
struct SmoothedRows {
  TableData rows{};
  std::vector<double> mean{}, deviation{};  ///< by column; of numbers
  double width{};
  void draw(Key key, std::uint64_t element, TableData& to, std::size_t at) const;
  static std::uint64_t blocks(const TableData& shape) { return 2 + shape.columns.size(); }
};

struct TableGroup {
  std::uint32_t label{};
  std::uint64_t count{};  ///< rows of train that it stands for
  Copula copula{};
  std::optional<SmoothedRows> smoothed{};
};

class TableModel final : public RowModel {
 public:
  /// Learns from all rows of `train` that have a class. `notes` gets what a person must know: classes that were too small,
  /// columns left out. Throws Error(usage|data) when there is nothing to learn from.
  static TableModel fit(const TableData& train, TableMethod method, std::vector<std::string>& notes);

  std::string kind() const override { return std::string(name_of(method_)); }
  const TableData& shape() const override { return shape_; }
  const std::vector<std::string>& labels() const override { return labels_; }
  std::vector<std::uint64_t> class_counts() const override;
  TableData draw(std::uint32_t label, std::uint64_t seed, std::uint64_t first, std::size_t count) const override;

  void save(SavedGenerator& to) const override;
  /// Throws Error(data).
  static TableModel load(const SavedGenerator& from);
  /// The groups alone, of a generator of any kind that has some.
  static TableModel load_groups(const SavedGenerator& from);

  /// Of classes with fewer than kLeastClass rows alone, for models that cannot learn those. `by_class`: rows of each class.
  static TableModel of_few(const TableData& train, const std::vector<std::vector<std::uint32_t>>& by_class, std::vector<std::string>& notes);

  /// A class with fewer rows is not fitted but interpolated.
  static constexpr std::size_t kLeastClass = 6;

 private:
  void prepare();
  /// A class of fewer than kLeastClass rows. `classes`: of all rows of train.
  void add_few(const TableData& train, std::span<const std::uint32_t> classes, const std::vector<std::uint32_t>& rows, std::vector<std::string>& notes);
  const TableGroup& group_for(std::uint32_t label, std::uint64_t place) const;

  TableMethod method_{};
  TableData shape_{};  ///< no rows
  std::vector<std::string> labels_{};
  std::vector<TableGroup> groups_{};
  std::vector<std::vector<std::size_t>> by_label_{};       ///< groups of each class; the last entry: all groups
  std::vector<std::vector<std::uint64_t>> cumulative_{};   ///< their counts summed up
};

}  // namespace leaven::learn
