// The nearest training series under dynamic time warping: what series classifiers have been measured by for decades
// (Bagnall et al. 2017).
#pragma once

#include "learn/learner.hpp"

namespace leaven::learn {

/// One neighbour, within a band of a tenth of the length. Each class's probability goes by how near its nearest series is.
LearnerKind nearest_series();

}  // namespace leaven::learn
