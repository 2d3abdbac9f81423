// Rows mixed with any others of train, labels by their shares: mixup and CutMix for tables.
#include <algorithm>
#include <numeric>

#include "core/error.hpp"
#include "core/value.hpp"
#include "flow/balance/sampler.hpp"

namespace leaven::flow {

void add_mixed(const ClassTask& task, SampledRows& to) {
  const std::uint64_t rows = task.matrix.rows();
  if (rows < 2) throw data_error("balance: a row is mixed with another, and train has but one");
  const auto bases = task.shuffled();
  const Key partner = task.key("partner"), lambda = task.key("lambda"), cells = task.key("cells");
  const Law law = beta(task.rules.alpha, task.rules.alpha);
  for (std::uint64_t i = 0; i < task.wanted; ++i) {
    const std::uint32_t base = bases[static_cast<std::size_t>(i % bases.size())];
    // Any row but itself. The larger share is the row's own, so that its class stays the row's.
    const auto other = static_cast<std::uint32_t>((base + 1 + draw_below(partner, rows - 1, i)) % rows);
    const double share = draw(law, lambda, i);
    const auto block = random_block(cells, i);
    to.rows.push_back({.label = task.label,
                       .base = base,
                       .partner = other,
                       .lambda = std::min(share, 1 - share),
                       .key = {(std::uint64_t{block[0]} << 32) | block[1], (std::uint64_t{block[2]} << 32) | block[3]}});
  }
}

}  // namespace leaven::flow
