#include "io/npy_table.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "core/error.hpp"
#include "io/csv_table.hpp"
#include "io/npy.hpp"
#include "io/tree_walk.hpp"

namespace leaven::io {

namespace fs = std::filesystem;

namespace {

constexpr std::array<std::string_view, 3> kNamesArrays{"columns", "feature_names", "names"};

bool is_number(const NpyHeader& header) { return (header.kind == 'f' && header.item_bytes >= 4) || header.kind == 'u' || header.kind == 'i' || header.kind == 'b'; }
bool is_text(const NpyHeader& header) { return header.kind == 'U' || header.kind == 'S'; }

struct Arrays {
  std::vector<NpyArray> columns{};
  std::optional<NpyArray> names{};
  std::uint64_t rows{};
};

/// Nothing where some array is of another kind.
std::optional<Arrays> table_arrays(const fs::path& file) {
  Arrays found;
  bool matrix = false, numbers = false;
  for (NpyArray& array : npy_arrays(file)) {
    const NpyHeader& h = array.header;
    if (is_text(h) && h.shape.size() == 1 && std::ranges::find(kNamesArrays, array.name) != kNamesArrays.end()) {
      found.names = std::move(array);
      continue;
    }
    const bool fits = (h.shape.size() == 2 && is_number(h) && !matrix) || (h.shape.size() == 1 && (is_number(h) || is_text(h)));
    if (!fits || (!found.columns.empty() && h.shape[0] != found.rows)) return std::nullopt;
    matrix |= h.shape.size() == 2;
    numbers |= is_number(h);
    found.rows = h.shape[0];
    found.columns.push_back(std::move(array));
  }
  if (!numbers || (!matrix && found.columns.size() < 2)) return std::nullopt;
  return found;
}

class NpyTable final : public TableReader {
 public:
  NpyTable(const fs::path& file, const TableRules& rules) : file_(file), rules_(rules) {
    auto arrays = table_arrays(file);
    if (!arrays) throw usage_error(printable(file.native()) + ": is no table: it needs arrays of one length, one of them rows × columns of numbers or one for each column");
    arrays_ = std::move(*arrays);
    if (arrays_.rows == 0) throw usage_error(printable(file.native()) + ": holds no row");
    name_columns();
    look_at_all_rows();
  }

  const BlockShape& shape() const override { return shape_; }
  std::uint64_t rows() const override { return arrays_.rows; }
  const std::vector<ColumnProfile>& profiles() const override { return profiles_; }
  const std::vector<BadRow>& bad_rows() const override { return bad_; }
  std::string description() const override { return "NumPy, " + std::to_string(arrays_.columns.size()) + (arrays_.columns.size() == 1 ? " array" : " arrays"); }

  std::unique_ptr<TableWriter> create(const fs::path& file) const override {
    std::vector<NpyColumns> columns;
    for (const NpyArray& array : arrays_.columns) {
      const NpyHeader& h = array.header;
      columns.push_back({array.name, h.kind, h.item_bytes, h.shape.size() == 2, h.shape.size() == 2 ? static_cast<std::size_t>(h.shape[1]) : 1});
    }
    return create_npy_table(file, std::move(columns), arrays_.names ? arrays_.names->name : "", lower_extension(file_.filename().native()) == "npz");
  }

  Block read(std::uint64_t first, std::size_t most) const override {
    Block block{.first = first, .rows = first >= rows() ? 0 : static_cast<std::size_t>(std::min<std::uint64_t>(most, rows() - first))};
    for (const ColumnProfile& profile : profiles_) block.columns.push_back(empty_column(profile, block.rows));
    std::size_t c = 0;
    for (const NpyArray& array : arrays_.columns)
      for_each_column(array, first, block.rows, [&](std::vector<std::string>&& texts) {
        Column& column = block.columns[c++];
        column.text = std::move(texts);
        for (std::size_t r = 0; r < block.rows; ++r) set_cell_number(column, r, column.text[r], rules_);
      });
    return block;
  }

 private:
  /// NaN is how arrays say that a cell is missing, whatever the column turns out to be.
  static std::vector<std::string> texts_of(const NpyArray& array, std::uint64_t first, std::uint64_t count) {
    std::vector<std::string> texts = npy_texts(array, first, count);
    if (array.header.kind == 'f')
      for (std::string& text : texts)
        if (text == "nan" || text == "-nan") text.clear();
    return texts;
  }

