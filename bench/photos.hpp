// The decoded photos that benches of single chains run on.
#pragma once

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "io/codec.hpp"

namespace leaven::bench {

using Clock = std::chrono::steady_clock;

inline double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// The first `most` colour photos of a folder by name, no side above 1000 px: the peers' figures are of ordinary photos,
/// and a few files are grey, or far larger.
inline std::vector<Raster> photos(const std::filesystem::path& folder, std::size_t most) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.is_regular_file()) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::vector<Raster> decoded;
  for (const auto& path : files) {
    if (decoded.size() == most) break;
    std::ifstream in(path, std::ios::binary);
    const std::vector<char> text{std::istreambuf_iterator<char>(in), {}};
    const io::BytesView bytes = std::as_bytes(std::span(text));
    const io::ImageHeader header = io::read_header(bytes);
    if (header.shape.channels == 3 && header.shape.width <= 1000 && header.shape.height <= 1000)
      decoded.push_back(io::decode(bytes, header));
  }
  return decoded;
}

}  // namespace leaven::bench
