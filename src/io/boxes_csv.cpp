// A CSV of boxes: a row for each, with the image, the class and four numbers in pixels or in parts of the image.
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "core/error.hpp"
#include "core/utf8.hpp"
#include "io/annotated_formats.hpp"
#include "io/box_columns.hpp"
#include "io/coco_annotation.hpp"
#include "io/csv_rows.hpp"
#include "io/file.hpp"
#include "io/image_files.hpp"
#include "io/number_text.hpp"

namespace leaven::io {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kNone = BoxColumns::kNone;
constexpr std::size_t kLookedAt = 100;  // rows

struct Row {
  std::uint64_t offset{}, size{}, line{};
};

struct Found {
  std::string file{};
  CsvDialect dialect{};
  std::vector<std::string> header{};
  BoxColumns columns{};
};

std::vector<std::string> texts_of(const std::vector<CsvCell>& cells) {
  std::vector<std::string> texts;
  for (const CsvCell& cell : cells) texts.emplace_back(without_blanks(csv_value(cell)));
  return texts;
}

/// Whether the first cell that says anything holds four numbers: a column called box may hold anything.
bool holds_boxes(CsvScanner& scanner, const BoxColumns& columns) {
  CsvRow row;
  for (std::size_t n = 0; n < kLookedAt && scanner.next_filled(row); ++n) {
    const std::array<std::string, 4> texts = box_texts(texts_of(row.cells), columns);
    if (!texts[0].empty()) return std::ranges::all_of(texts, [](const std::string& t) { return finite_number(t).has_value(); });
  }
  return false;
}

/// The one CSV whose header names boxes.
std::optional<Found> find_csv(const MarkedTree& tree) {
  for (const std::string& file : tree.containers) {
    const std::string extension = lower_extension(file);
    if (extension != "csv" && extension != "tsv") continue;
    try {
      const InputFile csv(tree.root / file);
      const CsvDialect dialect = csv_dialect(csv);
      CsvScanner scanner(csv, dialect);
      CsvRow row;
      if (!scanner.next_filled(row)) continue;
      std::vector<std::string> header = texts_of(row.cells);
      const auto columns = box_columns(header);
      if (columns && (!columns->one_cell || holds_boxes(scanner, *columns)))
        return Found{file, dialect, std::move(header), *columns};
    } catch (const Error&) {
      continue;  // no CSV that we can read: not recognised as ours
    }
  }
  return std::nullopt;
}

class BoxesReader final : public ImageFilesReader {
 public:
  BoxesReader(MarkedTree& tree, Found found, const OpenOptions& options)
      : ImageFilesReader(tree.root, {}),
        found_(std::move(found)),
        csv_(tree.root / found_.file),
        images_(std::move(tree.listing.images)) {
    index_.format = "boxes";
    index_.annotated = true;
    index_.labels = {""};
    index_.strays = tree.listing.strays.take();
    index_.broken = std::move(tree.listing.broken);
    index_.marks.boxes = true;
    read_rows();
    for (const std::string& name : names_) index_.categories.push_back({name, {}, {}, {}});
    fill_dialect();
    const std::size_t unlisted = images_.size() - index_.entries.size();
    if (unlisted > 0) index_.strays["images that the CSV does not list"] += unlisted;
    finish_index(index_, options);
    index_.description = "CSV of boxes " + printable(found_.file) + ", " + describe_marked(index_) + ", " +
                         counted(boxes_, "box", "boxes") + (normalised_ ? " in parts of their image" : "");
  }

  Annotations annotations(const Entry& entry, Size image) const override {
    Annotations marks;
    Mender mender(image);
    for (const Row& row : rows_[entry.offset]) {
      try {
        read_row(csv_.read_text(row.offset, row.size), image, mender, marks);
      } catch (Error& error) {
        throw error.with_place(printable(found_.file) + ":" + std::to_string(row.line));
      }
    }
    marks.mended = mender.take();
    return marks;
  }

 private:
  static std::optional<std::array<double, 4>> numbers_in(const std::vector<std::string>& cells,
                                                         const BoxColumns& columns) {
    std::array<double, 4> numbers{};
    const std::array<std::string, 4> texts = box_texts(cells, columns);
    for (std::size_t i = 0; i < 4; ++i) {
      const auto number = finite_number(texts[i]);
      if (!number) return std::nullopt;
      numbers[i] = *number;
    }
    return numbers;
  }

  /// An image with a row without numbers has no boxes.
  static bool says_nothing(const std::vector<std::string>& cells, const BoxColumns& columns) {
    return std::ranges::all_of(box_texts(cells, columns), [](const std::string& text) { return text.empty(); });
  }

  void read_rows() {
    CsvScanner scanner(csv_, found_.dialect);
    CsvRow row;
    scanner.next_filled(row);
    const BoxColumns& c = found_.columns;
    std::map<std::string, std::size_t> known;
    std::set<std::string> names;
    bool any = false, parts = true;
    while (scanner.next_filled(row)) {
      const std::vector<std::string> cells = texts_of(row.cells);
      const std::string name = c.image < cells.size() ? cells[c.image] : "";
      const auto path = image_of(name);
      if (!path) {
        index_.broken.push_back(
            {printable(found_.file) + ":" + std::to_string(row.line) + ": " + printable(name), "it does not exist"});
        continue;
      }
      const auto [at, is_new] = known.try_emplace(*path, rows_.size());
      if (is_new) {
        rows_.emplace_back();
        Split split = split_in_path(*path);
        if (c.split < cells.size()) split = split_from(cells[c.split]).value_or(Split::none);
        index_.entries.push_back({.id = *path, .split = split, .offset = at->second});
      }
      rows_[at->second].push_back({row.offset, row.raw.size(), row.line});
      if (says_nothing(cells, c)) continue;
      ++boxes_;
      if (const auto numbers = numbers_in(cells, c)) {
        any = true;
        parts = parts && *std::ranges::max_element(*numbers) <= 1.01;
      }
      names.insert(label_of(cells));
    }
    normalised_ = any && parts;
    names_.assign(names.begin(), names.end());
    index_.has_splits = !index_.entries.empty() &&
                        std::ranges::none_of(index_.entries, [](const Entry& e) { return e.split == Split::none; });
    if (!index_.has_splits)
      for (Entry& entry : index_.entries) entry.split = Split::none;
  }

