// Tables as JSON Lines: one object a line, a column a key.
#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <span>

#include "core/error.hpp"
#include "core/op.hpp"
#include "io/atomic_file.hpp"
#include "io/cell_number.hpp"
#include "io/csv_table.hpp"
#include "io/repaired_number.hpp"

namespace leaven::io {

namespace fs = std::filesystem;

namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint64_t kRowsBetweenMarks = 4096;
constexpr std::size_t kChunk = 1 << 20, kLongestLine = 64 << 20;  // bytes

/// One value as it stands in the line: numbers keep their digits.
struct Value {
  std::string text{};
  bool null{}, string{};
  std::string before{};  ///< what stood there before it was repaired
};
using Values = std::vector<std::pair<std::string, Value>>;

/// Takes a line apart as it is parsed, so that no number passes through a double.
class LineReader : public nlohmann::json_sax<Json> {
 public:
  Values values{};
  bool is_object{}, nested{};
  std::string error{};
  std::size_t error_place{};  ///< character, from 1

  bool null() override { return put({"null", true, false}); }
  bool boolean(bool value) override { return put({value ? "true" : "false", false, false}); }
  bool number_integer(number_integer_t value) override { return put({std::to_string(value), false, false}); }
  bool number_unsigned(number_unsigned_t value) override { return put({std::to_string(value), false, false}); }
  bool number_float(number_float_t, const string_t& text) override { return put({text, false, false}); }
  bool string(string_t& text) override { return put({text, false, true}); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(true); }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(false); }
  bool end_array() override { return close(); }
  bool key(string_t& name) override {
    if (depth_ == 1) key_ = name;
    return true;
  }
  bool parse_error(std::size_t place, const std::string&, const nlohmann::detail::exception& e) override {
    error = e.what();
    error_place = place;
    return false;
  }

 private:
  bool put(Value value) {
    if (depth_ == 1) values.emplace_back(key_, std::move(value));
    return true;
  }
  bool open(bool object) {
    if (depth_ == 0) is_object = object;
    nested |= depth_ == 1;
    if (depth_ == 1) values.emplace_back(key_, Value{});  // filled in from a second parse
    ++depth_;
    return true;
  }
  bool close() {
    --depth_;
    return true;
  }

  int depth_{};
  std::string key_{};
};

std::string no_json(std::string_view line, const LineReader& reader) {
  const std::string_view there = line.substr(std::min(line.size(), std::max<std::size_t>(reader.error_place, 1) - 1));
  if (there.starts_with("NaN") || there.starts_with("Inf"))
    return "the line is no JSON: column " + std::to_string(reader.error_place) + " says NaN or Infinity, which JSON does not know (a missing value is null)";
  constexpr std::string_view kBefore = "parse error at line 1, ";
  std::string why = reader.error.substr(reader.error.find("] ") + 2);
  if (why.starts_with(kBefore)) why.erase(0, kBefore.size());
  return "the line is no JSON: " + why;
}

/// Empty where all keys differ.
std::string repeated_key(const Values& values) {
  std::vector<std::string_view> keys;
  for (const auto& [key, value] : values) keys.push_back(key);
  std::ranges::sort(keys);
  const auto twice = std::ranges::adjacent_find(keys);
  return twice == keys.end() ? std::string() : "key " + std::string(*twice) + " stands twice in the line";
}

/// Empty, or why the line is no row.
std::string take_apart(std::string_view line, Values& values) {
  LineReader reader;
  const bool parsed = Json::sax_parse(line.begin(), line.end(), &reader);
  if (!parsed) return no_json(line, reader);
  if (!reader.is_object) return "the line is no JSON object";
  if (std::string twice = repeated_key(reader.values); !twice.empty()) return twice;
  if (reader.nested) {
    const Json json = Json::parse(line.begin(), line.end());
    for (auto& [key, value] : reader.values)
      if (value.text.empty() && !value.null && !value.string) value.text = json.at(key).dump();
  }
  values = std::move(reader.values);
  return {};
}

/// The lines of a file from any line's start on.
class FileLines {
 public:
  FileLines(const InputFile& file, std::uint64_t offset, std::uint64_t line) : file_(file), offset_(offset), line_(line) {}

  /// False at the end; empty lines are passed by.
  bool next(std::string_view& text) {
    do {
      if (!cut(text)) return false;
    } while (text.find_first_not_of(" \t\r") == std::string_view::npos);
    return true;
  }
  std::uint64_t start() const { return start_; }  ///< offset of the line that next() gave
  std::uint64_t number() const { return line_ - 1; }

