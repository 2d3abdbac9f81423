#include "learn/verdict.hpp"

#include <algorithm>
#include <cmath>

namespace leaven::learn {

std::string_view name_of(Word word) {
  switch (word) {
    case Word::helps: return "helps";
    case Word::harmless: return "harmless";
    case Word::harmful: return "harmful";
    case Word::inconclusive: break;
  }
  return "inconclusive";
}

int exit_code(Word word) { return word == Word::harmful ? 10 : word == Word::inconclusive ? 11 : 0; }

Verdict judge(Differences d, double margin, double resolution) {
  Verdict v;
  v.seeds = d.size();
  v.resolution = resolution;
  v.mean = mean_of(d);
  if (d.size() < 2) return v;
  v.deviation = std::max(deviation_of(d), resolution / std::sqrt(12.0));
  v.interval = t_interval(d, 1 - kLevel, resolution);
  v.bootstrap = bca_interval(d, 1 - kLevel);
  v.p = t_test(d, resolution);
  v.p_equal = equivalence_test(d, margin, resolution);
  v.p_signs = sign_flip_test(d);
  v.detectable = least_detectable(v.deviation, d.size());
  if (v.interval.lo > 0)
    v.word = Word::helps;
  else if (v.p_equal < kLevel)
    v.word = resolution <= margin ? Word::harmless : Word::inconclusive;
  else if (v.interval.hi < 0)
    v.word = Word::harmful;
  else
    v.seeds_needed = pairs_needed(std::max(std::abs(v.mean), margin), v.deviation);
  return v;
}

}  // namespace leaven::learn
