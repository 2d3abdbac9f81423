// What a recipe cannot do to a dataset, found before anything is written.
#pragma once

#include <optional>
#include <string>

#include "flow/partners.hpp"
#include "flow/roster.hpp"
#include "flow/sample_task.hpp"
#include "io/dataset.hpp"
#include "recipe/recipe.hpp"

namespace leaven::flow {

/// A step that rarely runs would fail far into the job: each is tried by itself on the shape of this source. Throws
/// Error(usage) with the step's place when it gives what the sink's image format cannot hold.
void require_encodable_steps(const recipe::Recipe& recipe, const LoadedSource& source);

/// Tries the recipe on a few samples spread over the roster, without making any: throws Error(usage) when it
/// fits none of them (every crop larger than its image), or when a step gives what the sink's image format cannot hold,
/// with the step's place and the sinks that can. Samples that cannot be read are passed over. `pixels`: the sink stores
/// pixels, widened() to `channels`; the answer is then the shape that every row of its array has, for what comes later
/// to be held against.
std::optional<RasterShape> require_possible(const io::DatasetReader& reader, const Roster& roster,
                                            const PartnerPool& partners, const recipe::Recipe& recipe, bool pixels,
                                            int channels);

/// Whether two images lie in one array.
bool of_one_shape(const RasterShape& a, const RasterShape& b);
/// "an .npz holds images of one shape: …"
std::string not_of_one_shape(const RasterShape& array, const RasterShape& other);

}  // namespace leaven::flow
