// Where the XML of an image lies.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace leaven::io {

/// In the folder `to` where the image has `from`; beside it without folders.
struct VocRule {
  std::string from{"JPEGImages"}, to{"Annotations"};
};
/// Nothing when the image lies in no folder `from`.
std::optional<std::string> voc_label_path(const VocRule& rule, std::string_view image);

}  // namespace leaven::io
