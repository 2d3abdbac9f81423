// What a job did, counted from the roster and from what was set aside, so that a resumed run counts like an uninterrupted one.
#pragma once

#include <filesystem>

#include "flow/clean.hpp"
#include "flow/job.hpp"
#include "flow/roster.hpp"

namespace leaven::flow {

/// The sources that one run of a sharded job works on: every shards-th of the roster, from the shard's own.
struct Share {
  std::uint64_t first{}, step{1};
  bool has(std::uint64_t source) const { return source % step == first; }
};

/// Before anything is made: all that the roster promises.
JobSummary promised(const io::DatasetIndex& index, const Roster& roster, const CleanResult& cleaned, const Share& share);
/// The first few names.
std::string listed(const std::vector<std::string>& names);
/// What a person may not have meant: splits and classes that get no sample, classes of `when:` that are none.
std::vector<std::string> doubts(const io::DatasetIndex& index, const Roster& roster, const recipe::Recipe& recipe);
/// Takes away what came to nothing, as the set-aside file says, and judges whether too many were broken. `cleaned` was
/// set aside before the roster, and nothing was promised of it.
void settle(JobSummary& summary, const io::DatasetIndex& index, const Roster& roster, const CleanResult& cleaned,
            const std::filesystem::path& set_aside_file, const recipe::Recipe& recipe, const Share& share);
/// Kinds and `broken` from the lines alone; calls `visit` for each. Copies that do not fit count once a source.
void count_set_aside(const std::filesystem::path& file, JobSummary& summary,
                     const std::function<void(const SetAside&)>& visit = [](const SetAside&) {});
bool too_many_broken(std::uint64_t broken, std::uint64_t samples, double max_bad);

}  // namespace leaven::flow
