// `leaven generate` as leaven-learn obeys it: from flags to what is printed.
#pragma once

#include "flags/generate_flags.hpp"

namespace leaven::learn {

/// The exit code. Throws Error.
int generate(const flags::GenerateCommand& command);
/// The stage `generate:` of a recipe, for `leaven augment`, which starts it before its job.
int fill_classes(const flags::FillCommand& command);

}  // namespace leaven::learn
