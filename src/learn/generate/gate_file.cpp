#include "learn/generate/gate_file.hpp"

#include <fstream>

namespace leaven::learn {

KnownGate gate_of(const std::filesystem::path& folder, const SavedGenerator& generator) {
  std::ifstream in(folder / kGateFile);
  KnownGate gate;
  if (!in) return gate;
  try {
    const auto json = nlohmann::ordered_json::parse(in);
    if (json.value("generator", "") != generator.hash || json.value("guidance", 1.0) != guidance_of(generator)) return gate;
    gate.reasons = json.value("reasons", std::vector<std::string>{});
    gate.scores = json.value("scores", nlohmann::ordered_json::object());
    // What cannot be read must not open the gate.
    gate.word = json.value("verdict", "") == kAccepted ? kAccepted : kRefused;
  } catch (const nlohmann::json::exception&) {
    gate = {.word = kRefused, .reasons = {"the verdict beside it cannot be read"}};
  }
  return gate;
}

}  // namespace leaven::learn
