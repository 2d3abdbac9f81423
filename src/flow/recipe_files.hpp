// The files that recipes name for their ops: read and decoded once a process.
#pragma once

#include "core/opened_files.hpp"

namespace leaven::flow {

OpenedFiles& recipe_files();

}  // namespace leaven::flow