 private:
  bool cut(std::string_view& text) {
    std::size_t end = buffer_.find('\n', begin_);
    while (end == std::string::npos && !at_end_) {
      if (buffer_.size() - begin_ > kLongestLine)
        throw data_error(printable(file_.path().native()) + ":" + std::to_string(line_) + ": the line is longer than 64 MB");
      const std::size_t searched = buffer_.size() - begin_;
      buffer_.erase(0, begin_);
      offset_ += begin_;
      begin_ = 0;
      const std::size_t kept = buffer_.size();
      buffer_.resize(kept + std::max(kChunk, kept));
      const std::size_t got = file_.read_some(offset_ + kept, std::as_writable_bytes(std::span(buffer_).subspan(kept)));
      at_end_ = kept + got < buffer_.size();
      buffer_.resize(kept + got);
      end = buffer_.find('\n', searched);
    }
    if (end == std::string::npos) end = buffer_.size();
    if (begin_ >= buffer_.size()) return false;
    text = std::string_view(buffer_).substr(begin_, end - begin_);
    start_ = offset_ + begin_;
    begin_ = std::min(end + 1, buffer_.size());
    ++line_;
    return true;
  }

  const InputFile& file_;
  std::string buffer_{};
  std::size_t begin_{};
  std::uint64_t offset_, start_{}, line_;
  bool at_end_{};
};

class JsonlWriter final : public TableWriter {
 public:
  explicit JsonlWriter(const fs::path& path) : file_(path) { file_.cut(0); }
  ~JsonlWriter() override {
    if (!finished_) file_.discard();
  }
  JsonlWriter(const JsonlWriter&) = delete;
  JsonlWriter& operator=(const JsonlWriter&) = delete;

  void write(const Block& block) override {
    std::string text;
    for (std::size_t row = 0; row < block.rows; ++row) {
      text += '{';
      bool first = true;
      for (const Column& column : block.columns) {
        const std::string value = value_of(column, row);
        if (value.empty()) continue;
        text += (first ? "" : ",") + quoted(column.name) + ":" + value;
        first = false;
      }
      text += "}\n";
    }
    file_.append(text);
  }
  void finish() override {
    file_.publish();
    finished_ = true;
  }

 private:
  static std::string quoted(const std::string& text) { return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace); }
  /// A number or true or false, as it may have stood in a column of words.
  static bool is_bare(const std::string& text) {
    const CellKind kind = cell_number(text).kind;
    return kind == CellKind::integer || kind == CellKind::decimal || text == "true" || text == "false";
  }
  /// Empty where the line had no such key.
  static std::string value_of(const Column& column, std::size_t row) {
    const bool string = !column.quoted.empty() && column.quoted[row] != 0;
    if (column.changed[row] == 0) return string ? quoted(column.text[row]) : column.text[row];
    if (column.null[row] != 0) return "null";
    if (column.type == Column::Type::text) return string || !is_bare(column.text[row]) ? quoted(column.text[row]) : column.text[row];
    return std::isfinite(column.number[row]) ? cell_text(column, row) : "null";
  }

  GrowingFile file_;
  bool finished_{};
};

class JsonlTable final : public TableReader {
 public:
  JsonlTable(const fs::path& path, const TableRules& rules) : rules_(rules), file_(path) { look_at_all_lines(); }

  const BlockShape& shape() const override { return shape_; }
  std::uint64_t rows() const override { return rows_; }
  const std::vector<ColumnProfile>& profiles() const override { return profiles_; }
  const std::vector<BadRow>& bad_rows() const override { return bad_; }
  std::string description() const override { return "JSON Lines"; }
  std::unique_ptr<TableWriter> create(const fs::path& file) const override { return std::make_unique<JsonlWriter>(file); }

  Block read(std::uint64_t first, std::size_t most) const override {
    Block block{.first = first, .rows = first >= rows_ ? 0 : static_cast<std::size_t>(std::min<std::uint64_t>(most, rows_ - first))};
    for (const ColumnProfile& profile : profiles_) {
      block.columns.push_back(empty_column(profile, block.rows));
      std::ranges::fill(block.columns.back().null, std::uint8_t{1});
    }
    if (block.rows == 0) return block;
    const auto& [offset, line] = marks_[first / kRowsBetweenMarks];
    FileLines lines(file_, offset, line);
    Values values;
    for (std::uint64_t skip = first % kRowsBetweenMarks; skip > 0; --skip) next_good(lines, values);
    for (std::size_t r = 0; r < block.rows; ++r) {
      if (!next_good(lines, values)) throw data_error(printable(file_.path().native()) + ": has fewer rows than when it was opened; it has been changed");
      for (const auto& [key, value] : values) {
        Column& column = block.columns[place_.at(key)];
        column.text[r] = value.text;
        column.quoted[r] = value.string ? 1 : 0;
        column.null[r] = value.null ? 1 : 0;
        if (!value.null) set_cell_number(column, r, column.text[r], rules_);
        column.changed[r] = value.before.empty() ? 0 : 1;
      }
    }
    return block;
  }

