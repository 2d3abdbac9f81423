// What the gate said of a generator, as it lies beside it.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "learn/generate/saved.hpp"

namespace leaven::learn {

inline constexpr const char* kGateFile = "leaven.gate.json";
inline constexpr const char* kGatePage = "leaven.gate.html";
inline constexpr const char* kAccepted = "accepted";
inline constexpr const char* kRefused = "refused";
inline constexpr const char* kUnchecked = "unchecked";

struct KnownGate {
  std::string word{kUnchecked};
  std::vector<std::string> reasons{};
  nlohmann::ordered_json scores = nlohmann::ordered_json::object();
};
/// Unchecked where there is no verdict, or where it is of another generator or another guidance than `generator` in that folder.
KnownGate gate_of(const std::filesystem::path& folder, const SavedGenerator& generator);

}  // namespace leaven::learn
