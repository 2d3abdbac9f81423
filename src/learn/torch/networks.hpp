// The networks that libtorch trains.
#pragma once

#include <string_view>

#include "core/op.hpp"
#include "learn/learner.hpp"

namespace leaven::learn {

/// "conv_net" of pictures and series, "plain_conv_net" of pictures, "mlp" of rows, "linear" of all.
LearnerKind network_named(std::string_view name, Domain domain);

}  // namespace leaven::learn
