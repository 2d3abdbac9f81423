// What the samples of a batch are labelled with, as arrays.
#pragma once

#include <nanobind/nanobind.h>

#include <vector>

#include "leaven/feed.hpp"

namespace leaven::python {

/// Of one sample, until there is a GIL to make objects of it.
struct Label {
  std::vector<ClassShare> shares{};
  double number{};
};

/// Shares (N, classes) of float32 where `soft`, else numbers of classes, or targets. Needs the GIL.
nanobind::object label_array(const std::vector<Label>& labels, LabelKind kind, bool soft, std::size_t classes);

}  // namespace leaven::python
