// A job as tests run it: in this process, on two threads, without a report.
#pragma once

#include <atomic>
#include <filesystem>
#include <string>

#include "flow/job.hpp"
#include "ops/families.hpp"

namespace leaven::flow {

/// `recipe`: its text, from `leaven: 1` on or from below it.
inline JobOptions options_for(const std::filesystem::path& in, const std::filesystem::path& out, const std::string& recipe) {
  JobOptions options;
  options.recipe = recipe::parse(recipe.starts_with("leaven:") ? recipe : "leaven: 1\n" + recipe, ops::op_table(), "test.yaml");
  options.recipe.source.path = in;
  options.recipe.sink.path = out;
  options.threads = 2;
  options.report = false;
  return options;
}

inline JobSummary run(const JobOptions& options) {
  const std::atomic<bool> stop{};
  return run_job(options, {}, stop);
}

}  // namespace leaven::flow
