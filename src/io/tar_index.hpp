// Where the members of a tar lie, so that single samples are read by position. libarchive reads tars as streams and
// does not say. POSIX ustar and pax, GNU long names and large sizes, and the old V7 layout.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "io/file.hpp"

namespace leaven::io {

struct TarMember {
  std::string name{};  ///< as written, without "./" in front
  std::uint64_t offset{}, size{};
};

struct TarIndex {
  std::vector<TarMember> members{};  ///< regular files, in the tar's order
  std::string damage{};              ///< why the listing ends before the tar does; empty: it is complete
};

/// Never throws for damaged tars: what lies before the damage counts. Throws Error(data) when reading fails.
TarIndex index_tar(const InputFile& file);
/// By the first header's checksum.
bool is_tar(const InputFile& file);

}  // namespace leaven::io
