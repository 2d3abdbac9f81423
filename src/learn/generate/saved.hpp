// A generator on disk: a folder with a card for people and programs (JSON) and its numbers (safetensors).
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "learn/generate/safetensors.hpp"

namespace leaven::learn {

inline constexpr const char* kCardFile = "generator.json";
inline constexpr const char* kTensorsFile = "generator.safetensors";

inline constexpr double kMostGuidance = 20;

struct SavedGenerator {
  nlohmann::ordered_json card = nlohmann::ordered_json::object();
  Tensors tensors{};
  /// XXH3-128 of both files, by which lineage names the generator; set by save() and load().
  std::string hash{};
};

/// The card is written last: a folder with a card is whole. Throws Error(environment).
void save_generator(const std::filesystem::path& folder, SavedGenerator& generator);
/// Throws Error(usage) for a folder without a generator, Error(data) for one that is damaged or of a later version. `guidance`: it is to
/// draw by another one than it was fitted with; Error(usage) where it was fitted without.
SavedGenerator load_generator(const std::filesystem::path& folder, const std::optional<double>& guidance = {});

/// How far beyond what it would draw without a class it draws: the card's `guidance`, 1 where it has none. Throws Error(data).
double guidance_of(const SavedGenerator& generator);

/// A member of the card, of the type asked for. Throws Error(data).
template <class T>
T from_card(const nlohmann::ordered_json& card, const std::string& name);

}  // namespace leaven::learn
