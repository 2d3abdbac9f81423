// A CSV of boxes out, in the source's own columns.
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "core/error.hpp"
#include "io/annotated_formats.hpp"
#include "io/box_columns.hpp"
#include "io/csv_rows.hpp"
#include "io/growing_csv.hpp"
#include "io/number_text.hpp"
#include "io/outline_shapes.hpp"
#include "io/writer_layouts.hpp"

namespace leaven::io {

namespace fs = std::filesystem;

namespace {

using Json = nlohmann::json;

constexpr int kPlaces = 6;

class BoxesWriter final : public DatasetWriter {
 public:
  BoxesWriter(const fs::path& out, const WriterOptions& options)
      : BoxesWriter(out, options, Json::parse(options.dialect)) {}

  BoxesWriter(const fs::path& out, const WriterOptions& options, const Json& own)
      : files_(open_file_tree(out, options)),
        options_(options),
        csv_(out / own.at("file").get<std::string>(), [this](bool adds_split) { return header_line(adds_split); }) {
    header_ = own.at("header").get<std::vector<std::string>>();
    separator_ = own.at("separator").get<std::string>().at(0);
    line_end_ = own.at("crlf") ? "\r\n" : "\n";
    normalised_ = own.at("normalised");
    names_extension_ = own.at("names_extension");
    folder_ = own.at("folder");
    const auto columns = box_columns(header_);
    if (!columns) throw bug("the columns of the CSV of boxes are not known any more");
    columns_ = *columns;
  }

  void store(OutputItem& item) override { files_->store(item); }

  std::string commit(OutputItem&& item) override {
    if (!item.annotations) throw bug("an item comes without its annotations: " + item.id);
    if (!csv_.started())
      csv_.start(item.split != Split::none && columns_.split == BoxColumns::kNone &&
                 split_in_path(item.id) != item.split);
    std::string rows;
    for (const Instance& instance : item.annotations->instances)
      if (const auto box = box_of(instance)) rows += row(item, &instance, box);
    if (rows.empty()) rows = row(item, nullptr, std::nullopt);  // an image of nothing is one too
    return csv_.append(rows);
  }

  void resume(const std::string& state) override { csv_.resume(state); }
  void finish() override { csv_.publish(); }

 private:
  std::string header_line(bool adds_split) const {
    std::vector<std::string> cells = header_;
    if (adds_split) cells.emplace_back("split");
    return line(cells);
  }

  std::string line(const std::vector<std::string>& cells) const {
    std::string text;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (i > 0) text += separator_;
      append_csv_cell(text, cells[i], separator_, false);
    }
    return text + line_end_;
  }

  std::string name_of_image(const OutputItem& item) const {
    const std::string name = item.id.starts_with(folder_) ? item.id.substr(folder_.size()) : item.id;
    return names_extension_ ? name : std::string(without_extension(name));
  }

  std::string row(const OutputItem& item, const Instance* instance, const std::optional<Box>& box) const {
    std::vector<std::string> cells(header_.size());
    if (instance && !instance->extra.empty()) {
      const Json extra = Json::parse(instance->extra);
      for (std::size_t i = 0; i < header_.size(); ++i)
        if (extra.contains(header_[i]) && extra[header_[i]].is_string()) cells[i] = extra[header_[i]];
    }
    const auto size_column = [&](const char* name, int value) {
      const auto found = std::ranges::find(header_, name);
      const auto at = static_cast<std::size_t>(found - header_.begin());
      if (found != header_.end() && std::ranges::find(columns_.box, at) == columns_.box.end())
        cells[at] = std::to_string(value);
    };
    size_column("width", item.image.width);  // of the image, where boxes are given by corners
    size_column("height", item.image.height);
    cells[columns_.image] = name_of_image(item);
    if (instance && columns_.label != BoxColumns::kNone)
      cells[columns_.label] = options_.categories.at(instance->category).name;
    if (columns_.split != BoxColumns::kNone) cells[columns_.split] = name_of(item.split);
    if (box) {
      std::array<double, 4> numbers = numbers_from(*box, columns_.kind);
      std::array<std::string, 4> texts;
      for (std::size_t i = 0; i < 4; ++i)
        texts[i] = decimal(
            normalised_ ? numbers[i] / (i % 2 == 0 ? item.image.width : item.image.height) : numbers[i], kPlaces);
      set_box_texts(cells, columns_, texts);
    }
    if (csv_.adds_split()) cells.emplace_back(name_of(item.split));
    return line(cells);
  }

  std::unique_ptr<DatasetWriter> files_;
  WriterOptions options_;
  std::vector<std::string> header_;
  BoxColumns columns_;
  char separator_{','};
  std::string line_end_, folder_;
  bool normalised_{}, names_extension_{};
  GrowingCsv csv_;
};

}  // namespace

std::unique_ptr<DatasetWriter> open_boxes_writer(const fs::path& out, const WriterOptions& options) {
  return std::make_unique<BoxesWriter>(out, options);
}

}  // namespace leaven::io
