// A dataset in a folder of its own, and reading it as a job would.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "fuzz/target.hpp"
#include "io/dataset.hpp"

namespace leaven::fuzz {

/// The size of the images that marks are read for.
inline constexpr Size kFuzzImage{8, 6};

/// An empty folder of that name, of this process alone; gone with the process.
std::filesystem::path scratch_folder(std::string_view name);
void write(const std::filesystem::path& path, io::BytesView bytes);
io::Bytes read(const std::filesystem::path& path);

/// Opens the folder as that format and reads its first samples, each of which may be refused for itself.
bool read_dataset(const std::filesystem::path& folder, const std::string& format);

}  // namespace leaven::fuzz
