// Lineage that an earlier run wrote, found again source by source.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "flow/roster.hpp"
#include "io/dataset.hpp"

namespace leaven::io {
class InputFile;
}

namespace leaven::flow {

struct EarlierLine {
  std::uint32_t copy{};
  std::string id{}, digest{}, source_digest{};
  std::string text{};  ///< as it stands, without the newline
};

/// Lines lie in roster order; all that is kept of them is where each source's begin and end.
class EarlierLines {
 public:
  EarlierLines() = default;  ///< none
  /// Reads the first `bytes` of the file (all of it by default). Throws Error(usage) when it holds an output that `roster`
  /// would not make: then this run would not lead to what it was asked for.
  EarlierLines(const std::filesystem::path& file, const io::DatasetIndex& index, const Roster& roster,
               std::uint64_t bytes = UINT64_MAX);
  ~EarlierLines();
  EarlierLines(EarlierLines&&) noexcept;
  EarlierLines& operator=(EarlierLines&&) noexcept;

  /// Lines of source `s` of the roster, in order of copies. Thread-safe.
  std::vector<EarlierLine> of(std::size_t s) const;
  bool any_of(std::size_t s) const { return s < ranges_.size() && ranges_[s].size > 0; }

 private:
  struct Range {
    std::uint64_t begin{}, size{};
  };
  std::unique_ptr<io::InputFile> file_;
  std::vector<Range> ranges_;  ///< by source
};

}  // namespace leaven::flow
