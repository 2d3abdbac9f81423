// Annotations as text that gives back every bit of them, for the parts that shards leave to the merge.
#pragma once

#include <string>
#include <string_view>

#include "core/annotation.hpp"

namespace leaven::io {

/// Without masks of the whole image, which are files.
std::string to_json_text(const Annotations& annotations);
/// Throws Error(data) for other text.
Annotations annotations_from_json(std::string_view text);

}  // namespace leaven::io
