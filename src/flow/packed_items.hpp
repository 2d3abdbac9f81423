// Outputs inside containers, found again by their lineage lines.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "flow/job_file.hpp"
#include "io/dataset.hpp"

namespace leaven::flow {

class PackedItems {
 public:
  /// Opens the containers in OUT. Throws Error(usage) when there are none.
  PackedItems(const std::filesystem::path& out, const JobRecord& record);
  /// True for layouts that pack.
  static bool packs(const JobRecord& record);

  /// Lines in the order of their file, each once: where its item is.
  void add_line(std::string_view line);
  /// Of the n-th line added. Empty when there is no such item. Throws Error(data) when it cannot be read. Thread-safe.
  std::string digest_of_item(std::size_t line) const;
  /// Items that no line named.
  std::uint64_t unlisted() const { return items_ - named_; }

 private:
  const io::Entry* find(const std::string& id, const std::string& split);

  std::unique_ptr<io::DatasetReader> reader_;
  bool pixels_{};
  std::vector<const io::Entry*> of_line_;
  std::map<std::string, std::vector<const io::Entry*>> arrays_;  ///< npz: by split, in order of rows
  std::map<std::string, std::size_t> next_row_;
  std::uint64_t items_{}, named_{};
};

}  // namespace leaven::flow
