// The explicit list of op families: nothing registers itself at start-up.
#pragma once

#include "core/op.hpp"

namespace leaven::ops {

/// Every op of this build, and those declared since (leaven/custom_op.hpp); thread-safe. A table stays as it is: later ones
/// have the same ops and more.
const OpTable& op_table();
/// Tables from now on have this op, instead of one of its name that was added so. Throws Error(usage) when it is built in.
void add_op(OpInfo info);

}  // namespace leaven::ops
