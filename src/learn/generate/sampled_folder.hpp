// The folder that `generate sample` writes: it gets everything at once, or nothing.
#pragma once

#include <filesystem>
#include <string>

namespace leaven::learn {

class SampledFolder {
 public:
  static constexpr const char* kLineage = "leaven.lineage.jsonl";
  static constexpr const char* kSummary = "leaven.generated.json";

  /// Throws Error(usage) where `folder` holds what no earlier sample wrote there, and, unless `overwrite`, where one did;
  /// Error(environment) where nothing can be written.
  SampledFolder(std::filesystem::path folder, bool overwrite);
  SampledFolder(const SampledFolder&) = delete;
  SampledFolder& operator=(const SampledFolder&) = delete;
  /// Leaves no trace of what was not published.
  ~SampledFolder();

  /// Where files are to be written: inside of the folder, for it may be all that its file system has.
  const std::filesystem::path& part() const { return part_; }
  /// Writes both beside the files, and puts all of them in the place of what an earlier sample wrote. Throws Error(environment).
  void publish(const std::string& lineage, const std::string& summary);

 private:
  std::filesystem::path folder_, part_;
  bool made_{}, published_{};
};

}  // namespace leaven::learn
