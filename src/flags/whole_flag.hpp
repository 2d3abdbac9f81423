// A flag with a whole number.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>

#include "flags/flag_values.hpp"

namespace leaven::flags {

/// What a recipe can say, too.
inline constexpr std::uint64_t kAnySeed = std::numeric_limits<std::int64_t>::max();
inline constexpr std::uint64_t kAnyWholeNumber = std::numeric_limits<std::uint64_t>::max();

/// In [lo, hi]; `target` is an integer, or an optional of one.
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

}  // namespace leaven::flags
