// What `leaven prove` was told. `leaven` reads the flags to refuse and to explain them, `leaven-learn` to obey them; both
// with this one table.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace leaven::flags {

struct ProveCommand {
  std::string recipe{}, preset{}, data{}, input_format{}, group{}, out{"leaven.proof"}, target{}, backbone{}, weights{}, learner{"auto"}, metric{};
  std::vector<std::string> against{"none", "dup"};
  std::optional<std::uint32_t> per_class{}, steps{}, epochs{};
  std::optional<double> margin{};  ///< points
  std::uint32_t seeds{6}, batch{32};
  std::uint64_t seed{};
  int size{};           ///< px; 0: as the pictures are
  double test{0.2};     ///< share
  double budget{600};   ///< s; 0: none
  int threads{};        ///< 0: all
  bool no_converged{}, no_robustness{}, quiet{};
  std::string external{};
};

/// `leaven tune`: the flags of the proof at its end, and its own.
struct TuneCommand {
  ProveCommand prove{.out = ""};
  std::string start{}, best{"best.yaml"};
  int level{1};
};

void add_prove_flags(CLI::App& command, ProveCommand& prove);
void add_tune_flags(CLI::App& command, TuneCommand& tune);

/// Throws Error(usage) for flags that exclude each other, and for a program of the user's that cannot know the recipe.
void check_prove(const ProveCommand& prove);

/// "90s", "10m", "1h30m"; "none" is 0.
double seconds_of(std::string_view flag, const std::string& text);

}  // namespace leaven::flags
