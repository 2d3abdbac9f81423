// A user's own training program instead of a learner of ours: it gets a folder and prints what came of them.
#pragma once

#include <atomic>
#include <filesystem>
#include <string>

#include "learn/experiment.hpp"
#include "learn/proof.hpp"

namespace leaven::learn {

/// `command` is for a shell, with {data}, {seed} and {arm} in it. {data} becomes a folder below `folder` with the training
/// items as the arm shows them in one epoch, and those to validate and to test with: see Material::write(). Its last line of
/// output that is a JSON object with `metric` holds the metrics as shares from 0 to 1: {"accuracy": 0.93}. What
/// goes wrong (exit code, no such line) is the trial's failure. The folder is deleted afterwards.
struct External {
  std::string command{}, metric{};
  std::filesystem::path folder{};
  std::string files{};  ///< see files_in()
};
/// Digests of the programs, scripts and settings that a command names (train.py): another program is another training.
std::string files_in(const std::string& command);
std::string key_of(const External& external, const Experiment& experiment, const TrialId& id);
Trial run_external(const External& external, const Experiment& experiment, const TrialId& id, const std::atomic<bool>& stop);

/// The metrics of the last line that is a JSON object with `metric`; those that it does not give, or gives as null or NaN, are unknown. Throws
/// Error(data) without such a line, without `metric` or with NaN for it, or for a value outside [0, 1].
Metrics metrics_from_output(std::string_view output, std::string_view metric);

}  // namespace leaven::learn