  std::string label_of(const std::vector<std::string>& cells) const {
    const std::size_t c = found_.columns.label;
    return c < cells.size() && is_utf8(cells[c]) ? cells[c] : c == kNone ? "object" : "";
  }

  /// A cell may name a file below the CSV's folder by its path, by its end, or without its extension.
  std::optional<std::string> image_of(const std::string& cell) {
    if (cell.empty() || !is_utf8(cell)) return std::nullopt;
    if (by_name_.empty())
      for (const std::string& image : images_) {
        by_name_.try_emplace(image.substr(image.rfind('/') + 1), image);
        by_name_.try_emplace(std::string(without_extension(image.substr(image.rfind('/') + 1))), image);
      }
    std::string path = cell.starts_with("./") ? cell.substr(2) : cell;
    std::ranges::replace(path, '\\', '/');
    for (std::string_view rest = path;; rest.remove_prefix(rest.find('/') + 1)) {
      if (std::ranges::binary_search(images_, std::string(rest))) return std::string(rest);
      if (rest.find('/') == std::string_view::npos) break;
    }
    const auto found = by_name_.find(path.substr(path.rfind('/') + 1));
    return found == by_name_.end() ? std::nullopt : std::optional(found->second);
  }

  void read_row(const std::string& text, Size image, Mender& mender, Annotations& marks) const {
    const std::vector<std::string> cells = texts_of(csv_cells(text, found_.dialect.separator));
    const BoxColumns& c = found_.columns;
    if (says_nothing(cells, c)) return;
    auto numbers = numbers_in(cells, c);
    if (!numbers) throw data_error("a box must be four numbers");
    if (normalised_)
      for (std::size_t i = 0; i < 4; ++i) (*numbers)[i] *= i % 2 == 0 ? image.width : image.height;
    Instance instance;
    const auto name = std::ranges::lower_bound(names_, label_of(cells));
    if (name == names_.end() || *name != label_of(cells)) throw data_error("changed since the dataset was opened");
    instance.category = static_cast<std::uint32_t>(name - names_.begin());
    instance.box = mender.box(box_from(*numbers, c.kind));
    OrderedJson others = OrderedJson::object();
    for (std::size_t i = 0; i < std::min(cells.size(), found_.header.size()); ++i)
      if (i != c.image && i != c.label && i != c.split && std::ranges::find(c.box, i) == c.box.end() &&
          is_utf8(cells[i]) && is_utf8(found_.header[i]))
        others[found_.header[i]] = cells[i];
    if (!others.empty()) instance.extra = others.dump();
    if (instance.box) marks.instances.push_back(std::move(instance));
  }

  void fill_dialect() {
    nlohmann::json dialect{{"file", found_.file},
                           {"header", found_.header},
                           {"separator", std::string(1, found_.dialect.separator)},
                           {"crlf", found_.dialect.crlf},
                           {"normalised", normalised_},
                           {"names_extension", names_extension()}};
    dialect["folder"] = index_.entries.empty() ? "" : common_folder();
    index_.dialect = dialect.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  }

  bool names_extension() const {
    for (const std::vector<Row>& rows : rows_) {
      const auto cells = texts_of(csv_cells(csv_.read_text(rows[0].offset, rows[0].size), found_.dialect.separator));
      return has_image_extension(cells[found_.columns.image]);
    }
    return true;
  }

  /// What stands before the names in the CSV on disk.
  std::string common_folder() const {
    const auto cells =
        texts_of(csv_cells(csv_.read_text(rows_[0][0].offset, rows_[0][0].size), found_.dialect.separator));
    const std::string name = cells[found_.columns.image].starts_with("./") ? cells[found_.columns.image].substr(2)
                                                                           : cells[found_.columns.image];
    const std::string& id = index_.entries.front().id;
    const std::string_view end = has_image_extension(name) ? std::string_view(id) : without_extension(id);
    return end.ends_with(name) ? std::string(end.substr(0, end.size() - name.size())) : std::string();
  }

  Found found_;
  InputFile csv_;
  std::vector<std::string> images_;
  std::vector<std::string> names_;
  std::vector<std::vector<Row>> rows_;  ///< by Entry::offset
  std::map<std::string, std::string> by_name_;
  std::uint64_t boxes_{};
  bool normalised_{};
};

}  // namespace

std::unique_ptr<DatasetReader> open_boxes(MarkedTree& tree, const OpenOptions& options) {
  auto found = find_csv(tree);
  if (!found || tree.listing.images.empty()) return nullptr;
  MarkedTree own = tree;
  auto reader = std::make_unique<BoxesReader>(own, std::move(*found), options);
  if (reader->index().entries.empty() && !tree.asked_for) return nullptr;
  return reader;
}

}  // namespace leaven::io
