// Which mask belongs to which image.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace leaven::io {

/// The mask of an image is the file of the same stem, with `suffix` behind it, in the folder `to` where the image has
/// `from`; without folders it lies beside the image.
struct MaskRule {
  std::string from{"images"}, to{"masks"}, suffix{}, extension{"png"};
};
/// Nothing when the image lies in no folder `from`.
std::optional<std::string> mask_path(const MaskRule& rule, std::string_view image);

}  // namespace leaven::io
