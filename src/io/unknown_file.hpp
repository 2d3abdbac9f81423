// Words for a file that is no image of ours.
#pragma once

#include <string>

#include "io/codec.hpp"

namespace leaven::io {

/// What the first bytes look like, for an error text: "a GIF image", "HTML text", "a ZIP archive", "only zero bytes",
/// "text", or the bytes themselves.
std::string looks_like(BytesView file);

}  // namespace leaven::io
