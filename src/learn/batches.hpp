// The batches of one training, made from its supply and shown to its learner.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "learn/supply.hpp"
#include "learn/training.hpp"

namespace leaven::learn {

/// Batches are made a few at a time where nothing that the learner does changes them: making items and training want the processor's
/// caches for themselves.
class Batches {
 public:
  /// All of these live longer. `dynamic`, `mix`: as in train().
  Batches(Supply& supply, const Schedule& schedule, Learner& learner, DynamicStrength* dynamic, const ClusterMix* mix);

  /// One step on the next batch; the loss.
  double train(double rate);
  /// Items that were trained on.
  std::uint64_t shown() const { return whole_ ? position_ : static_cast<std::uint64_t>(batches_) * size_; }

 private:
  void fill();
  std::span<float> place(std::size_t slot, std::uint32_t view);
  void fetch_ahead(std::size_t slot);
  Answer show(std::size_t slot);

  Supply& supply_;
  Learner& learner_;
  DynamicStrength* dynamic_;
  const ClusterMix* mix_;
  std::uint32_t views_;
  bool whole_, number_;
  std::size_t size_, values_;
  std::size_t together_;  ///< batches made at a time
  std::size_t left_;      ///< batches that may be made
  std::size_t made_{}, next_{};  ///< batches that lie ready, and which of them is trained on next
  std::vector<float> pixels_{}, targets_{}, weights_{};
  std::vector<std::uint32_t> labels_{}, entries_{}, partners_{};
  std::vector<float> shares_{};
  std::uint64_t position_{};
  std::uint32_t batches_{};
};

}  // namespace leaven::learn
