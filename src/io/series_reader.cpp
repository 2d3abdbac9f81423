// Datasets of time series: which files belong together, and what is in them.
#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <utility>

#include "core/error.hpp"
#include "io/csv_rows.hpp"
#include "io/number_text.hpp"
#include "io/series_formats.hpp"

namespace leaven::io {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kLongestLine = std::uint64_t{1} << 26;

SeriesFormat format_of(const fs::path& path, std::string_view asked) {
  if (const auto* found = std::ranges::find(kSeriesFormats, asked); found != kSeriesFormats.end())
    return static_cast<SeriesFormat>(found - kSeriesFormats.begin());
  const std::string_view seen = series_format_of(path);
  return seen.empty() ? SeriesFormat::ucr : format_of(path, seen);
}

class SeriesReader final : public DatasetReader {
 public:
  SeriesReader(const Candidates& files, const OpenOptions& options) {
    auto layout = std::make_shared<SeriesLayout>();
    const fs::path first = files.path(files.files.front());
    layout->format = format_of(first, options.format);
    index_.format = kSeriesFormats[static_cast<std::size_t>(layout->format)];
    require_one_dataset(files);
    const bool several = files.files.size() > 1;
    layout->stem = several ? without_split(first.stem()) : first.stem().string();
    layout->extension = first.extension();
    LabelTable labels;
    for (const std::string& name : files.files) {
      files_.emplace_back(files.path(name));
      layout->files.push_back({name, {}});
      const Split split = several ? split_in_name(fs::path(name).filename().native()) : Split::none;
      add(*layout, labels, options, split);
    }
    index_.labels = labels.take();
    index_.has_splits = several && std::ranges::count(index_.entries, Split::none, &Entry::split) == 0;
    if (!index_.has_splits)
      for (Entry& entry : index_.entries) entry.split = Split::none;
    if (index_.label_kind == LabelKind::none && std::ranges::any_of(index_.labels, [](const auto& l) { return !l.empty(); }))
      index_.label_kind = LabelKind::category;
    finish_index(index_, options);
    describe(*layout);
    index_.series = std::move(layout);
  }

  const DatasetIndex& index() const override { return index_; }
  SourceImage read(const Entry& entry) const override {
    return {files_[entry.container].read_bytes(entry.offset, entry.size), {}};
  }
  std::optional<fs::path> file_of(const Entry&) const override { return std::nullopt; }
  bool stores_pixels() const override { return false; }

 private:
  static void require_one_dataset(const Candidates& files) {
    std::set<std::string> stems;
    for (const std::string& name : files.files) stems.insert(without_split(fs::path(name).stem()));
    if (stems.size() == 1) return;
    throw usage_error(printable(files.root.native()) + ": holds several datasets of series: " + *stems.begin() + " and " + *std::next(stems.begin()))
        .with_hint("name one of the files, or a folder of one dataset");
  }

  void add(SeriesLayout& layout, LabelTable& labels, const OpenOptions& options, Split split) {
    const SeriesIndexer to{index_, layout, labels, options};
    const auto number = static_cast<std::uint32_t>(files_.size() - 1);
    switch (layout.format) {
      case SeriesFormat::ucr: return index_ucr(to, files_.back(), number, split);
      case SeriesFormat::ts: return index_ts(to, files_.back(), number, split);
      case SeriesFormat::wide: return index_wide(to, files_.back(), number, split);
      case SeriesFormat::rows: return index_rows(to, files_.back(), number, split);
      case SeriesFormat::arrays: break;
    }
    throw bug("arrays are no text");
  }

  void describe(const SeriesLayout& layout) {
    index_.description = counted(index_.entries.size(), "series", "series") + " of " +
                         counted(layout.names.size(), "channel", "channels") + ", " +
                         (layout.length > 0 ? "up to " + counted(layout.length, "value", "values") + " each, " : "");
    if (index_.label_kind == LabelKind::category) index_.description += counted(index_.labels.size(), "class", "classes") + ", ";
    index_.description += "format " + index_.format;
    if (index_.has_splits) index_.description += ", " + describe_splits(index_);
  }

  DatasetIndex index_;
  std::vector<InputFile> files_;
};

/// `place`: which series of the file it is, from 0.
void add_entry(const SeriesIndexer& to, const InputFile& file, std::uint32_t number, Split split, std::uint64_t place,
               const LineScanner::Line& line, std::string_view label) {
  to.index.entries.push_back({.id = numbered_id(file.path().filename().native(), place),
                              .label = to.labels.number_of(label),
                              .split = split,
                              .container = number,
                              .offset = line.offset,
                              .size = line.text.size()});
  to.layout.files[number].begins.push_back({line.offset, line.number});
}

bool is_true(const std::vector<std::string_view>& words) { return words.size() > 1 && lower_case(words[1]) == "true"; }

}  // namespace

char series_separator(std::string_view line) {
  if (line.find('\t') != std::string_view::npos) return '\t';
  return line.find(',') != std::string_view::npos ? ',' : ' ';
}

std::vector<std::string_view> series_cells(std::string_view line, char separator) {
  if (separator == ' ') return words_of(line);
  std::vector<std::string_view> cells;
  for (std::size_t begin = 0; begin <= line.size();) {
    const std::size_t end = std::min(line.find(separator, begin), line.size());
    cells.push_back(line.substr(begin, end - begin));
    begin = end + 1;
  }
  return cells;
}

