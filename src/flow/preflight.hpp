// What a recipe cannot do to a dataset, found before anything is written.
#pragma once

#include "flow/partners.hpp"
#include "flow/roster.hpp"
#include "io/dataset.hpp"
#include "recipe/recipe.hpp"

namespace leaven::flow {

/// Tries the recipe on a few samples spread over the roster, without making any: throws Error(usage) when it
/// fits none of them (every crop larger than its image), or when a step gives what the sink's image format cannot hold, with
/// the step's place and the sinks that can. Samples that cannot be read are passed over. `pixels`: the sink stores pixels, widened() to `channels`.
void require_possible(const io::DatasetReader& reader, const Roster& roster, const PartnerPool& partners,
                      const recipe::Recipe& recipe, bool pixels, int channels);

}  // namespace leaven::flow
