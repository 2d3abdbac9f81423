// What each output layout's file offers to writer.cpp. Not for other folders.
#pragma once

#include <filesystem>
#include <memory>

#include "io/dataset.hpp"

namespace leaven::io {

std::unique_ptr<DatasetWriter> open_file_tree(const std::filesystem::path& out, const WriterOptions& options);
/// A tree of files and the CSV that lists them; options.manifest is set.
std::unique_ptr<DatasetWriter> open_manifest_writer(const std::filesystem::path& out, const WriterOptions& options);
std::unique_ptr<DatasetWriter> open_npz_writer(const std::filesystem::path& out, const WriterOptions& options);
std::unique_ptr<DatasetWriter> open_webdataset_writer(const std::filesystem::path& out, const WriterOptions& options);

}  // namespace leaven::io
