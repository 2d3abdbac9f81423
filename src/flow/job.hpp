// One run: from a dataset and a recipe to a larger dataset, resumable at any moment.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "flow/roster.hpp"
#include "recipe/recipe.hpp"

namespace leaven::flow {

class Pool;

// Leaven's own files in OUT, beside the classes.
inline constexpr const char* kRecipeFile = "leaven.recipe.yaml";
inline constexpr const char* kLineageFile = "leaven.lineage.jsonl";
inline constexpr const char* kSetAsideFile = "leaven.set_aside.jsonl";
inline constexpr const char* kJobFile = "leaven.job.json";
inline constexpr const char* kReportFile = "leaven.report.html";
inline constexpr const char* kFittedFile = "leaven.fitted.json";

struct JobOptions {
  recipe::Recipe recipe{};        ///< source.path and sink.path are set
  int threads{0};                 ///< 0: available_threads()
  std::uint32_t shard{1}, shards{1};  ///< --shard I/N, I from 1
  bool resume{}, overwrite{}, dry_run{};
  bool report{true};
  std::string command{};          ///< the command line that makes it again, for the report
};

struct Progress {
  std::uint64_t done{}, total{};  ///< outputs
  std::uint64_t sources{}, set_aside{};
  double seconds{}, bytes_written{};
  std::string stage{};            ///< "index", "clean", "augment", "report"
};

struct JobSummary {
  std::string input_description{};
  std::uint64_t sources{}, outputs{}, originals{}, copies{}, reused{};
  std::uint64_t broken{};         ///< set aside because they are broken (counts towards max_bad)
  std::map<std::string, std::uint64_t> set_aside{};   ///< by kind
  std::map<std::string, std::uint64_t> strays{};
  std::map<std::string, std::uint64_t> mended{};  ///< of annotations, by kind, while this run read them
  std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> classes{};  ///< label → before, after (train)
  double seconds{};
  std::uint64_t bytes_written{};
  std::vector<std::string> notes{};  ///< what a person must know of how many were made, and of what
  std::uint64_t unmet{};          ///< rows that were asked for and could not be made: exit code 1
  bool too_many_broken{};         ///< more than max_bad: exit code 1
  std::filesystem::path out{}, report{};
};

/// Runs it. `watch` is called about ten times a second from one thread; `stop` set to true ends the run cleanly:
/// Error(interrupted) that says how to resume. Throws Error(usage|environment) before anything is written when it cannot
/// work: OUT inside IN (or IN inside OUT), OUT not empty without resume or overwrite, IN empty, resume with another recipe, seed or
/// version.
JobSummary run_job(const JobOptions& options, const std::function<void(const Progress&)>& watch,
                   const std::atomic<bool>& stop);

/// What a dry run prints: the plan of the work without writing anything.
std::string describe_dry_run(const JobSummary& summary);

/// `leaven merge OUT`: joins the part files of N shards into the files of an unsharded run, byte for byte. Throws
/// Error(usage) naming the shards that are missing or unfinished.
JobSummary merge_shards(const std::filesystem::path& out, const std::function<void(const Progress&)>& watch);

struct Verification {
  std::uint64_t checked{}, missing{}, changed{}, unlisted{};
  std::vector<std::string> problems{};  ///< the first 20, for people
};
/// `leaven verify OUT`: every output's digest against its lineage line; image files that no line names are unlisted.
Verification verify(const std::filesystem::path& out, int threads);

/// Writes leaven.report.html into OUT (flow/report.cpp). `cards`: markup of further sections, those of a table.
void write_report(const std::filesystem::path& out, const recipe::Recipe& recipe, const JobSummary& summary,
                  const std::string& command, Pool& pool, const std::string& cards = {});

}  // namespace leaven::flow
