// What a job says when it is done.
#pragma once

#include <string>

#include "flow/job.hpp"

namespace leaven::cli {

/// For people: what came in, what went out, what was set aside and why, and where to look.
std::string summary_text(const flow::JobSummary& summary, const std::string& recipe_name);
/// One JSON object with event "done".
std::string summary_json(const flow::JobSummary& summary);

}  // namespace leaven::cli
