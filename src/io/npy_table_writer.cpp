// Tables as NumPy arrays.
#include <zlib.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <span>
#include <utility>

#include "core/error.hpp"
#include "core/utf8.hpp"
#include "io/atomic_file.hpp"
#include "io/npy.hpp"
#include "io/npy_table.hpp"
#include "io/packed_labels.hpp"
#include "io/zip_writer.hpp"

namespace leaven::io {

namespace fs = std::filesystem;

namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

/// The cells of one column of the file, as they come.
struct Cells {
  std::string name{};
  std::vector<double> numbers{};         ///< of floats, and of integers where some is missing
  std::vector<std::int64_t> wholes{};    ///< of integers; unsigned ones bit by bit
  std::vector<std::string> texts{};
};

bool is_whole(char kind) { return kind == 'i' || kind == 'u' || kind == 'b'; }

double number_of(const Column& column, std::size_t row) {
  if (column.null[row] != 0) return kMissing;
  if (column.type != Column::Type::text) return column.number[row];
  double value = kMissing;
  std::from_chars(column.text[row].data(), column.text[row].data() + column.text[row].size(), value);
  return value;
}

std::int64_t whole_of(const Column& column, std::size_t row, char kind) {
  if (column.null[row] != 0) return 0;
  if (column.type != Column::Type::text && column.changed[row] != 0) return std::llround(column.number[row]);
  const std::string& text = column.text[row];
  std::int64_t value = 0;
  std::uint64_t positive = 0;
  if (kind == 'u') std::from_chars(text.data(), text.data() + text.size(), positive), std::memcpy(&value, &positive, sizeof value);
  else std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

template <class T>
void append_as(std::string& to, T value) {
  to.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void append_number(std::string& to, double value, std::uint64_t bytes) {
  if (bytes == 4) append_as(to, static_cast<float>(value));
  else append_as(to, value);
}

class NpyTableWriter final : public TableWriter {
 public:
  NpyTableWriter(fs::path file, std::vector<NpyColumns> arrays, std::string names_array, bool npz)
      : file_(std::move(file)), arrays_(std::move(arrays)), names_array_(std::move(names_array)), npz_(npz) {}

  void write(const Block& block) override {
    if (cells_.empty()) begin(block);
    std::size_t c = 0;
    for (const NpyColumns& array : arrays_)
      for (std::size_t i = 0; i < array.columns; ++i, ++c) {
        const Column& column = block.columns.at(c);
        for (std::size_t r = 0; r < block.rows; ++r) add(array, cells_[c], column, r);
      }
    rows_ += block.rows;
  }

  void finish() override {
    std::string bytes;
    if (!npz_) {
      bytes = bytes_of(0, arrays_[0]);
    } else {
      std::vector<StoredMember> members;
      std::size_t c = 0;
      for (const NpyColumns& array : arrays_) {
        append(bytes, members, array.name, bytes_of(c, array));
        c += array.columns;
      }
      if (!names_array_.empty()) append(bytes, members, names_array_, names_bytes());
      bytes += zip_directory(members, bytes.size());
    }
    write_file_atomically(file_, bytes);
  }

 private:
  /// Columns that steps added come behind.
  void begin(const Block& block) {
    std::size_t known = 0;
    for (const NpyColumns& array : arrays_) known += array.columns;
    for (std::size_t c = known; c < block.columns.size(); ++c) {
      const bool number = block.columns[c].type != Column::Type::text || block.columns[c].kind == ColumnKind::boolean;
      if (npz_) arrays_.push_back({block.columns[c].name, number ? 'f' : 'U', 8, false, 1});
      else ++arrays_[0].columns;
    }
    for (const Column& column : block.columns) cells_.push_back({column.name, {}, {}, {}});
  }

  static void add(const NpyColumns& array, Cells& to, const Column& column, std::size_t row) {
    if (array.kind == 'U' || array.kind == 'S') return to.texts.push_back(cell_text(column, row));
    if (!is_whole(array.kind)) return to.numbers.push_back(number_of(column, row));
    to.wholes.push_back(whole_of(column, row, array.kind));
    // Kept beside only from the first cell on that no integer can hold.
    const double number = number_of(column, row);
    const bool whole = column.null[row] == 0 && (column.changed[row] == 0 || column.type == Column::Type::text || number == std::nearbyint(number));
    if (whole && to.numbers.empty()) return;
    if (to.numbers.empty())
      for (std::size_t i = 0; i + 1 < to.wholes.size(); ++i) to.numbers.push_back(static_cast<double>(to.wholes[i]));
    to.numbers.push_back(number);
  }

  std::string bytes_of(std::size_t first, const NpyColumns& array) const {
    const auto columns = cells_.empty() ? std::span<const Cells>() : std::span(cells_).subspan(first, array.columns);
    if (array.kind == 'U' || array.kind == 'S') return text_npy(columns.empty() ? std::vector<std::string>() : columns[0].texts);
    const bool floats = !is_whole(array.kind) || std::ranges::any_of(columns, [](const Cells& c) { return !c.numbers.empty(); });
    const std::uint64_t size = is_whole(array.kind) && floats ? 8 : array.item_bytes;
    const std::string type = floats ? "f" : std::string(1, array.kind);
    std::string bytes = npy_header((size == 1 ? "|" : "<") + type + std::to_string(size), rows_, array.matrix ? std::vector<std::uint64_t>{array.columns} : std::vector<std::uint64_t>{});
    for (std::size_t r = 0; r < rows_; ++r)
      for (const Cells& cells : columns) {
        if (!floats) bytes.append(reinterpret_cast<const char*>(&cells.wholes[r]), size);  // little end first
        else append_number(bytes, cells.numbers.empty() ? static_cast<double>(cells.wholes[r]) : cells.numbers[r], size);
      }
    return bytes;
  }

  std::string names_bytes() const {
    std::vector<std::string> names;
    std::size_t c = 0;
    for (const NpyColumns& array : arrays_) {
      for (std::size_t i = 0; i < array.columns && array.matrix && c + i < cells_.size(); ++i) names.push_back(cells_[c + i].name);
      c += array.columns;
    }
    return text_npy(names);
  }

  static void append(std::string& to, std::vector<StoredMember>& members, const std::string& name, const std::string& content) {
    const auto crc = static_cast<std::uint32_t>(::crc32_z(0, reinterpret_cast<const Bytef*>(content.data()), content.size()));
    const StoredMember member{name + ".npy", to.size(), content.size(), crc};
    to += zip_local_record(member);
    to += content;
    members.push_back(member);
  }

  fs::path file_;
  std::vector<NpyColumns> arrays_;
  std::string names_array_;
  bool npz_{};
  std::vector<Cells> cells_{};
  std::size_t rows_{};
};

}  // namespace

std::unique_ptr<TableWriter> create_npy_table(const fs::path& file, std::vector<NpyColumns> arrays, std::string names_array, bool npz) {
  return std::make_unique<NpyTableWriter>(file, std::move(arrays), std::move(names_array), npz);
}

}  // namespace leaven::io
