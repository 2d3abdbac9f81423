// `leaven tune`: which recipe suits this data? Presets and published policies, tried on data that the final proof never
// sees; ends in that proof.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "learn/candidates.hpp"
#include "learn/prove.hpp"

namespace leaven::learn {

struct TuneOptions {
  ProveOptions prove{};        ///< of the proof at the end; its recipe and arms are chosen here
  std::string start{};         ///< a recipe, preset or policy to try as well; empty: none
  std::filesystem::path best{};  ///< where the recipe goes
  int level{1};                ///< 0: presets and TrivialAugment; 1: a grid of RandAugment too; 2: instead of it a policy by density matching; 3: a schedule of strength for the best of level 1
};

struct Tuned {
  std::vector<Candidate> candidates{};  ///< best first: by round, then by mean
  std::vector<std::string> notes{};     ///< on the search, for people
  std::vector<double> schedule{};       ///< level 3: strengths of equal parts of a training; empty: none
  Proof proof{};
};

/// Successive halving (Jamieson and Talwalkar 2016): each round trains what is left longer and with more seeds, and keeps
/// the better third. Plain repetition is a candidate like any other, and cannot win: when it does best, the best recipe
/// is proved all the same and the note says so.
Tuned tune(const TuneOptions& options, const LearnerKind& learner, const std::function<void(const ProveProgress&)>& watch,
           const std::atomic<bool>& stop);

/// The table of what was tried, and the notes.
std::string search_text(const Tuned& tuned);

}  // namespace leaven::learn
