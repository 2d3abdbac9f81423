// A walk over a GIF's blocks without decoding them (GIF89a, sections 17 to 27).
#pragma once

#include <functional>

#include "io/codec.hpp"

namespace leaven::io::gif {

/// Kinds of blocks besides extensions, which have their label, any byte (0xF9 graphic control, 0xFE comment, 0xFF application).
inline constexpr unsigned kHead = 0x100, kImageBlock = 0x12C, kTrailer = 0x13B;

/// The file piece by piece: its head with the global colours, then every block whole up to and with the trailer, as long as
/// `visit` says true. A file that ends behind a whole block lacks its trailer alone, and is given one. Throws
/// Error(data) when a block is longer than the file, or no block begins where one must.
void walk_blocks(BytesView file, const std::function<bool(unsigned kind, BytesView whole)>& visit);

}  // namespace leaven::io::gif
