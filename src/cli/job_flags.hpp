// The flags that `augment` and `run` share.
#pragma once

#include <CLI/CLI.hpp>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

#include "cli/commands.hpp"
#include "cli/flag_values.hpp"

namespace leaven::cli {

/// What a recipe can say, too.
inline constexpr std::uint64_t kAnySeed = std::numeric_limits<std::int64_t>::max();
inline constexpr std::uint64_t kAnyWholeNumber = std::numeric_limits<std::uint64_t>::max();

void add_output_flag(CLI::App& command, JobCommand& job);
void add_recipe_choice(CLI::App& command, JobCommand& job);
void add_job_flags(CLI::App& command, JobCommand& job);
/// Those of `convert`, which changes no sample.
void add_convert_flags(CLI::App& command, JobCommand& job);

/// The command line as a shell would read it, for making the same again: without what only concerns one run (--resume,
/// --overwrite, --dry-run, --quiet, --progress).
std::string command_line_of(const std::vector<std::string>& arguments);

/// A flag with a whole number in [lo, hi]; `target` is an integer, or an optional of one.
template <class T>
CLI::Option* add_whole(CLI::App& command, const std::string& flag, T& target, std::uint64_t lo, std::uint64_t hi,
                       const std::string& doc) {
  const auto set = [flag, &target, lo, hi](const std::string& text) {
    const std::uint64_t number = whole_number(flag, text, lo, hi);
    if constexpr (std::is_integral_v<T>)
      target = static_cast<T>(number);
    else
      target = static_cast<typename T::value_type>(number);
  };
  return command.add_option_function<std::string>(flag, set, doc)->type_name("N");
}

}  // namespace leaven::cli
