// Kinds of generators by name.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "core/op.hpp"

namespace leaven::learn {

/// `auto` is the first. `what`: "pictures". Throws Error(usage) with the nearest name.
template <class Kind>
const Kind& named_kind(std::span<const Kind> kinds, const std::string& name, const char* what) {
  std::vector<std::string_view> names{"auto"};
  for (const Kind& kind : kinds) {
    if (kind.name == name) return kind;
    names.push_back(kind.name);
  }
  if (name == "auto") return kinds.front();
  std::string hint = did_you_mean(name, names);
  if (hint.empty()) {
    for (const std::string_view known : names) (hint += hint.empty() ? "there are " : ", ") += known;
  }
  throw usage_error(std::string("there is no generator of ") + what + " called " + name).with_hint(hint);
}

/// The same, to be fitted: a number of steps (0: the kind's own) is refused where there is none.
template <class Kind>
const Kind& kind_to_fit(std::span<const Kind> kinds, const std::string& name, const char* what, std::uint32_t steps) {
  const Kind& kind = named_kind(kinds, name, what);
  if (steps > 0 && !kind.trains) throw usage_error("the kind " + kind.name + " has no steps of training, and a number of them is asked for");
  return kind;
}

}  // namespace leaven::learn
