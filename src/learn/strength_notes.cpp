#include "learn/strength_notes.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace leaven::learn {

namespace {

constexpr double kAll = 0.995;  ///< as good as 1

std::string why_never_moved(const Arm& arm, bool short_trainings) {
  if (short_trainings) return "the trainings were shorter than a pass of the training items, after which it would have changed";
  switch (*arm.rule) {
    case StrengthRule::ada: return "1 − training loss / validation loss was never above 0.6, which is what ada takes for over-fitting; longer trainings (--steps) may get there";
    case StrengthRule::cuda: return "no class was recognised in more than 60 % of its items";
    case StrengthRule::ent_augment: break;
  }
  return "the model was sure of no item";
}

}  // namespace

std::vector<std::string> strength_notes(const std::vector<Arm>& arms, const std::vector<Trial>& trials) {
  std::vector<std::string> notes;
  for (const Arm& arm : arms)
    for (const Regime regime : {Regime::matched, Regime::converged}) {
      if (!arm.rule) continue;
      std::size_t count = 0, longest = 0;
      bool never = true, always = true;
      for (const Trial& t : trials) {
        if (t.arm != arm.name || t.regime != regime || !t.failure.empty()) continue;
        const std::vector<StrengthPoint>& points = t.course.strengths;
        ++count, longest = std::max(longest, points.size());
        never = never && std::ranges::all_of(points, [](const StrengthPoint& p) { return p.most == 0; });
        always = always && points.size() > 1 && std::ranges::all_of(points.begin() + 1, points.end(), [](const StrengthPoint& p) { return p.least >= kAll; });
      }
      if (count == 0 || !(never || always)) continue;
      const std::string begin = fmt::format("{} ({}): the strength ", arm.name, name_of(regime)), trainings = count == 1 ? "the training" : fmt::format("all {} trainings", count);
      notes.push_back(never ? fmt::format("{}stayed at 0 in {}, so nothing was changed: {}", begin, trainings, why_never_moved(arm, longest <= 1))
                            : fmt::format("{}was 1 from the second pass on in {}, so it was the recipe as it is but for the first pass", begin, trainings));
    }
  return notes;
}

}  // namespace leaven::learn
