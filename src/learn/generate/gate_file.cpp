#include "learn/generate/gate_file.hpp"

#include <fstream>

namespace leaven::learn {

KnownGate gate_of(const std::filesystem::path& generator, const std::string& hash) {
  std::ifstream in(generator / kGateFile);
  KnownGate gate;
  if (!in) return gate;
  try {
    const auto json = nlohmann::ordered_json::parse(in);
    if (json.value("generator", "") != hash) return gate;
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
