// The networks that libtorch trains.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "learn/learner.hpp"

namespace leaven::learn {

/// "auto", "conv_net", "plain_conv_net", "linear".
std::vector<std::string_view> learner_names();
/// auto is conv_net. Throws Error(usage) with the nearest name.
LearnerKind learner_named(std::string_view name);

}  // namespace leaven::learn
