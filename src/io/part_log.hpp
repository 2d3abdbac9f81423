// A shard's part of a packed layout: its items in the order of their commits, to be committed again by the merge.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "io/dataset.hpp"
#include "io/file.hpp"

namespace leaven::io {

/// leaven.part-1-of-3.items in `out`.
std::filesystem::path part_log_path(const std::filesystem::path& out, std::string_view part);

/// Keeps items. `files` stores those that go into files at once (a manifest's images); null when none do.
std::unique_ptr<DatasetWriter> open_part_log(const std::filesystem::path& out, const std::string& part,
                                             std::unique_ptr<DatasetWriter> files);

class PartLogReader {
 public:
  /// Throws Error(data) when it is no part.
  explicit PartLogReader(const std::filesystem::path& path);
  /// In order; nothing at the end. Throws Error(data) when it is cut off.
  std::optional<OutputItem> next();

 private:
  InputFile file_;
  std::uint64_t at_{};
};

}  // namespace leaven::io
