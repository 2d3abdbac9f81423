// What each output layout's file offers to writer.cpp. Not for other folders.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "io/dataset.hpp"

namespace leaven::io {

std::unique_ptr<DatasetWriter> open_file_tree(const std::filesystem::path& out, const WriterOptions& options);

}  // namespace leaven::io
