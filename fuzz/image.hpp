// Image files: whatever the bytes, an image or an error that says why not; and a region is a part of the whole.
#pragma once

#include "fuzz/target.hpp"

namespace leaven::fuzz {

bool run_image(io::BytesView input);
std::vector<io::Bytes> image_seeds();

}  // namespace leaven::fuzz
