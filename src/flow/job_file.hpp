// leaven.job.json: what a run was asked for, so that a later one can tell whether it goes on with the same work.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "io/dataset.hpp"
#include "recipe/recipe.hpp"

namespace leaven::flow {

struct JobRecord {
  bool complete{};
  std::string version{}, libraries{};      ///< Leaven's, and those of what reads and writes images
  std::string recipe_digest{};
  std::string files_digest{};              ///< of the files that the recipe names; empty: it names none
  std::uint64_t seed{};
  std::string source{};                    ///< absolute path of IN
  std::string input{};                     ///< description for people
  std::string input_format{};
  std::string input_digest{};              ///< of all ids, labels and splits
  std::uint64_t samples{};                 ///< found in IN, those that cannot be read included
  std::string counts{};                    ///< "times 4", "total 1000", "per_class 50"
  std::string layout{};
  std::uint32_t shard{1}, shards{1};
  std::string command{};
  std::vector<std::string> made{};         ///< files in OUT that lineage does not name: containers, manifests
  std::map<std::string, std::string> digests{};  ///< XXH3-128 of those, of a finished run
  double seconds{};
  std::uint64_t bytes_written{}, originals{}, copies{};
  /// Label → samples of train before, outputs of train after. Of a shard: after is its own share.
  std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> classes{};
  std::map<std::string, std::uint64_t> strays{};
};

/// What this run is asked for: all but the results.
JobRecord describe_job(const recipe::Recipe& recipe, const io::DatasetIndex& index, std::uint32_t shard,
                       std::uint32_t shards, const std::string& command);

/// Of each file in OUT.
std::map<std::string, std::string> digests_of(const std::filesystem::path& out, const std::vector<std::string>& files);

void write_job_file(const std::filesystem::path& file, const JobRecord& record);
/// Nothing when there is no such file. Throws Error(data) when it is no job file of Leaven's.
std::optional<JobRecord> read_job_file(const std::filesystem::path& file);

/// Why `now` cannot go on with what `before` began, for people: "seed was 1, is now 2"; empty when it can. Counts are not
/// looked at. Shards of one run may read the same dataset from different places.
std::string differences(const JobRecord& before, const JobRecord& now, bool other_shard);

}  // namespace leaven::flow
