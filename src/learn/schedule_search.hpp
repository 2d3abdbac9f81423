// Level 3 of `leaven tune`: how strong a recipe should be when. Members of a population train side by side, each at a strength of its own;
// the worst take over the weights of the best and go on at another strength (Ho et al. 2019, "Population based augmentation").
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "learn/experiment.hpp"

namespace leaven::learn {

struct PopulationOptions {
  std::uint32_t members{8};
  std::uint32_t parts{8};  ///< of a training; after each of them members are compared
  int threads{};
};

/// The strengths that the best member at the end went through, one for each part of a training. Trains on the experiment's
/// first fold, with the recipe of its arm `arm`, and compares on that fold's validation items. Depends on no number of threads.
/// Throws Error(interrupted) when stopped.
std::vector<double> search_schedule(const Experiment& experiment, std::size_t arm, const PopulationOptions& options,
                                    const std::function<void(std::size_t done, std::size_t total, const std::string& what)>& watch,
                                    const std::atomic<bool>& stop);

/// What members do between two parts: the worse quarter copies the better one, and explores. `scores` are of members.
struct Exchange {
  std::vector<std::size_t> from{};  ///< of each member: whose weights and history it goes on with, its own or another's
  std::vector<double> strengths{};  ///< of the next part
};
Exchange exchange(const std::vector<double>& scores, const std::vector<double>& strengths, Key key);

}  // namespace leaven::learn
