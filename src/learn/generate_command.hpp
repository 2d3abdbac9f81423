// `leaven generate` as leaven-learn obeys it: from flags to what is printed.
#pragma once

#include "cli/generate_flags.hpp"

namespace leaven::learn {

/// The exit code. Throws Error.
int generate(const cli::GenerateCommand& command);

}  // namespace leaven::learn
