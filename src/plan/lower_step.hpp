// From one resolved op to the nodes of its step, on a picture of any number of channels.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/op.hpp"
#include "plan/raster/planner.hpp"

namespace leaven::plan {

/// The partners' pictures of a step, of the kind of pixels that comes in; asked for where the step shows any.
using PartnerPictures = std::function<std::vector<std::shared_ptr<const Raster>>()>;

/// `inside`: for each of the op's inner pictures the steps that run on it. Throws Error(usage) for an op that joins channels
/// where there are more than four.
LoweredStep lower_step(const std::string& path, const OpValue& op, const Site& site, std::span<const std::vector<LoweredStep>> inside,
                       const PartnerPictures& partners);

}  // namespace leaven::plan
