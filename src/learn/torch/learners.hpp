// Every learner that there is, by name.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "core/op.hpp"
#include "learn/learner.hpp"
#include "learn/torch/backbone.hpp"

namespace leaven::learn {

/// "auto" first; those that need a backbone are among them where there is one.
std::vector<std::string_view> learner_names(Domain domain = Domain::raster, bool backbone = false);
/// auto is conv_net for pictures, trees for rows, kernels for series; with a backbone (see backbone.hpp) it is probe. Throws Error(usage) with the nearest name, or those of this domain.
LearnerKind learner_named(std::string_view name, Domain domain = Domain::raster, const BackboneFiles& backbone = {});
/// One for an arm: of those of the backbone, and of those that need none; null for other words.
std::shared_ptr<const LearnerKind> find_learner(std::string_view name, Domain domain, const BackboneFiles& backbone);

}  // namespace leaven::learn
