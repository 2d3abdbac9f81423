// Nearest rows of tables that are too large to compare everything with everything.
#pragma once

#include <memory>

#include "kernels/neighbours.hpp"

namespace leaven::flow {

/// Finds nearly all of the nearest rows, in a time that hardly grows with their number: a hierarchical navigable small
/// world graph (Malkov and Yashunin, IEEE TPAMI 42, 2020), which hnswlib builds. Rows go in one after the other, their
/// levels hang on their places alone, and distances are summed in a fixed order, so that the answer is the same on every
/// CPU and for any number of threads. Missing numbers (NaN) are left out as kernels::masked_distances() leaves them out.
class NeighbourGraph {
 public:
  /// `rows` are copied.
  explicit NeighbourGraph(const kernels::NeighbourRows& rows);
  ~NeighbourGraph();
  NeighbourGraph(const NeighbourGraph&) = delete;
  NeighbourGraph& operator=(const NeighbourGraph&) = delete;

  /// As kernels::find_nearest(), but a near row may be missed; those found have their exact distances. May be called by
  /// many threads at once.
  void find(const kernels::NeighbourRows& queries, std::size_t first, std::size_t last, std::size_t k,
            std::span<const std::uint32_t> own, std::span<kernels::Nearest> found) const;

 private:
  class Graph;
  std::unique_ptr<Graph> graph_;
};

}  // namespace leaven::flow
