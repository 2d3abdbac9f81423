#include "flow/sink.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "recipe/mixing.hpp"

namespace leaven::flow {

namespace fs = std::filesystem;

io::OutputLayout output_layout(std::string_view name) {
  const auto names = io::output_layouts();
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) throw usage_error("there is no layout " + std::string(name));
  return static_cast<io::OutputLayout>(found - names.begin());
}

io::WriterOptions writer_options(const io::DatasetIndex& index, const recipe::Recipe& recipe, const std::string& tag) {
  io::WriterOptions options;
  options.layout = output_layout(recipe.sink.layout);
  options.input_format = index.format;
  options.manifest = index.manifest;
  options.series = index.series;
  options.labels = index.labels;
  options.label_kind = index.label_kind;
  options.soft_labels = recipe::makes_soft_labels(recipe);
  options.categories = index.categories;
  options.marks = index.marks;
  options.dialect = index.dialect;
  options.shard_bytes = recipe.sink.shard_mb << 20;
  options.part = tag;
  return options;
}

bool writes_pixels(const io::WriterOptions& options) {
  return options.layout == io::OutputLayout::npz ||
         (options.layout == io::OutputLayout::same && options.input_format == "npz");
}

std::vector<std::string> files_without_lineage(const fs::path& out, const io::WriterOptions& options) {
  std::vector<std::string> files;
  if (io::writes_files(options)) {
    if (options.manifest && fs::exists(out / options.manifest->name)) files.push_back(options.manifest->name);
    if (!io::is_annotated(options)) return files;
  }
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(out)) {
    const std::string name = entry.path().filename();
    if (!entry.is_regular_file() || name.starts_with("leaven.") || name.starts_with(".leaven-")) continue;
    std::string path = entry.path().lexically_relative(out);
    if (!io::is_annotated(options) || io::lies_beside_images(options, path)) files.push_back(std::move(path));
  }
  std::ranges::sort(files);
  return files;
}

}  // namespace leaven::flow
