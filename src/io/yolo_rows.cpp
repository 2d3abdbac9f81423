#include "io/yolo_rows.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "io/number_text.hpp"
#include "io/outline_shapes.hpp"

namespace leaven::io {

namespace {

constexpr int kPlaces = 6;
constexpr double kSlack = 0.01;  // of a side: further out, numbers are no parts of an image

using Numbers = std::vector<double>;

Numbers numbers_of(std::string_view line) {
  Numbers numbers;
  for (const std::string_view word : words_of(line)) {
    const auto number = finite_number(word);
    if (!number) throw data_error("a label is made of numbers, got \"" + std::string(word.substr(0, 40)) + "\"");
    numbers.push_back(*number);
  }
  return numbers;
}

std::uint32_t category_of(double number, std::size_t categories) {
  if (number < 0 || number >= static_cast<double>(categories) ||
      number != static_cast<double>(static_cast<std::uint32_t>(number)))
    throw data_error("a class must be a whole number below " + std::to_string(categories) + ", got " +
                     decimal(number, kPlaces));
  return static_cast<std::uint32_t>(number);
}

void require_parts(const Numbers& numbers, std::size_t first, std::size_t end, double least = -kSlack) {
  for (std::size_t i = first; i < end; ++i)
    if (numbers[i] < least || numbers[i] > 1 + kSlack)
      throw data_error("coordinates are parts of the image's side, from 0 to 1, got " + decimal(numbers[i], kPlaces));
}

Point pixel(double x, double y, Size image) { return {x * image.width, y * image.height}; }

std::optional<Box> box_in(const Numbers& n, Size image, Mender& mender) {
  require_parts(n, 1, 5);
  const Point low = pixel(n[1] - n[3] / 2, n[2] - n[4] / 2, image),
              high = pixel(n[1] + n[3] / 2, n[2] + n[4] / 2, image);
  return mender.box({low.x, low.y, high.x, high.y});
}

Keypoint keypoint_in(const Numbers& n, std::size_t at, std::size_t dimensions, Size image, Mender& mender) {
  const double x = n[at], y = n[at + 1];
  // Without a column for visibility, points that are not marked lie at the origin or outside.
  double visibility = x < -kSlack || y < -kSlack || (x == 0 && y == 0) ? 0 : 2;
  if (dimensions == 3) visibility = n[at + 2];
  if (visibility <= 0) return {{}, 0, {}, {}};
  const Point p = pixel(x, y, image);
  require_parts(n, at, at + 2);
  return {mender.point(p), visibility == 1 ? 1 : 2, {}, {}};
}

Outline outline_in(const Numbers& n, Size image) {
  require_parts(n, 1, n.size());
  Outline outline;
  for (std::size_t i = 1; i + 1 < n.size(); i += 2) outline.push_back(pixel(n[i], n[i + 1], image));
  return outline;
}

Error wrong_length(std::size_t length, const YoloRows& rows) {
  const std::string got = ", got " + std::to_string(length);
  if (rows.kind == YoloKind::pose)
    return data_error("a row of " + std::to_string(rows.keypoints) + " keypoints has " +
                      std::to_string(5 + rows.keypoints * rows.dimensions) + " numbers" + got);
  if (rows.kind == YoloKind::obb) return data_error("a row of a rotated box has 9 numbers" + got);
  return data_error("a row has 5 numbers for a box, or 7 and more for a polygon" + got);
}

std::string text_of(Point p, Size image) {
  return " " + decimal(p.x / image.width, kPlaces) + " " + decimal(p.y / image.height, kPlaces);
}

std::string text_of(const Outline& outline, Size image) {
  std::string text;
  for (const Point& p : outline)  // the format knows no numbers outside
    text += text_of({std::clamp<double>(p.x, 0, image.width), std::clamp<double>(p.y, 0, image.height)}, image);
  return text;
}

std::string text_of(const Box& box, Size image) {
  const auto text = [&](const Box& b) {
    return text_of(Point{(b.left + b.right) / 2, (b.top + b.bottom) / 2}, image) +
           text_of(Point{b.width(), b.height()}, image);
  };
  const Box inside{std::clamp<double>(box.left, 0, image.width), std::clamp<double>(box.top, 0, image.height),
                   std::clamp<double>(box.right, 0, image.width), std::clamp<double>(box.bottom, 0, image.height)};
  const double x = (box.left + box.right) / 2, y = (box.top + box.bottom) / 2;
  // A box may reach over the edge, but its four numbers may not.
  const bool holds = x >= 0 && y >= 0 && x <= image.width && y <= image.height && box.width() <= image.width &&
                     box.height() <= image.height;
  return text(holds ? box : inside);
}

std::string text_of(const Keypoint& keypoint, std::size_t dimensions, Size image) {
  const Point& p = keypoint.at;
  const bool inside = p.x >= 0 && p.y >= 0 && p.x <= image.width && p.y <= image.height;
  if (keypoint.visibility == 0 || !inside) return dimensions == 3 ? " 0 0 0" : " 0 0";
  return text_of(p, image) + (dimensions == 3 ? " " + std::to_string(keypoint.visibility) : "");
}

}  // namespace

bool looks_like_yolo_labels(std::string_view text, std::vector<std::size_t>& lengths) {
  Lines lines(text);
  for (std::string_view line; lines.next(line);) {
    const auto words = words_of(line);
    if (words.empty()) continue;
    const auto category = whole_number(words[0]);
    if (words.size() < 5 || !category || *category < 0) return false;
    for (const std::string_view word : words)
      if (!finite_number(word)) return false;
    lengths.push_back(words.size());
  }
  return true;
}

void read_yolo_row(std::string_view line, const YoloRows& rows, std::size_t categories, Size image, Mender& mender,
                   Annotations& to) {
  const Numbers n = numbers_of(line);
  if (n.empty()) return;
  Instance instance;
  instance.category = category_of(n[0], categories);
  const std::size_t pose = 5 + rows.keypoints * rows.dimensions;
  if (rows.kind == YoloKind::pose && n.size() == pose) {
    instance.box = box_in(n, image, mender);
    for (std::size_t k = 0; k < rows.keypoints; ++k)
      instance.keypoints.push_back(keypoint_in(n, 5 + k * rows.dimensions, rows.dimensions, image, mender));
    if (!instance.box) return;
  } else if (n.size() == 5 || (n.size() == 6 && rows.kind == YoloKind::detect)) {
    instance.box = box_in(n, image, mender);
    if (n.size() == 6) instance.extra = "{\"confidence\":" + decimal(n[5], kPlaces) + "}";
    if (!instance.box) return;
  } else if (rows.kind == YoloKind::obb ? n.size() == 9
                                        : rows.kind != YoloKind::pose && n.size() >= 7 && n.size() % 2 == 1) {
    auto outline = mender.outline(outline_in(n, image));
    if (!outline) return;
    instance.rotated = rows.kind == YoloKind::obb && outline->size() == 4;
    instance.outlines.push_back(std::move(*outline));
  } else {
    throw wrong_length(n.size(), rows);
  }
  to.instances.push_back(std::move(instance));
}

std::string write_yolo_row(const Instance& instance, const YoloRows& rows, Size image) {
  std::string text = std::to_string(instance.category);
  if (rows.kind == YoloKind::segment || rows.kind == YoloKind::obb) {
    const auto outlines = area_outlines(instance);
    if (outlines.empty()) return {};
    return text + text_of(joined(outlines), image) + "\n";
  }
  const auto box = box_of(instance);
  if (!box) return {};
  text += text_of(*box, image);
  if (rows.kind == YoloKind::pose)
    for (std::size_t k = 0; k < rows.keypoints; ++k)
      text += text_of(k < instance.keypoints.size() ? instance.keypoints[k] : Keypoint{{}, 0, {}, {}}, rows.dimensions,
                      image);
  return text + "\n";
}

}  // namespace leaven::io
