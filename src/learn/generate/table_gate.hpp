// The gate for tables: what new rows are like, whether they are copies, and whether training with them is worth it.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "learn/generate/closeness.hpp"
#include "learn/generate/gate_mix.hpp"
#include "learn/generate/likeness.hpp"
#include "learn/generate/table_data.hpp"
#include "learn/generate/training_curve.hpp"

namespace leaven::learn {

/// Rows [first, first + count) of a stream `seed` of a class, or of all (kNoClass): TableModel::draw().
using RowSource = std::function<TableData(std::uint32_t label, std::uint64_t seed, std::uint64_t first, std::size_t count)>;

/// Above or below these a generator is refused.
struct GateLimits {
  double column{0.25};       ///< greatest distance of a column from held-out rows
  double association{0.15};  ///< mean distance of associations
  double nearer_train{0.55}; ///< share of new rows
  double nearest{0.5};       ///< 5th percentile of distances, as a part of that of held-out rows
  double agreement{0.7};     ///< a teacher's accuracy on new rows, as a part of that on held-out rows
};

struct GateColumn {
  std::string name{};
  double made{}, train{};  ///< distance from held-out rows: of new ones; of train's, which is what chance does
};

struct TableGate {
  std::size_t train{}, held_out{}, made{};
  std::vector<GateColumn> columns{};
  AssociationDistance association{}, association_of_train{};
  double detection{0.5};
  Closeness closeness{};
  bool has_target{};
  double teacher_made{}, teacher_held_out{};   ///< accuracy of trees trained on train, percent
  double real_score{}, made_score{};           ///< macro-F1 on held-out rows after training on real rows alone, on new ones alone
  std::vector<GateMix> mixes{};
  std::size_t best{};                          ///< of mixes
  std::vector<std::string> reasons{}, notes{};
  bool accepted() const { return reasons.empty(); }
};

/// Throws Error(interrupted) when `stop` is set; Error(data) when too few rows are held out.
TableGate judge_table(const TableData& train, const TableData& held_out, const RowSource& draw, const GateLimits& limits, int threads, const std::atomic<bool>& stop);

/// For people, at most 100 columns wide.
std::string gate_text(const TableGate& gate);
/// `training`: of kinds that are trained in steps.
std::string gate_page(const TableGate& gate, const TableData& train, const TableData& made, const TrainingRecord& training, const std::string& title);

}  // namespace leaven::learn
