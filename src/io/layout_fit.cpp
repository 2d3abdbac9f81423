#include "io/layout_fit.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "core/error.hpp"
#include "io/outline_shapes.hpp"

namespace leaven::io {

namespace {

constexpr std::array<std::string_view, 9> kLayouts{"same", "folders", "npz",     "webdataset", "yolo",
                                                   "coco", "voc",     "labelme", "masks"};
constexpr std::array<std::string_view, 6> kAnnotated{"yolo", "coco", "voc", "labelme", "masks", "boxes"};

template <class T>
void add_values(const Raster& mask, std::set<std::uint32_t>& values) {
  for (int y = 0; y < mask.shape().height; ++y)
    for (int x = 0; x < mask.shape().width; ++x) values.insert(mask.row<T>(y)[x * mask.shape().channels]);
}

template <class T>
Raster where(const Raster& mask, std::uint32_t value) {
  Raster is({mask.shape().width, mask.shape().height, 1, Dtype::u8});
  for (int y = 0; y < mask.shape().height; ++y)
    for (int x = 0; x < mask.shape().width; ++x)
      is.row<std::uint8_t>(y)[x] = mask.row<T>(y)[x * mask.shape().channels] == value;
  return is;
}

Error cannot_hold(std::string_view layout, const char* what, const char* hint) {
  return usage_error("layout " + std::string(layout) + " cannot hold " + what + ", and the dataset has them")
      .with_hint(hint);
}

}  // namespace

std::span<const std::string_view> output_layouts() { return kLayouts; }

std::string_view annotated_format_of(const WriterOptions& options) {
  const std::string_view name = options.layout == OutputLayout::same
                                    ? std::string_view(options.input_format)
                                    : kLayouts[static_cast<std::size_t>(options.layout)];
  const auto* found = std::ranges::find(kAnnotated, name);
  return found == kAnnotated.end() ? std::string_view{} : *found;
}

void require_layout_holds(const WriterOptions& options) {
  const std::string_view layout = annotated_format_of(options);
  if (layout.empty() || layout == options.input_format) return;
  const Marks& marks = options.marks;
  const bool instances =
      marks.boxes || marks.rotated || marks.outlines || marks.lines || marks.masks || marks.keypoints;
  if (!instances && !marks.image_masks)
    throw usage_error("layout " + std::string(layout) + " holds marked images, and nothing is marked in " +
                      (options.input_format.empty() ? "this dataset" : "a dataset of format " + options.input_format))
        .with_hint("layouts that can take it: same, folders, npz, webdataset");
  if (marks.image_masks && !instances && options.categories.empty())
    throw usage_error("layout " + std::string(layout) + " needs names for the values of the masks")
        .with_hint("put a classes.txt beside them that names value 0, 1, 2, … line by line");
  if (marks.lines && layout != "labelme") throw cannot_hold(layout, "lines", "layout labelme can");
  const bool areas = marks.outlines || marks.rotated || marks.masks || marks.image_masks;
  if (layout == "masks" && !areas)
    throw cannot_hold(layout, "boxes or points without outlines", "layouts that can: coco, yolo, voc, labelme");
  if (layout == "voc" && !areas && !marks.boxes)
    throw cannot_hold(layout, "points without boxes", "layouts that can: coco, labelme");
  if (layout != "yolo" || !marks.keypoints) return;
  // Points of categories that name none belong to no pose.
  std::set<std::size_t> counts;
  for (const Category& category : options.categories)
    if (!category.keypoints.empty()) counts.insert(category.keypoints.size());
  if (counts.empty())
    throw cannot_hold(layout, "points that are no named keypoints", "layouts that can: coco, labelme");
  if (counts.size() > 1)
    throw usage_error("layout yolo needs the same number of keypoints in every category")
        .with_hint("layout coco can hold them");
}

std::vector<Instance> instances_of(const Annotations& annotations, std::size_t categories) {
  if (!annotations.instances.empty() || annotations.masks.empty()) return annotations.instances;
  const Raster& mask = annotations.masks.front().pixels;
  const bool wide = mask.shape().dtype == Dtype::u16;
  std::set<std::uint32_t> values;
  wide ? add_values<std::uint16_t>(mask, values) : add_values<std::uint8_t>(mask, values);
  std::vector<Instance> instances;
  for (const std::uint32_t value : values) {
    if (value == 0 || value == (wide ? 65535U : 255U) || value > categories) continue;
    const Raster is = wide ? where<std::uint16_t>(mask, value) : where<std::uint8_t>(mask, value);
    for (Outline& outline : traced(RunLengths::of(is.view()))) {
      Instance instance;
      instance.category = value - 1;
      instance.outlines.push_back(std::move(outline));
      instances.push_back(std::move(instance));
    }
  }
  return instances;
}

}  // namespace leaven::io
