// Parts of a table's roster as a shard leaves them for the merge: a file of blocks and lineage lines.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "flow/table_maker.hpp"
#include "io/atomic_file.hpp"
#include "io/file.hpp"

namespace leaven::flow {

/// Appends part after part; published, it has its name.
class MadeRowsWriter {
 public:
  explicit MadeRowsWriter(const std::filesystem::path& file);
  void write(std::size_t part, const MadeRows& rows);
  void publish();

 private:
  io::GrowingFile file_;
};

class MadeRowsReader {
 public:
  explicit MadeRowsReader(const std::filesystem::path& file) : file_(file) {}
  /// The next part, which must be number `part`. Throws Error(data) for a file that holds something else.
  MadeRows next(std::size_t part);

 private:
  io::InputFile file_;
  std::uint64_t at_{};
};

}  // namespace leaven::flow
