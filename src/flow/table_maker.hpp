// Makes the rows of a table job, a part of the roster at a time, on any thread.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/lineage.hpp"
#include "flow/balance/row_maker.hpp"
#include "flow/table_constraints.hpp"
#include "flow/table_roster.hpp"

namespace leaven::flow {

/// A part of what comes out, in order.
struct MadeRows {
  struct Row {
    io::Split split{};
    std::size_t at{};         ///< row of its split's block
    std::uint32_t label{};    ///< index into the roster's labels
    LineageRecord record{};   ///< without id: rows are counted when they are written
  };
  std::map<io::Split, Block> tables{};
  std::vector<Row> rows{};
  std::vector<SetAside> aside{};
  std::uint64_t unmet{};      ///< copies and new rows that could not be made
};

/// The steps of one row of the source, where they differ between rows: another recipe whose steps have the same names and order. New rows
/// have those of the row that they begin at.
using StepsOfRow = std::function<const recipe::Recipe&(std::uint64_t row)>;

/// Draws and applies each row's steps in place: `of_row` for the row of the source that stands at its place in `rows`. Empty: `recipe`'s for
/// all. Returns each row's program.
std::vector<Program> run_steps(const recipe::Recipe& recipe, const StepsOfRow& of_row, std::span<const std::uint64_t> rows,
                               std::span<const DrawContext> contexts, std::span<const std::string> labels, const plan::FittedOps& fits, Block& block);

class TableMaker {
 public:
  TableMaker(const recipe::Recipe& recipe, const std::string& name, const io::TableReader& table, const TableRoster& roster,
             const TableConstraints& constraints, const plan::FittedOps& fits, StepsOfRow steps = {});

  /// Parts: blocks of source rows with their copies, then blocks of new rows.
  std::size_t parts() const { return source_parts_ + new_parts_; }
  MadeRows make(std::size_t part) const;
  std::size_t source_parts() const { return source_parts_; }

 private:
  MadeRows make_from_source(std::size_t part) const;
  MadeRows make_new(std::size_t part) const;
  /// Rows of `drawn` after the recipe's steps; those that break a constraint are drawn again from `before`.
  struct Drawn {
    Block block{};
    std::vector<Program> programs{};
    std::vector<std::vector<std::string>> repairs{};
    std::vector<std::uint32_t> attempts{};
    std::vector<std::string> broken{};  ///< why the row does not hold; empty: it does
  };
  /// `sources`: the row of the source that each belongs to.
  Drawn draw(const Block& before, const std::vector<std::uint64_t>& sources, const std::vector<std::string>& ids, const std::vector<std::string>& labels,
             std::uint32_t copy, const Block& base, const std::vector<std::uint8_t>& wanted) const;
  void put(MadeRows& to, const Block& from, std::size_t row, io::Split split, std::uint32_t label, LineageRecord record) const;

  const recipe::Recipe& recipe_;
  const std::string& name_;
  const io::TableReader& table_;
  const TableRoster& roster_;
  const TableConstraints& constraints_;
  const plan::FittedOps& fits_;
  StepsOfRow steps_;
  std::optional<RowMaker> maker_{};
  std::size_t source_parts_{}, new_parts_{};
};

}  // namespace leaven::flow