std::string without_split(const std::string& stem) {
  const std::size_t mark = stem.find_last_of("_-.");
  return mark != std::string::npos && mark > 0 && split_from(stem.substr(mark + 1)) ? stem.substr(0, mark) : stem;
}

bool LineScanner::next(Line& line) {
  std::size_t end = buffer_.find('\n', begin_);
  while (end == std::string::npos && !at_end_) {
    if (buffer_.size() - begin_ > kLongestLine)
      throw data_error(printable(file_.path().native()) + ":" + std::to_string(number_ + 1) + ": the line is longer than 64 MiB, and no series");
    buffer_.erase(0, begin_);
    begin_ = 0;
    const std::size_t had = buffer_.size(), more = std::max<std::size_t>(had, 1 << 20);
    buffer_.resize(had + more);
    const std::size_t got = file_.read_some(offset_ + had, std::as_writable_bytes(std::span(buffer_).subspan(had)));
    buffer_.resize(had + got);
    at_end_ = got < more;
    end = buffer_.find('\n', had);
  }
  if (begin_ == buffer_.size()) return false;
  const std::size_t stop = std::min(end, buffer_.size()), after = std::min(stop + 1, buffer_.size());
  line = {std::string_view(buffer_).substr(begin_, stop - begin_), offset_, ++number_};
  offset_ += after - begin_;
  begin_ = after;
  if (line.text.ends_with('\r')) line.text.remove_suffix(1);
  return true;
}

void index_ucr(const SeriesIndexer& to, const InputFile& file, std::uint32_t number, Split split) {
  LineScanner scanner(file);
  SeriesLayout& layout = to.layout;
  std::uint64_t place = 0;
  for (LineScanner::Line line; scanner.next(line);) {
    if (without_blanks(line.text).empty()) continue;
    if (layout.names.empty()) {
      layout.separator = series_separator(line.text);
      layout.names = {"value"};
      layout.places = {-1};
      layout.labelled = true;
      const std::uint64_t end = line.offset + line.text.size();
      layout.crlf = end < file.size() && file.read_text(end, 1) == "\r";
    }
    const auto cells = series_cells(line.text, layout.separator);
    layout.length = std::max(layout.length, cells.size() - 1);
    // "1.0000000e+00" of the older archives is class 1.
    const auto whole = whole_number(cells.front());
    add_entry(to, file, number, split, place++, line, whole ? std::to_string(*whole) : std::string(without_blanks(cells.front())));
  }
}

void index_ts(const SeriesIndexer& to, const InputFile& file, std::uint32_t number, Split split) {
  LineScanner scanner(file);
  SeriesLayout& layout = to.layout;
  const bool first = layout.names.empty();
  std::string head;
  bool data = false;
  std::uint64_t place = 0;
  for (LineScanner::Line line; scanner.next(line);) {
    const std::string_view text = without_blanks(line.text);
    if (!data) {
      head += std::string(line.text) + "\n";
      const auto words = words_of(text);
      const std::string word = words.empty() ? std::string() : lower_case(words.front());
      data = word == "@data";
      if (word == "@timestamps") layout.stamped = is_true(words);
      if (word == "@classlabel" || word == "@targetlabel") {
        layout.labelled = layout.labelled || is_true(words);
        if (word == "@targetlabel" && is_true(words)) to.index.label_kind = LabelKind::number;
        if (word == "@classlabel" && is_true(words)) layout.classes.insert(layout.classes.end(), words.begin() + 2, words.end());
      }
      continue;
    }
    if (text.empty() || text.starts_with('#')) continue;
    const auto channels = static_cast<std::size_t>(std::ranges::count(text, ':')) + (layout.labelled ? 0 : 1);
    if (layout.names.empty())
      for (std::size_t c = 0; c < std::max<std::size_t>(channels, 1); ++c) {
        layout.names.push_back("channel_" + std::to_string(c + 1));
        layout.places.push_back(-1);
      }
    const std::size_t colon = text.rfind(':');
    const bool labelled = layout.labelled && colon != std::string_view::npos;
    add_entry(to, file, number, split, place++, line, labelled ? without_blanks(text.substr(colon + 1)) : std::string_view());
  }
  if (!data) throw data_error(printable(file.path().native()) + ": has no line @data");
  if (first) layout.head = std::move(head);
}

std::vector<std::string> series_files(const Candidates& candidates, std::string_view format) {
  std::vector<std::string> found;
  for (const std::string& file : candidates.files) {
    const fs::path path = candidates.path(file);
    const std::string extension = lower_case(path.extension().native());
    const bool alone = candidates.files.size() == 1;
    if (format.empty()) {
      if (looks_like_series(path) && (alone || split_in_name(path.filename().native()) != Split::none)) found.push_back(file);
    } else if (alone || extension == ".ts" || extension == ".tsv" || extension == ".txt" || extension == ".csv") {
      if ((format == "ts") == (extension == ".ts") || alone) found.push_back(file);
    }
  }
  return found;
}

std::unique_ptr<DatasetReader> open_series(const Candidates& files, const OpenOptions& options) {
  const bool arrays = options.format.empty() && series_format_of(files.path(files.files.front())) == "series_npz";
  return arrays ? open_series_npz(files, options) : std::make_unique<SeriesReader>(files, options);
}

}  // namespace leaven::io
