// Texts of the command line into checked values. Every refusal names the flag, the rule and what was given.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace leaven::flags {

/// A whole number in [lo, hi].
std::uint64_t whole_number(std::string_view flag, const std::string& text, std::uint64_t lo, std::uint64_t hi);
/// A number in [lo, hi].
double number(std::string_view flag, const std::string& text, double lo, double hi);
/// "10%" or "0.1" as a share in [0, 1].
double share(std::string_view flag, const std::string& text);
/// "2/8": shard 2 of 8.
std::pair<std::uint32_t, std::uint32_t> shard_of(std::string_view flag, const std::string& text);
/// "640x480" in px, each side in [1, 65536].
std::pair<int, int> size_of(std::string_view flag, const std::string& text);
/// One of the words.
std::string word(std::string_view flag, const std::string& text, std::span<const std::string_view> words);

}  // namespace leaven::flags
