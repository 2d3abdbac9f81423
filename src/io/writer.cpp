// Which writer a layout gets, and joining the parts that shards wrote.
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "io/annotated_formats.hpp"
#include "io/layout_fit.hpp"
#include "io/part_log.hpp"
#include "io/series_formats.hpp"
#include "io/writer_layouts.hpp"

namespace leaven::io {

namespace fs = std::filesystem;

namespace {

enum class Kind : std::uint8_t { files, manifest, annotated, npz, webdataset, series, series_npz };

Kind kind_of(const WriterOptions& options) {
  if (is_series_format(options.input_format))
    return options.layout == OutputLayout::npz || options.input_format == "series_npz" ? Kind::series_npz : Kind::series;
  switch (options.layout) {
    case OutputLayout::folders: return Kind::files;
    case OutputLayout::npz: return Kind::npz;
    case OutputLayout::webdataset: return Kind::webdataset;
    default: break;
  }
  if (!annotated_format_of(options).empty()) return Kind::annotated;
  if (options.input_format == "npz") return Kind::npz;
  if (options.input_format == "webdataset") return Kind::webdataset;
  return options.input_format == "csv" && options.manifest ? Kind::manifest : Kind::files;
}

std::unique_ptr<DatasetWriter> open_annotated(const fs::path& out, const WriterOptions& options) {
  const std::string_view format = annotated_format_of(options);
  if (format == "boxes") return open_boxes_writer(out, options);
  if (format == "coco") return open_coco_writer(out, options);
  if (format == "labelme") return open_labelme_writer(out, options);
  if (format == "masks") return open_masks_writer(out, options);
  if (format == "voc") return open_voc_writer(out, options);
  if (format == "yolo") return open_yolo_writer(out, options);
  throw bug("an annotated layout has no writer: " + std::string(format));
}

std::unique_ptr<DatasetWriter> open_whole(const fs::path& out, const WriterOptions& options) {
  switch (kind_of(options)) {
    case Kind::files: return open_file_tree(out, options);
    case Kind::manifest: return open_manifest_writer(out, options);
    case Kind::annotated: return open_annotated(out, options);
    case Kind::npz: return open_npz_writer(out, options);
    case Kind::webdataset: return open_webdataset_writer(out, options);
    case Kind::series: return open_series_writer(out, options);
    case Kind::series_npz: return open_series_npz_writer(out, options);
  }
  throw bug("an output layout has no writer");
}

}  // namespace

bool writes_files(const WriterOptions& options) {
  const Kind kind = kind_of(options);
  return kind == Kind::files || kind == Kind::manifest || kind == Kind::annotated;
}

bool is_annotated(const WriterOptions& options) { return kind_of(options) == Kind::annotated; }

bool lies_beside_images(const WriterOptions& options, std::string_view path) {
  if (annotated_format_of(options) == "masks") return path == "classes.txt" || is_mask_path(options, path);
  return !has_image_extension(path);
}

void require_soft_labels_fit(const WriterOptions& options) {
  if (options.soft_labels && kind_of(options) == Kind::series)
    throw usage_error("the recipe mixes series of several classes, and a text file of series cannot hold shares of classes")
        .with_hint("--layout npz can; or give every mixing step partners: same_class");
  const bool classes = options.label_kind == LabelKind::category || options.label_kind == LabelKind::categories;
  if (!options.soft_labels || !classes || kind_of(options) != Kind::files) return;
  throw usage_error("the recipe mixes samples of several classes, and class folders cannot hold shares of classes")
      .with_hint("--layout npz or webdataset can, and a CSV of the files for a dataset that came with one; or give every "
                 "mixing step partners: same_class");
}

void require_layout_fits(const WriterOptions& options) {
  if (options.layout == OutputLayout::folders &&
      (options.label_kind == LabelKind::categories || options.label_kind == LabelKind::number))
    throw usage_error(std::string("class folders cannot hold ") +
                      (options.label_kind == LabelKind::number ? "numbers" : "several labels a sample"))
        .with_hint("--layout same or webdataset can");
  require_soft_labels_fit(options);
  if (options.series && options.layout != OutputLayout::same && options.layout != OutputLayout::npz)
    throw usage_error("series cannot be written as " + std::string(output_layouts()[static_cast<std::size_t>(options.layout)]))
        .with_hint("--layout same or npz can");
  require_layout_holds(options);
}

std::unique_ptr<DatasetWriter> open_writer(const fs::path& out, const WriterOptions& options) {
  require_layout_fits(options);
  const Kind kind = kind_of(options);
  if (options.part.empty() || kind == Kind::files) return open_whole(out, options);
  // What goes into files is stored at once; lists and containers wait for the merge.
  std::unique_ptr<DatasetWriter> files;
  if (kind == Kind::manifest) files = open_file_tree(out, options);
  if (kind == Kind::annotated) files = open_annotated(out, options);
  return open_part_log(out, options.part, std::move(files));
}

void merge_parts(const fs::path& out, const WriterOptions& options, std::uint32_t parts,
                 const std::function<std::optional<std::uint32_t>()>& next_part) {
  if (kind_of(options) == Kind::files) return;
  const auto name_of_part = [&](std::uint32_t part) { return std::to_string(part) + "-of-" + std::to_string(parts); };
  std::vector<PartLogReader> logs;
  for (std::uint32_t part = 1; part <= parts; ++part) {
    const fs::path path = part_log_path(out, name_of_part(part));
    if (!fs::exists(path))
      throw usage_error(printable(out.native()) + ": part " + name_of_part(part) + " is missing")
          .with_hint("run --shard " + std::to_string(part) + "/" + std::to_string(parts) + " to its end first");
    logs.emplace_back(path);
  }
  WriterOptions whole = options;
  whole.part.clear();
  const auto writer = open_whole(out, whole);
  while (const auto part = next_part()) {
    if (*part < 1 || *part > parts) throw bug("there is no part " + std::to_string(*part));
    auto item = logs[*part - 1].next();
    if (!item) throw data_error("part " + name_of_part(*part) + " holds fewer items than the run made");
    writer->commit(std::move(*item));
  }
  for (std::uint32_t part = 1; part <= parts; ++part)
    if (logs[part - 1].next()) throw data_error("part " + name_of_part(part) + " holds more items than the run made");
  writer->finish();
}

void remove_part(const fs::path& out, std::string_view part) {
  std::error_code ignored;
  fs::remove(part_log_path(out, part), ignored);
}

}  // namespace leaven::io
