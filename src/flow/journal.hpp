// What a run has finished, so that one that was killed goes on where it stopped.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "flow/own_files.hpp"

namespace leaven::io {
class GrowingFile;
}

namespace leaven::flow {

/// A source that is finished: what stands in the files up to here is whole.
struct JournalEntry {
  std::uint64_t source{};     ///< its number in the roster; one more than the last for what stands behind all
  std::uint64_t lineage{};    ///< bytes of lineage up to and with this source
  std::uint64_t set_aside{};
  std::string state{};        ///< what the writer's commit() returned, JSON
};
struct JournalContents {
  std::string counts{};                 ///< what was asked of the run that wrote it: "times 4"
  std::vector<JournalEntry> entries{};  ///< in order of sources
  bool finished{};                      ///< the writer's finish() had returned
  std::vector<std::uint64_t> ends{};    ///< bytes of the journal up to the end of its first line, and of each entry
};
/// Whole lines only; a line that a crash cut off is left out. Empty when there is no such file.
JournalContents read_journal(const std::filesystem::path& file);

/// Grows lineage, set-aside samples and journal together. Each source's lines are appended by one write a file, the
/// journal's last, so that a process killed at any moment leaves at most a tail that the journal does not speak of.
class Journal {
 public:
  /// Begins anew, or continues a run that was asked for the same: then cuts off what the journal does not know. Throws
  /// Error(environment).
  Journal(const OwnFiles& files, const std::string& counts, bool resume);
  ~Journal();

  const std::optional<JournalEntry>& last() const { return last_; }  ///< of the earlier run
  std::size_t entries() const { return entries_; }
  bool finished() const { return finished_; }  ///< nothing is missing but publish()

  void append(std::uint64_t source, std::string_view lineage, std::string_view set_aside, const std::string& state);
  void mark_finished();
  /// Renames lineage and set-aside samples into place; a shard keeps its journal, a whole run needs none any more. Can be
  /// called again after a crash in the middle.
  static void publish(const OwnFiles& files, bool keep_journal);

 private:
  void open(const OwnFiles& files, JournalContents known, const std::string& counts);

  std::unique_ptr<io::GrowingFile> lineage_, set_aside_, journal_;
  std::optional<JournalEntry> last_;
  std::size_t entries_{};
  bool finished_{};
};

/// A file that grows under this final name, as it is called while it grows.
std::filesystem::path growing(const std::filesystem::path& file);

}  // namespace leaven::flow
