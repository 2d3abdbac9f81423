// The CSV that lists the files of the output, in the source's own columns: each row is its source's with the path, and
// where they differ the label and the split, replaced. A split that the recipe made is a column added at the end.
#include <nlohmann/json.hpp>
#include <utility>

#include "core/error.hpp"
#include "io/csv_rows.hpp"
#include "io/growing_csv.hpp"
#include "io/manifest_label.hpp"
#include "io/writer_layouts.hpp"

namespace leaven::io {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kNone = ManifestShape::kNone;

class ManifestWriter final : public DatasetWriter {
 public:
  ManifestWriter(const fs::path& out, const WriterOptions& options)
      : files_(open_file_tree(out, options)),
        shape_(*options.manifest),
        csv_(out / options.manifest->name, [this](bool adds_split) { return header(adds_split); }) {}

  void store(OutputItem& item) override { files_->store(item); }

  std::string commit(OutputItem&& item) override {
    if (!csv_.started()) csv_.start(item.split != Split::none && shape_.split == kNone);
    return csv_.append(row_of(item));
  }

  void resume(const std::string& state) override { csv_.resume(state); }
  void finish() override { csv_.publish(); }

 private:
  std::string header(bool adds_split) const {
    if (shape_.header.empty()) return {};
    return shape_.header + (adds_split ? std::string(1, shape_.separator) + "split" : "") + line_end();
  }

  /// "cat:0.6;dog:0.4".
  static std::string shares_text(const OutputItem& item) {
    std::string text;
    for (const auto& [name, weight] : item.weights) text += (text.empty() ? "" : ";") + name + ":" + nlohmann::json(weight).dump();
    return text;
  }

  const char* line_end() const { return shape_.crlf ? "\r\n" : "\n"; }

  std::string row_of(const OutputItem& item) const {
    const std::vector<CsvCell> cells = csv_cells(item.row, shape_.separator);
    if (cells.size() != shape_.columns) throw bug("an item comes without its row of the manifest: " + item.id);
    std::string row;
    for (std::size_t c = 0; c < cells.size(); ++c) {
      if (c > 0) row += shape_.separator;
      const auto replace = [&](std::string_view text) {
        append_csv_cell(row, text, shape_.separator, cells[c].quoted);
      };
      const std::string text = csv_value(cells[c]);
      if (c == shape_.path)
        replace(item.id);
      else if (c == shape_.label && !item.weights.empty())
        replace(shares_text(item));
      else if (c == shape_.label && without_blanks(text) != item.label && canonical_categories(text) != item.label)
        replace(item.label);
      else if (c == shape_.split && item.split != Split::none && split_from(without_blanks(text)) != item.split)
        replace(name_of(item.split));
      else
        row += cells[c].raw;
    }
    if (csv_.adds_split()) row += shape_.separator + std::string(name_of(item.split));
    return row + line_end();
  }

  std::unique_ptr<DatasetWriter> files_;
  ManifestShape shape_;
  GrowingCsv csv_;
};

}  // namespace

std::unique_ptr<DatasetWriter> open_manifest_writer(const fs::path& out, const WriterOptions& options) {
  return std::make_unique<ManifestWriter>(out, options);
}

}  // namespace leaven::io
