#include "io/box_columns.hpp"

#include <algorithm>
#include <span>

#include "io/csv_rows.hpp"
#include "io/file.hpp"
#include "io/number_text.hpp"

namespace leaven::io {

namespace {

using Names = std::span<const std::string_view>;

/// "X Min", "x_min", "bbox-xmin" → "xmin", "xmin", "bboxxmin".
std::string plain(const std::string& name) {
  std::string text = lower_case(without_blanks(name));
  std::erase_if(text, [](char c) { return c == '_' || c == '-' || c == ' ' || c == '.'; });
  return text;
}

std::size_t column(const std::vector<std::string>& header, Names names) {
  for (const std::string_view name : names) {
    const auto found = std::ranges::find(header, name);
    if (found != header.end()) return static_cast<std::size_t>(found - header.begin());
  }
  return BoxColumns::kNone;
}

}  // namespace

std::optional<BoxColumns> box_columns(const std::vector<std::string>& header) {
  static constexpr std::string_view kImage[]{"image", "filename",  "imagepath", "imgpath", "path", "filepath",
                                             "file",  "imagename", "imageid",   "img",     "name"};
  static constexpr std::string_view kLabel[]{"label",        "class",  "classname", "labelname", "category",
                                             "categoryname", "object", "name",      "classid"};
  static constexpr std::string_view kSplit[]{"split", "subset", "partition"};
  static constexpr std::string_view kXmin[]{"xmin", "x1", "minx", "left", "bboxxmin", "bboxx1", "xleft"},
      kYmin[]{"ymin", "y1", "miny", "top", "bboxymin", "bboxy1", "ytop"};
  static constexpr std::string_view kXmax[]{"xmax", "x2", "maxx", "right", "bboxxmax", "bboxx2", "xright"},
      kYmax[]{"ymax", "y2", "maxy", "bottom", "bboxymax", "bboxy2", "ybottom"};
  static constexpr std::string_view kX[]{"x", "bboxx", "left", "xmin", "x1"}, kY[]{"y", "bboxy", "top", "ymin", "y1"};
  static constexpr std::string_view kCx[]{"xcenter", "xcentre", "cx", "centerx"},
      kCy[]{"ycenter", "ycentre", "cy", "centery"};
  static constexpr std::string_view kW[]{"bboxwidth", "bboxw", "boxwidth", "w", "width"},
      kH[]{"bboxheight", "bboxh", "boxheight", "h", "height"};
  static constexpr std::string_view kBox[]{"bbox", "box", "boundingbox"};
  std::vector<std::string> names;
  for (const std::string& name : header) names.push_back(plain(name));
  BoxColumns columns;
  columns.image = column(names, kImage);
  columns.label = column(names, kLabel);
  columns.split = column(names, kSplit);
  if (columns.image == BoxColumns::kNone) return std::nullopt;
  if (columns.label == columns.image) columns.label = BoxColumns::kNone;
  const auto with = [&](Names a, Names b, Names c, Names d, BoxColumns::Kind kind) {
    columns.box = {column(names, a), column(names, b), column(names, c), column(names, d)};
    columns.kind = kind;
    return std::ranges::find(columns.box, BoxColumns::kNone) == columns.box.end();
  };
  if (with(kXmin, kYmin, kXmax, kYmax, BoxColumns::Kind::corners) ||
      with(kCx, kCy, kW, kH, BoxColumns::Kind::centre_and_size) ||
      with(kX, kY, kW, kH, BoxColumns::Kind::corner_and_size))
    return columns;
  const std::size_t cell = column(names, kBox);
  if (cell == BoxColumns::kNone) return std::nullopt;
  columns.box.fill(cell);
  columns.one_cell = true;
  columns.kind = BoxColumns::Kind::corner_and_size;
  return columns;
}

std::array<std::string, 4> box_texts(const std::vector<std::string>& cells, const BoxColumns& columns) {
  std::array<std::string, 4> texts;
  const auto cell = [&](std::size_t i) { return columns.box[i] < cells.size() ? cells[columns.box[i]] : std::string(); };
  if (!columns.one_cell) {
    for (std::size_t i = 0; i < 4; ++i) texts[i] = cell(i);
    return texts;
  }
  std::string all = cell(0);
  std::ranges::replace_if(all, [](char c) { return std::string_view("[](){},;").find(c) != std::string_view::npos; }, ' ');
  const std::vector<std::string_view> words = words_of(all);
  if (words.size() != 4) return {all, "", "", ""};  // no four numbers: says so where they are read, if it says anything
  std::ranges::copy(words, texts.begin());
  return texts;
}

void set_box_texts(std::vector<std::string>& cells, const BoxColumns& columns, const std::array<std::string, 4>& texts) {
  for (std::size_t i = 0; i < 4; ++i) {
    std::string& cell = cells[columns.box[i]];
    if (!columns.one_cell)
      cell = texts[i];
    else
      cell += (i == 0 ? "[" : ", ") + texts[i] + (i == 3 ? "]" : "");
  }
}

Box box_from(const std::array<double, 4>& n, BoxColumns::Kind kind) {
  switch (kind) {
    case BoxColumns::Kind::corners: return {n[0], n[1], n[2], n[3]};
    case BoxColumns::Kind::corner_and_size: return {n[0], n[1], n[0] + n[2], n[1] + n[3]};
    case BoxColumns::Kind::centre_and_size: return {n[0] - n[2] / 2, n[1] - n[3] / 2, n[0] + n[2] / 2, n[1] + n[3] / 2};
  }
  return {};
}

std::array<double, 4> numbers_from(const Box& b, BoxColumns::Kind kind) {
  switch (kind) {
    case BoxColumns::Kind::corners: return {b.left, b.top, b.right, b.bottom};
    case BoxColumns::Kind::corner_and_size: return {b.left, b.top, b.width(), b.height()};
    case BoxColumns::Kind::centre_and_size:
      return {(b.left + b.right) / 2, (b.top + b.bottom) / 2, b.width(), b.height()};
  }
  return {};
}

}  // namespace leaven::io
