#include "flow/own_files.hpp"

#include <algorithm>

namespace leaven::flow {

std::string shard_tag(std::uint32_t shard, std::uint32_t shards) {
  return shards == 1 ? std::string() : std::to_string(shard) + "-of-" + std::to_string(shards);
}

OwnFiles own_files(const std::filesystem::path& out, std::string_view tag) {
  const std::string between = tag.empty() ? "." : "." + std::string(tag) + ".";
  return {out / ("leaven.lineage" + between + "jsonl"), out / ("leaven.set_aside" + between + "jsonl"),
          out / ("leaven.job" + between + "json"), out / ("leaven.journal" + between + "jsonl"),
          out / ("leaven.started" + between + "txt")};
}

std::vector<std::string> job_tags(const std::filesystem::path& out) {
  constexpr std::string_view kFirst = "leaven.job.", kLast = ".json";
  std::vector<std::string> tags;
  for (const std::filesystem::directory_entry& entry : std::filesystem::directory_iterator(out)) {
    const std::string name = entry.path().filename();
    if (name == "leaven.job.json") tags.emplace_back();
    else if (name.starts_with(kFirst) && name.ends_with(kLast) && name.size() > kFirst.size() + kLast.size())
      tags.push_back(name.substr(kFirst.size(), name.size() - kFirst.size() - kLast.size()));
  }
  std::ranges::sort(tags);
  return tags;
}

}  // namespace leaven::flow
