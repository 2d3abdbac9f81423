// Kinds of generators by name.
#pragma once

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

}  // namespace leaven::learn
