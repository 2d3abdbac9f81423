// Every learner that there is, by name.
#pragma once

#include <string_view>
#include <vector>

#include "core/op.hpp"
#include "learn/learner.hpp"

namespace leaven::learn {

/// "auto" first.
std::vector<std::string_view> learner_names(Domain domain = Domain::raster);
/// auto is conv_net for pictures, trees for rows, kernels for series. Throws Error(usage) with the nearest name, or those of this domain.
LearnerKind learner_named(std::string_view name, Domain domain = Domain::raster);

}  // namespace leaven::learn
