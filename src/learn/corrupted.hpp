// Test pictures spoilt as cameras, weather and compression spoil them: how a model does when pictures are worse than those it
// knows. Each trained model sees the same ones.
#pragma once

#include <string>
#include <vector>

#include "learn/partition.hpp"
#include "learn/pictures.hpp"

namespace leaven::learn {

struct CorruptedSet {
  std::string corruption{};
  int severity{};
  std::vector<Raster> pixels{};  ///< of CorruptedTest::entries
};
struct CorruptedTest {
  Entries entries{};
  std::vector<CorruptedSet> sets{};  ///< by corruption, then severity
};

/// Of at most `most` test items, evenly over classes: noise, blur, light, contrast and compression at severities 1, 3
/// and 5 of ImageNet-C (Hendrycks and Dietterich 2019). 0: none.
CorruptedTest corrupt(const Pictures& pictures, const Entries& test, std::size_t most, int threads);

}  // namespace leaven::learn
