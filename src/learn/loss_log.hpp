// Numbers that a search has found out, in a file that only grows: a search that is begun again asks for them here.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace leaven::learn {

/// Thread-safe.
class LossLog {
 public:
  /// Reads what is there of searches with this digest; a line cut off by a kill is left out.
  LossLog(std::filesystem::path file, std::string search);
  std::optional<double> find(std::size_t fold, std::uint32_t number) const;
  void add(std::size_t fold, std::uint32_t number, double loss);

 private:
  std::filesystem::path file_;
  std::string search_;
  mutable std::mutex mutex_{};
  std::map<std::pair<std::size_t, std::uint32_t>, double> losses_{};
};

}  // namespace leaven::learn
