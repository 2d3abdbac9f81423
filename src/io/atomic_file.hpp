// Files that are whole or not there: written beside under a temporary name, then renamed. Without fsync: a killed
// process loses nothing that it wrote, only a machine that loses power may.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "core/error.hpp"
#include "io/codec.hpp"
#include "io/file.hpp"

namespace leaven::io {

/// Ends of names that no reader takes for a sample: one file on its way, and a container that grows over a whole run
/// and is what a resumed run continues.
inline constexpr std::string_view kTemporarySuffix = ".leaven-tmp";
inline constexpr std::string_view kGrowingSuffix = ".leaven-part";

/// Replaces the file if it is there. Throws Error(environment) naming it; no half file is left.
void write_file_atomically(const std::filesystem::path& path, BytesView bytes);
void write_file_atomically(const std::filesystem::path& path, std::string_view text);

/// Many small files into one tree, from any thread: folders are made once.
class AtomicTree {
 public:
  /// `tag` tells the temporary files of several runs that write into one tree apart ("1-of-3"; empty is one too).
  AtomicTree(std::filesystem::path root, std::string_view tag);

  const std::filesystem::path& root() const { return root_; }
  /// `relative` is '/'-separated and inside the tree; Error(bug) otherwise.
  void write(std::string_view relative, BytesView bytes);
  /// A hard link to `target`; a symbolic one where the file system has no hard links between the two.
  void link(std::string_view relative, const std::filesystem::path& target);
  /// Deletes what killed runs of the same tag left under temporary names.
  void remove_leftovers();

 private:
  std::string temporary_beside(const std::string& file);
  void make_folder_of(const std::string& file);

  std::filesystem::path root_;
  std::string prefix_;  ///< of temporary names
  std::atomic<std::uint64_t> counter_{};
  std::mutex mutex_;
  std::set<std::string, std::less<>> folders_;  ///< known to be there
};

/// A container that grows by appending, under `<final>.leaven-part` until it is published. Used by one thread.
class GrowingFile {
 public:
  /// Opens (never shortens) or makes the file, folders included.
  explicit GrowingFile(std::filesystem::path final_path);

  std::uint64_t size() const { return size_; }
  /// All of it reaches the kernel before the call returns.
  void append(BytesView bytes);
  void append(std::string_view text);
  /// Overwrites within the file.
  void patch(std::uint64_t offset, BytesView bytes);
  /// Cuts off what lies behind. Throws Error(data) when the file is shorter already.
  void cut(std::uint64_t size);
  /// Renames into place and closes.
  void publish();
  /// Deletes and closes.
  void discard();
  /// What is written so far, to read it.
  InputFile reopen() const;

  static std::filesystem::path growing_name(std::filesystem::path final_path) { return final_path += kGrowingSuffix; }
  /// Publishes one that is closed already.
  static void publish(const std::filesystem::path& final_path);
  /// Takes back what was published, if it was: a run may be killed between its last rename and saying so.
  static void take_back(const std::filesystem::path& final_path);

 private:
  void put(const void* data, std::size_t size, std::uint64_t offset);
  Error failure(const std::string& what) const;

  std::filesystem::path final_, growing_;
  Descriptor descriptor_;
  std::uint64_t size_{};
};

}  // namespace leaven::io
