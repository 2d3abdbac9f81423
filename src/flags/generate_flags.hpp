// What `leaven generate` was told. `leaven` reads the flags to refuse and to explain them, `leaven-learn` to obey them.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace leaven::flags {

struct GenerateCommand {
  std::string action{}, generator{};  ///< fit, sample or check; the folder for sample and check
  std::string data{}, out{}, kind{"auto"}, target{}, recipe{}, from{}, pretrain{};
  std::optional<std::uint64_t> rows{}, per_class{};
  std::vector<std::string> classes{}, where{};  ///< where: COLUMN=WORD
  std::uint64_t seed{};
  std::string input_format{};
  double held_out{0.2};
  std::uint32_t steps{}, seeds{6};
  std::optional<double> guidance{};
  int threads{}, side{};
  bool force{}, overwrite{}, resume{}, quiet{};
};

/// What `leaven augment` starts `leaven-learn fill` with, for a recipe with generate:.
struct FillCommand {
  std::string recipe{};
  int threads{};
  bool resume{}, overwrite{}, quiet{};
};

void add_generate_flags(CLI::App& command, GenerateCommand& generate);
/// Throws Error(usage) for an unknown action, or one that lacks what it needs.
void check_generate(const GenerateCommand& generate);
/// Of a command that check_generate() passed. Throws Error(usage) for a flag that its action does not have.
void check_flags_of_action(const GenerateCommand& generate, const CLI::App& command);

}  // namespace leaven::flags
