// What a fit that was stopped goes on from: one file in the generator's folder, written as the fit goes on.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "learn/generate/carried.hpp"

namespace leaven::learn {

inline constexpr const char* kCheckpointFile = "generator.checkpoint.safetensors";

/// What a fit trains: on pictures without classes, then what it is for.
enum class FitPart : std::uint8_t { pretraining, training };

class Checkpoint {
 public:
  using Walk = std::function<void(Carried&)>;

  /// `identity`: all that decides what comes out, by the names of the generator's card. Two fits are one where it is equal.
  Checkpoint(std::filesystem::path folder, nlohmann::ordered_json identity);

  /// Takes up what a fit left in the folder; false where there is nothing. Throws Error(usage) for one of another identity, naming
  /// what differs, Error(data) for a damaged file.
  bool take_up();
  /// No file is left.
  void remove();

  /// Carried besides what the trainings carry, through all of them.
  void carries(Walk walk) { always_.push_back(std::move(walk)); }
  /// What trains from now on.
  void enter(FitPart part) { part_ = part; }
  FitPart part() const { return part_; }
  /// Whether what was taken up, and not given back yet, is of this part.
  bool stands_in(FitPart part) const { return there_ && there_->part == part; }

  /// Where it stands in this part: gives back what was carried. `machinery`: what numbers depend on besides the identity; Error(usage)
  /// where it was another.
  void give_back(const std::string& machinery, const Walk& training);
  /// Whether so much time has passed since the last one that another is worth its own.
  bool is_due() const;
  /// Throws Error(environment) where it cannot be written; the one before is left.
  void write(const std::string& machinery, const Walk& training);

 private:
  using Clock = std::chrono::steady_clock;
  struct There {
    FitPart part{};
    std::string machinery{};
    Tensors tensors{};
  };
  std::filesystem::path file() const { return folder_ / kCheckpointFile; }

  std::filesystem::path folder_;
  nlohmann::ordered_json identity_;
  std::vector<Walk> always_{};
  FitPart part_{FitPart::training};
  std::optional<There> there_{};
  Clock::time_point begun_{Clock::now()}, last_{begun_};
  Clock::duration cost_{};  ///< of the last one
};

/// What tells the fit that is asked for from one that is there, for people; "" where they are one. `there`: an identity, or the card
/// of a generator, which may lack some of it.
std::string difference(const nlohmann::ordered_json& asked, const nlohmann::ordered_json& there);

}  // namespace leaven::learn
