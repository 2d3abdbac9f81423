// Parquet and Arrow, which the Python package reads and writes through pyarrow.
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

namespace leaven::io {

/// What people need for such files.
inline constexpr const char* kColumnarHint = "pip install leaven pyarrow: the program starts them for Parquet and Arrow files, and so does leaven.augment() in Python";

/// "Parquet" or "Arrow" by the file's first bytes; else nothing.
std::optional<std::string_view> columnar_format(const std::filesystem::path& file);

/// Such a file, or a folder that has some in it, in its folder data/ or in folders named as splits, as Hugging Face lays them out.
bool holds_columnar(const std::filesystem::path& in);

}  // namespace leaven::io
