// One training: an arm, a seed, a regime; what came of it, as it is kept on disk.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "learn/training.hpp"

namespace leaven::learn {

/// How a model that never saw the recipe takes held-out pictures that one op has changed.
struct LabelCheck {
  std::string op{};     ///< "" for the pictures as they are, "recipe" for all of it
  double accuracy{};    ///< percent
  std::string from{}, to{};   ///< the classes most often taken for each other with confidence; empty: none
  double confused{};    ///< percent of `from` taken for `to`
  std::size_t items{};  ///< that were looked at
  double chance{};      ///< percent of them that are of the most frequent class: what guessing gets right
};

struct Trial {
  std::string key{};    ///< digest of everything that decides what comes out
  std::string arm{};
  Regime regime{};
  std::uint32_t seed{};      ///< from 0, of the fold
  std::string failure{};     ///< why there are no metrics; empty: it went through
  Metrics metrics{};
  /// Of dup under a learner of ours: what saying the same of every test item would get, see measure_constant().
  Metrics constant{};
  std::map<std::string, std::vector<double>> robustness{};  ///< corruption → accuracy (R² of numbers) at each severity, percent
  Course course{};
  std::vector<LabelCheck> labels{};  ///< of the one trial that checks them
  std::string weights{};     ///< digest
  double cpu_seconds{};
};

/// One line of JSON; numbers come back as they were, bit for bit.
std::string to_json_line(const Trial& trial);
/// Nothing for a line that is not whole.
std::optional<Trial> trial_from_json(std::string_view line);

/// Finished trials in a file that only grows. Thread-safe.
class TrialStore {
 public:
  /// Reads what is there; a line cut off by a kill is left out.
  explicit TrialStore(std::filesystem::path file);
  std::optional<Trial> find(const std::string& key) const;
  void add(const Trial& trial);

 private:
  std::filesystem::path file_;
  mutable std::mutex mutex_{};
  std::map<std::string, Trial> trials_{};
};

}  // namespace leaven::learn
