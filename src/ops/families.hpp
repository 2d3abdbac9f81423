// The explicit list of op families: nothing registers itself at start-up.
#pragma once

#include "core/op.hpp"

namespace leaven::ops {

/// Every op of this build, made once on first use; thread-safe.
const OpTable& op_table();

}  // namespace leaven::ops
