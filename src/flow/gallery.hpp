// Pages to look at before a job: every op at rising strength on one's own photo, and copies that a recipe would make.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/op.hpp"
#include "flow/sample_task.hpp"
#include "recipe/recipe.hpp"

namespace leaven::flow {

/// The page of `leaven gallery`: a row an op, with the photo and three strengths of it (a third, two thirds and all of the
/// way from neutral to strong), or three draws of an op that has no strength. `families` empty: all image ops.
std::string gallery_page(const LoadedSource& photo, const OpTable& ops, std::span<const std::string> families);

/// One photo with what a recipe makes of it.
struct PreviewPhoto {
  std::string name{};  ///< sample id of the draws, as in a job
  LoadedSource source{};
};
/// The page of `leaven preview`: the first `copies` copies of each photo, the same pixels as a job that knows the photos by
/// these names. Throws Error(usage) as the job would.
std::string preview_page(const recipe::Recipe& recipe, std::span<const PreviewPhoto> photos, std::uint32_t copies);

}  // namespace leaven::flow
