// Image files of which each frame and each page is a sample.
#pragma once

#include "io/dataset_formats.hpp"

namespace leaven::io {

/// Class folders, or flat, as the other readers of image files.
std::unique_ptr<DatasetReader> open_frames(const std::filesystem::path& in, TreeListing listing, const OpenOptions& options);

}  // namespace leaven::io
