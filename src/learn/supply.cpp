#include "learn/supply.hpp"

#include <algorithm>

#include "core/error.hpp"

namespace leaven::learn {

namespace {
constexpr std::size_t kAtOnce = 512;

template <class T>
void append(std::vector<T>& to, const std::vector<T>& from) {
  to.insert(to.end(), from.begin(), from.end());
}
}  // namespace

namespace {
Error one_by_one() { return usage_error("what stands behind @ needs items that are changed one by one: pictures or series"); }
}  // namespace

void Supply::show_at(std::vector<double>) { throw one_by_one(); }
void Supply::show_often(const std::vector<double>&) { throw one_by_one(); }
Answer Supply::put_view(std::uint64_t, std::uint32_t, std::span<float>) { throw one_by_one(); }

Held Supply::shown(const Entries& entries, std::uint64_t) { return hold(entries); }

Predictions predict(Learner& learner, const Held& held) { return {held.classes, learner.predict(held.values), held.labels, held.targets}; }

Predictions predict(Learner& learner, Supply& supply, const Entries& entries) {
  Predictions all{supply.classes(), {}, {}, {}};
  for (std::size_t from = 0; from < entries.size(); from += kAtOnce) {
    const auto begin = entries.begin() + static_cast<std::ptrdiff_t>(from);
    const Entries some(begin, begin + static_cast<std::ptrdiff_t>(std::min(kAtOnce, entries.size() - from)));
    const Predictions part = predict(learner, supply.hold(some));
    append(all.probability, part.probability);
    append(all.truth, part.truth);
    append(all.targets, part.targets);
  }
  return all;
}

}  // namespace leaven::learn
