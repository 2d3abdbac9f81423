// The one sentence: what a recipe is worth, from the primary test alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "learn/statistics.hpp"

namespace leaven::learn {

enum class Word { helps, harmless, harmful, inconclusive };
std::string_view name_of(Word word);
/// 0 helps or harmless, 10 harmful, 11 inconclusive.
int exit_code(Word word);

struct Verdict {
  Word word{Word::inconclusive};
  double mean{}, deviation{};
  Interval interval{};        ///< Student, 95 %
  Interval bootstrap{};       ///< BCa, 95 %
  double p{1}, p_equal{1}, p_signs{1};
  double resolution{};        ///< points that one test item more or less counts; 0: not known
  double detectable{};        ///< the least difference that so many seeds find four times out of five
  std::size_t seeds{};
  /// Inconclusive: how many seeds find a difference as large as the one seen (or the margin, if that is larger) four
  /// times out of five; 0: more than 10,000.
  std::size_t seeds_needed{};
};

/// Fewer pairs than these, or than were asked for, are not judged where the budget ended.
inline constexpr std::uint32_t kLeastJudged = 3;
inline constexpr double kLevel = 0.05;  ///< of tests; intervals hold the rest

/// Helps when the interval lies above 0; else harmless when both one-sided tests put the difference within ±margin and one test
/// item counts no more than that (`resolution`, points): what lies below one item is no finding, however many seeds agree; else
/// harmful when the interval lies below 0; else inconclusive, which it always is for fewer than two differences.
Verdict judge(Differences d, double margin, double resolution = 0);

}  // namespace leaven::learn
