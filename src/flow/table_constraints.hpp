// What must hold in every row that comes out: checked, and repaired before a row is given up.
#pragma once

#include <functional>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "flow/table_source.hpp"
#include "recipe/recipe.hpp"

namespace leaven::flow {

class TableConstraints {
 public:
  /// Reads what train allows (combinations) in one pass, and what ids there are where some must be unique. Throws
  /// Error(usage) for columns that are not there or of another kind.
  TableConstraints(const recipe::Recipe& recipe, const io::TableReader& table, const RowMask& train);
  bool empty() const { return rules_.empty(); }

  /// Whether all constraints but uniqueness hold in the row; `why`: the first that does not.
  bool hold(const Block& block, std::size_t row, std::string& why) const;
  /// Rows of the table in which one does not hold, ascending, with the reason. `owns`: whether that row of the table is
  /// written with its own cells; of those the first keeps what must be unique, and the others break it.
  std::vector<std::pair<std::uint64_t, std::string>> violations(const io::TableReader& table, const std::function<bool(std::uint64_t)>& owns);
  /// Repairs the row as far as it can: clips, orders, sums up, or takes the cells of `base`, the row that it came from.
  /// Adds the names of what it repaired. False: it does not hold even then.
  bool repair(Block& block, std::size_t row, const Block& base, std::size_t base_row, std::vector<std::string>& repairs,
              std::string& why) const;

  /// New rows in the order in which they are written: an id that is there gets a new one, "unique id 32562" in
  /// repairs. Whole numbers count on from the largest, other ids get a number behind.
  void make_unique(Block& block, std::size_t row, std::vector<std::string>& repairs);
  /// The same from a lineage line.
  static void apply_unique(Block& block, std::size_t row, const std::vector<std::string>& repairs);

 private:
  struct Rule {
    recipe::Constraint said{};
    std::vector<std::size_t> columns{};
    std::size_t total{static_cast<std::size_t>(-1)};  ///< sum: the column that holds it
    bool dates{};                                      ///< order: of times, which are put back and not moved
    std::regex expression{};
    std::set<std::vector<std::string>> seen{};        ///< combinations, references
  };
  struct Unique {
    std::size_t column{};
    std::set<std::string> taken{};
    std::uint64_t next{};  ///< above every whole number that is there
  };

  bool holds(const Rule& rule, const Block& block, std::size_t row) const;
  void mend(const Rule& rule, Block& block, std::size_t row, const Block& base, std::size_t base_row) const;
  void look_at(const io::TableReader& table, const RowMask& train);
  /// Notes what the row has of what must be unique; false, with the reason, where another row has it.
  bool take_unique(const Block& block, std::size_t row, std::string& why);

  std::vector<Rule> rules_{};
  std::vector<Unique> unique_{};
};

}  // namespace leaven::flow
