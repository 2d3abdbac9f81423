// Which writer a layout gets.
#include "core/error.hpp"
#include "io/writer_layouts.hpp"

namespace leaven::io {

bool writes_files(const WriterOptions& options) {
  if (options.layout == OutputLayout::folders) return true;
  return options.layout == OutputLayout::same && options.input_format != "npz" && options.input_format != "webdataset";
}

std::unique_ptr<DatasetWriter> open_writer(const std::filesystem::path& out, const WriterOptions& options) {
  if (options.layout == OutputLayout::folders &&
      (options.label_kind == LabelKind::categories || options.label_kind == LabelKind::number))
    throw usage_error(std::string("class folders cannot hold ") +
                      (options.label_kind == LabelKind::number ? "numbers" : "several labels a sample"))
        .with_hint("--layout same or webdataset can");
  return open_file_tree(out, options);
}

}  // namespace leaven::io
