// Deleting what earlier runs made, and nothing else.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <string_view>

#include "flow/own_files.hpp"

namespace leaven::flow {

class EarlierFiles {
 public:
  explicit EarlierFiles(std::filesystem::path out);

  /// Everything that lineage, the list of what was started and the job file of one run name. A name that leads out of OUT,
  /// through links too, is left alone. Throws Error(environment) when a file cannot be deleted.
  void remove_outputs(const OwnFiles& files);
  /// Files of Leaven's own in OUT, temporary ones everywhere in it, job files last; then folders that became empty.
  void remove_own_files();

 private:
  void remove(std::string_view id);
  void remove_empty_folders();

  std::filesystem::path out_, real_out_;
  std::string folder_;       ///< of the file removed last
  bool folder_inside_{};
  std::set<std::filesystem::path> folders_;
};

}  // namespace leaven::flow
