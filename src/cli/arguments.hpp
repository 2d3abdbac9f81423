// The command line: which commands and flags there are, and what they were set to.
#pragma once

#include <string>
#include <vector>

namespace leaven::cli {

/// Does what the command line says (without the program's name) and returns the exit code. Throws leaven::Error; an
/// unknown command or flag is a usage error that names the nearest one.
int obey(const std::vector<std::string>& arguments);

}  // namespace leaven::cli
