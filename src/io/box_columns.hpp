// Which columns of a CSV hold the boxes of images.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/annotation.hpp"

namespace leaven::io {

struct BoxColumns {
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  enum class Kind : std::uint8_t { corners, corner_and_size, centre_and_size };
  std::size_t image{kNone}, label{kNone}, split{kNone};
  std::array<std::size_t, 4> box{kNone, kNone, kNone, kNone};
  bool one_cell{};  ///< all of `box` are one column, whose cells hold four numbers: "[10, 20, 56, 36]"
  Kind kind{Kind::corners};
};

/// By the header's names: image, label, xmin, ymin, xmax, ymax and their common spellings, or bbox (corner and size, as in
/// COCO). Nothing without an image and four numbers.
std::optional<BoxColumns> box_columns(const std::vector<std::string>& header);

/// The texts of a row's four numbers; all empty where the row has no box.
std::array<std::string, 4> box_texts(const std::vector<std::string>& cells, const BoxColumns& columns);
/// Puts four numbers into a row's cells.
void set_box_texts(std::vector<std::string>& cells, const BoxColumns& columns, const std::array<std::string, 4>& texts);

Box box_from(const std::array<double, 4>& numbers, BoxColumns::Kind kind);
std::array<double, 4> numbers_from(const Box& box, BoxColumns::Kind kind);

}  // namespace leaven::io
