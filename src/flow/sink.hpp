// What a recipe's sink means to the writers.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "io/dataset.hpp"
#include "recipe/recipe.hpp"

namespace leaven::flow {

/// By its name in recipes: io::output_layouts().
io::OutputLayout output_layout(std::string_view name);

/// `tag` is the shard's.
io::WriterOptions writer_options(const io::DatasetIndex& index, const recipe::Recipe& recipe, const std::string& tag);

/// True when outputs are pixels in arrays, not encoded images.
bool writes_pixels(const io::WriterOptions& options);

/// Files in OUT that lineage does not name: containers and manifests, sorted. OUT was empty before, so that all that is
/// not Leaven's own was made by the writer.
std::vector<std::string> files_without_lineage(const std::filesystem::path& out, const io::WriterOptions& options);

}  // namespace leaven::flow