 private:
  bool next_good(FileLines& lines, Values& values) const {
    std::string_view line;
    while (lines.next(line))
      if (problem_of(line, values).empty()) return true;
    return false;
  }

  bool is_told_number(const std::string& key) const {
    const auto told = rules_.kinds.find(key);
    return told != rules_.kinds.end() && storage_of(told->second) != Column::Type::text;
  }

  void repair(Value& value) const {
    if (!rules_.repair || value.null || is_missing_word(value.text, rules_) || cell_number(value.text).kind != CellKind::text) return;
    std::string repaired = repaired_number(value.text, rules_.decimal_comma.value_or(false) ? Comma::decimal : Comma::groups, '.');
    if (!repaired.empty()) value.before = std::exchange(value.text, std::move(repaired)), value.string = false;
  }

  /// Why the line is no row; empty: `values` are the row's.
  std::string problem_of(std::string_view line, Values& values) const {
    if (std::string problem = take_apart(line, values); !problem.empty()) return problem;
    for (auto& [key, value] : values) {
      if (value.null || !is_told_number(key)) continue;
      repair(value);
      const CellKind kind = cell_number(value.text).kind;
      const bool whole = rules_.kinds.at(key) == ColumnKind::integer;
      if (kind == CellKind::text || (whole && kind == CellKind::decimal))
        return key + " must be a " + (whole ? "whole number" : "number") + ", got " + printable(value.text.substr(0, 60));
    }
    return {};
  }

  void look_at_all_lines() {
    std::vector<ColumnGuess> guesses;
    std::vector<std::uint64_t> seen;  // rows that had the key
    std::vector<ColumnProfile::Repaired> repaired;
    FileLines lines(file_, 0, 1);
    std::string_view line;
    Values values;
    while (lines.next(line)) {
      if (std::string problem = problem_of(line, values); !problem.empty()) {
        bad_.push_back({lines.number(), std::move(problem)});
        continue;
      }
      if (rows_ % kRowsBetweenMarks == 0) marks_.emplace_back(lines.start(), lines.number());
      ++rows_;
      for (const auto& [key, value] : values) {
        const auto [at, added] = place_.try_emplace(key, guesses.size());
        if (added) {
          guesses.emplace_back(key, rules_, false);
          seen.push_back(0);
          repaired.emplace_back();
          shape_.columns.push_back({key, Column::Type::text});
        }
        ++seen[at->second];
        if (!value.before.empty() && repaired[at->second].cells++ == 0) repaired[at->second] = {1, lines.number(), value.before};
        if (value.string && !is_told_number(key)) guesses[at->second].see_word(value.text, lines.number());
        else guesses[at->second].see(value.null ? std::string_view() : std::string_view(value.text), lines.number());
      }
    }
    if (shape_.columns.empty() && !bad_.empty())
      throw data_error(printable(file_.path().native()) + ":" + std::to_string(bad_[0].line) + ": " + bad_[0].reason)
          .with_hint("and no other line is a row either");
    if (shape_.columns.empty()) throw usage_error(printable(file_.path().native()) + ": holds no row");
    for (std::size_t c = 0; c < guesses.size(); ++c) {
      for (std::uint64_t r = seen[c]; r < rows_; ++r) guesses[c].see({}, 0);  // lines without the key
      profiles_.push_back(guesses[c].profile());
      profiles_.back().repaired = repaired[c];
    }
    require_known_columns(printable(file_.path().native()), shape_, rules_);
    mark_target(profiles_, rules_);
    for (std::size_t c = 0; c < profiles_.size(); ++c)
      shape_.columns[c] = {profiles_[c].name, profiles_[c].type(), profiles_[c].kind, profiles_[c].target};
  }

  TableRules rules_;
  InputFile file_;
  BlockShape shape_;
  std::map<std::string, std::size_t> place_;
  std::vector<ColumnProfile> profiles_;
  std::uint64_t rows_{};
  std::vector<std::pair<std::uint64_t, std::uint64_t>> marks_;  ///< offset and number of a line
  std::vector<BadRow> bad_;
};

}  // namespace

std::unique_ptr<TableReader> open_jsonl(const fs::path& file, const TableRules& rules) {
  std::error_code error;
  if (!fs::exists(file, error)) throw usage_error(printable(file.native()) + ": does not exist");
  return std::make_unique<JsonlTable>(file, rules);
}

}  // namespace leaven::io
