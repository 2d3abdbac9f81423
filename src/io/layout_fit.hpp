// What a layout can hold of a dataset's marks, and marks in the form of another layout.
#pragma once

#include <string_view>
#include <vector>

#include "io/dataset.hpp"

namespace leaven::io {

/// The format that the writer writes for annotated datasets: "yolo", "coco", …; empty when it writes none.
std::string_view annotated_format_of(const WriterOptions& options);
/// Throws Error(usage) for marks that the layout has no place for and that nothing can be converted to.
void require_layout_holds(const WriterOptions& options);
/// All that open_writer() would refuse, before any file is touched. Throws Error(usage).
void require_layout_fits(const WriterOptions& options);

/// The instances, or where only masks of the whole image are given one for each part of each value that hangs together:
/// value v is category v − 1, 0 is background, the largest value of the type means "left out". Values above the
/// categories are left out too.
std::vector<Instance> instances_of(const Annotations& annotations, std::size_t categories);

}  // namespace leaven::io