  /// visit(texts) for each column of the array, in order.
  template <class Visit>
  static void for_each_column(const NpyArray& array, std::uint64_t first, std::size_t rows, const Visit& visit) {
    const NpyHeader& h = array.header;
    const std::uint64_t columns = h.shape.size() == 2 ? h.shape[1] : 1;
    if (h.shape.size() == 1 || h.fortran) {
      for (std::uint64_t c = 0; c < columns; ++c) visit(texts_of(array, c * h.shape[0] + first, rows));
      return;
    }
    std::vector<std::string> all = texts_of(array, first * columns, rows * columns);
    for (std::uint64_t c = 0; c < columns; ++c) {
      std::vector<std::string> texts(rows);
      for (std::size_t r = 0; r < rows; ++r) texts[r] = std::move(all[r * columns + c]);
      visit(std::move(texts));
    }
  }

  void name_columns() {
    for (const NpyArray& array : arrays_.columns) {
      const NpyHeader& h = array.header;
      if (h.shape.size() == 1) {
        shape_.columns.push_back({array.name, Column::Type::text});
        continue;
      }
      const bool named = arrays_.names && arrays_.names->header.shape[0] == h.shape[1];
      const std::vector<std::string> names = named ? npy_texts(*arrays_.names, 0, h.shape[1]) : std::vector<std::string>();
      if (!named) arrays_.names.reset();
      for (std::uint64_t c = 0; c < h.shape[1]; ++c) shape_.columns.push_back({named ? names[c] : "column_" + std::to_string(c + 1), Column::Type::text});
    }
    require_known_columns(printable(file_.native()), shape_, rules_);
  }

  void look_at_all_rows() {
    constexpr std::size_t kRowsAtATime = 4096;
    constexpr int kPlaces = 15;  // a decimal is written as a float, whole
    std::vector<ColumnGuess> guesses;
    for (const auto& column : shape_.columns) guesses.emplace_back(column.name, rules_, false);
    for (std::uint64_t first = 0; first < rows(); first += kRowsAtATime) {
      const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(kRowsAtATime, rows() - first));
      std::size_t c = 0;
      for (const NpyArray& array : arrays_.columns)
        for_each_column(array, first, count, [&](const std::vector<std::string>& texts) {
          for (std::size_t r = 0; r < texts.size(); ++r)
            if (is_text(array.header)) guesses[c].see_word(texts[r], first + r + 1);
            else guesses[c].see(texts[r], first + r + 1);
          ++c;
        });
    }
    for (const ColumnGuess& guess : guesses) profiles_.push_back(guess.profile());
    std::size_t c = 0;
    for (const NpyArray& array : arrays_.columns)
      for (std::uint64_t i = 0; i < (array.header.shape.size() == 2 ? array.header.shape[1] : 1); ++i, ++c)
        if (array.header.kind == 'f' && !profiles_[c].told && !is_target_of_classes(profiles_[c])) profiles_[c].kind = ColumnKind::decimal, profiles_[c].places = kPlaces;
    mark_target(profiles_, rules_);
    for (std::size_t i = 0; i < profiles_.size(); ++i)
      shape_.columns[i] = {profiles_[i].name, profiles_[i].type(), profiles_[i].kind, profiles_[i].target};
  }

  /// Classes are often saved as floats: 0.0, 1.0.
  bool is_target_of_classes(const ColumnProfile& profile) const {
    std::vector<ColumnProfile> one{profile};
    mark_target(one, profile.name == rules_.target ? rules_ : TableRules{});
    return one[0].target && one[0].kind != ColumnKind::decimal;
  }

  fs::path file_;
  TableRules rules_;
  Arrays arrays_;
  BlockShape shape_;
  std::vector<ColumnProfile> profiles_;
  std::vector<BadRow> bad_;
};

}  // namespace

bool looks_like_npy_table(const fs::path& file) {
  const std::string extension = lower_extension(file.filename().native());
  if (extension != "npz" && extension != "npy") return false;
  try {
    return table_arrays(file).has_value();
  } catch (const Error&) {
    return false;  // whoever opens it as images says what is wrong with it
  }
}

std::unique_ptr<TableReader> open_npy_table(const fs::path& file, const TableRules& rules) {
  std::error_code error;
  if (!fs::exists(file, error)) throw usage_error(printable(file.native()) + ": does not exist");
  return std::make_unique<NpyTable>(file, rules);
}

}  // namespace leaven::io
