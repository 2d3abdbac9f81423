// The files that recipes name for their ops: read and decoded once a process, but for pictures of large folders, of which
// the last ones stay. A path that ends in '/' opens a folder: the names of the images in it, a line each.
#pragma once

#include "core/opened_files.hpp"

namespace leaven::flow {

OpenedFiles& recipe_files();

}  // namespace leaven::flow
