#include "io/columnar.hpp"

#include <array>
#include <string>

#include "io/dataset.hpp"
#include "io/file.hpp"

namespace leaven::io {

namespace fs = std::filesystem;

namespace {

bool named_so(const fs::path& file) {
  const std::string extension = file.extension();
  return extension == ".parquet" || extension == ".arrow" || extension == ".feather";
}

/// Such a file lies in the folder, or one level deeper in a folder named as a split.
bool lies_in(const fs::path& folder, bool deeper) {
  std::error_code error;
  for (fs::directory_iterator file(folder, error), end; !error && file != end; file.increment(error)) {
    std::error_code unknown;
    if (named_so(file->path()) && file->is_regular_file(unknown)) return true;
    if (deeper && split_from(file->path().filename().string()) && lies_in(file->path(), false)) return true;
  }
  return false;
}

}  // namespace

std::optional<std::string_view> columnar_format(const fs::path& file) {
  std::array<std::byte, 6> head{};
  const std::size_t size = InputFile(file).read_some(0, head);
  const std::string_view begin(reinterpret_cast<const char*>(head.data()), size);
  if (begin.starts_with("PAR1")) return "Parquet";
  // A stream of Arrow begins with no name of its own.
  if (begin.starts_with("ARROW1") || (begin.starts_with("\xFF\xFF\xFF\xFF") && named_so(file))) return "Arrow";
  return std::nullopt;
}

bool holds_columnar(const fs::path& in) {
  std::error_code error;
  if (fs::is_regular_file(in, error)) return columnar_format(in).has_value();
  return lies_in(in, true) || lies_in(in / "data", true);
}

}  // namespace leaven::io
