// Trained networks of the user's: looked at as they are, or trained on.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "learn/learner.hpp"

namespace leaven::learn {

/// probe: ridge regression on what the network says; last_block: a new head and the last part that has weights are trained;
/// finetune: a new head and all of it, the network's weights at a tenth of the head's learning rate. Batch norm and dropout
/// stay as in use.
std::vector<std::string_view> backbone_ways();

struct BackboneFiles {
  std::filesystem::path network{};  ///< see open_network(); empty: none
  std::filesystem::path weights{};  ///< that take the places of its own
};

/// The network takes items × channels × height × width (a grey picture is repeated where three channels are asked for) and gives
/// items × features; maps are averaged. Throws Error(usage) when the files are none, or have no weights to be trained.
LearnerKind backbone_learner(std::string_view way, const BackboneFiles& files);

}  // namespace leaven::learn
