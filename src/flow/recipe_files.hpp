// The files that recipes name for their ops: read and decoded once a process, but for pictures of large folders, of which
// the last ones stay. A path that ends in '/' opens a folder: the names of the images in it, a line each.
#pragma once

#include <string>
#include <vector>

#include "core/opened_files.hpp"
#include "recipe/recipe.hpp"

namespace leaven::flow {

OpenedFiles& recipe_files();

/// Every file that steps name can be opened as its op opens it, and of a folder one picture at least; else throws Error(usage)
/// with the step's place. A step that needs a file names one.
void require_named_files(const recipe::Recipe& recipe);
/// Pictures in folders that steps draw from which cannot be read, each with the reason, sorted: those that came up so far in this
/// process, or, where `look` says so, all that there are.
std::vector<std::string> unreadable_pictures(const recipe::Recipe& recipe, bool look);

}  // namespace leaven::flow
