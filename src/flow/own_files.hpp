// Leaven's own files in OUT: what they are called for a whole run and for a shard of one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace leaven::flow {

/// While a run is on, files that grow have io::kGrowingSuffix behind these names.
struct OwnFiles {
  std::filesystem::path lineage{}, set_aside{}, job{};
  std::filesystem::path journal{};  ///< what is finished, source by source: where a killed run goes on, and how parts are joined
  std::filesystem::path started{};  ///< outputs that may be there though the journal does not know them yet
};

/// "" for a whole run, "1-of-3" for a shard.
std::string shard_tag(std::uint32_t shard, std::uint32_t shards);

/// leaven.lineage.jsonl, or leaven.lineage.1-of-3.jsonl.
OwnFiles own_files(const std::filesystem::path& out, std::string_view tag);

/// Tags of all runs in OUT that have a job file, sorted.
std::vector<std::string> job_tags(const std::filesystem::path& out);

}  // namespace leaven::flow
