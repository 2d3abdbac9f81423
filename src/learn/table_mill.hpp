// A table recipe on the training rows of one fold: what `leaven augment` would make of them if there were no others.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "flow/pool.hpp"
#include "flow/table_constraints.hpp"
#include "flow/table_maker.hpp"
#include "flow/table_roster.hpp"
#include "learn/table_rows.hpp"

namespace leaven::learn {

class TableMill {
 public:
  /// `table` and `block` (all its rows) live longer. Fits what the recipe fits. Throws Error(usage) where the recipe cannot
  /// work on these rows.
  TableMill(const io::TableReader& table, const Block& block, std::vector<std::uint32_t> train, const recipe::Recipe& recipe, std::string name, std::uint64_t seed);

  /// Rows of an epoch, as promised before any is made.
  std::uint64_t promised() const { return roster_.originals() + roster_.copies(); }
  /// Originals that stay, copies and new rows. `levels`: how strongly copies of each training row are changed, see at_levels(), and the new rows
  /// that begin at it; empty: as the recipe says.
  Block make(std::uint64_t epoch, std::span<const std::uint8_t> levels = {});
  /// Each training row after `prepare:` and the steps at its level, in a draw of its own for each `number`.
  Block shown(std::uint64_t number, std::span<const std::uint8_t> levels);
  /// Whether another epoch's rows are others.
  bool draws() const { return !recipe_.steps.empty(); }
  /// The training rows after `prepare:`, without copies.
  Block originals() const;
  /// Any rows of the table after `prepare:`, as it was fitted on the training rows.
  Block prepared(std::span<const std::uint32_t> rows) const;
  /// The same for rows that are not the table's own, with its columns.
  Block prepared(const Block& rows) const;
  /// Any rows of the table after the recipe's steps, as copy `copy` of each would come out.
  Block changed(const std::vector<std::uint32_t>& rows, std::size_t target, std::uint32_t copy) const;

 private:
  flow::StepsOfRow steps_at(std::span<const std::uint8_t> levels);

  const io::TableReader& source_;
  const Block& block_;
  std::string name_;
  recipe::Recipe recipe_;
  std::vector<recipe::Recipe> levels_{};  ///< of the recipe, once some are asked for
  flow::Pool pool_{1};
  flow::PreparedTable table_;
  flow::TableRoster roster_;
  plan::FittedOps fits_{};
  std::optional<flow::TableConstraints> constraints_{};
};

}  // namespace leaven::learn
