// One row of a YOLO label file: a class and a box, polygon, rotated box or box with keypoints, in parts of the image.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "io/mender.hpp"
#include "io/yolo_config.hpp"

namespace leaven::io {

/// What rows look like in a dataset.
struct YoloRows {
  YoloKind kind{YoloKind::detect};
  std::size_t keypoints{}, dimensions{};
};

/// Whether every row with something in it starts with a class and goes on with numbers as a label file does; `lengths`
/// gets the count of numbers of each.
bool looks_like_yolo_labels(std::string_view text, std::vector<std::size_t>& lengths);

/// Throws Error(data), without a place, for what is no such row. `categories`: how many there are.
void read_yolo_row(std::string_view line, const YoloRows& rows, std::size_t categories, Size image, Mender& mender,
                   Annotations& to);
/// With its line's end. Numbers have 6 decimals, as the format's own tools write them.
std::string write_yolo_row(const Instance& instance, const YoloRows& rows, Size image);

}  // namespace leaven::io
