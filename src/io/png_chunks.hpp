// A walk over a PNG's chunks without decoding them: what libpng cannot tell before it has read all pixels.
#pragma once

#include <functional>
#include <string_view>

#include "io/codec.hpp"

namespace leaven::io::png {

/// The data of the first chunk of this name (four letters), wherever it stands; empty when there is none.
BytesView find_chunk(BytesView file, std::string_view name);

/// The file piece by piece up to and with IEND: the signature (named ""), then every chunk whole, with its length and
/// checksum. Throws Error(data) when IEND is not reached.
void walk_chunks(BytesView file, const std::function<void(std::string_view name, BytesView whole)>& visit);

/// True when the chunks follow each other without a gap up to IEND.
bool reaches_end(BytesView file);

}  // namespace leaven::io::png
