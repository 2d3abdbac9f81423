// A folder of its own for a test, and bytes to put into it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "io/dataset.hpp"

namespace leaven::io {

class TempFolder {
 public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::string& relative) const { return path_ / relative; }
  /// Folders are made.
  void write(const std::string& relative, std::string_view bytes) const;
  std::string read(const std::string& relative) const;
  /// All files and links, relative, sorted; temporary ones too.
  std::vector<std::string> files() const;

 private:
  std::filesystem::path path_;
};

std::string text_of(const Bytes& bytes);
Bytes bytes_of(std::string_view text);

std::vector<std::string> ids_of(const DatasetIndex& index);
/// The label's text.
std::string label_of(const DatasetIndex& index, const std::string& id);
const Entry& entry_of(const DatasetIndex& index, const std::string& id);
/// The sample's file or pixels as bytes.
std::string content_of(const DatasetReader& reader, const std::string& id);

/// What open_dataset() says when it refuses; fails the test when it does not refuse with this fault.
std::string refusal(const std::filesystem::path& in, const OpenOptions& options = {}, Fault fault = Fault::usage);

}  // namespace leaven::io
