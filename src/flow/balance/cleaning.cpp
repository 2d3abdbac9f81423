// Rows that contradict their neighbourhood: Tomek links and edited nearest neighbours.
#include <algorithm>
#include <numeric>

#include "flow/balance/sampler.hpp"

namespace leaven::flow {

using kernels::kNoRow;

void remove_tomek_links(const RowMatrix& matrix, const RowSpace& space, std::uint32_t smallest, Pool& pool, SampledRows& to) {
  std::vector<std::uint32_t> rows(matrix.rows());
  std::iota(rows.begin(), rows.end(), 0U);
  const Neighbours near = nearest(space, rows, rows, 1, pool);
  note_search(near, rows.size(), to.notes);
  for (const std::uint32_t row : rows) {
    const std::uint32_t other = near.of(row)[0].row;
    if (other == kNoRow || near.of(other)[0].row != row) continue;
    if (matrix.label[row] != matrix.label[other] && matrix.label[row] != smallest) to.removed.push_back(row);
  }
}

void remove_contradicted_rows(const RowMatrix& matrix, const RowSpace& space, std::uint32_t smallest, Pool& pool, SampledRows& to) {
  constexpr std::size_t kAsked = 3;
  std::vector<std::uint32_t> rows(matrix.rows()), asked;
  std::iota(rows.begin(), rows.end(), 0U);
  std::ranges::copy_if(rows, std::back_inserter(asked), [&](std::uint32_t row) { return matrix.label[row] != smallest; });
  const Neighbours near = nearest(space, rows, asked, kAsked, pool);
  note_search(near, rows.size(), to.notes);
  for (std::size_t i = 0; i < asked.size(); ++i)
    if (std::ranges::any_of(near.of(i), [&](const auto& n) { return n.row != kNoRow && matrix.label[n.row] != matrix.label[asked[i]]; }))
      to.removed.push_back(asked[i]);
}

}  // namespace leaven::flow
