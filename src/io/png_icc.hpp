// Colour profiles in PNG files. libpng drops profiles that it finds faulty, and some cameras' are; a profile stays here
// as it is, and whether it is of use is for those to say who use it.
#pragma once

#include "io/codec.hpp"

namespace leaven::io::png {

/// The profile of the file; empty when there is none or it does not decompress.
Bytes read_icc(BytesView file);

/// The data of an iCCP chunk.
Bytes icc_chunk(BytesView icc);

}  // namespace leaven::io::png
