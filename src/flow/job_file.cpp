#include "flow/job_file.hpp"

#include <xxhash.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/error.hpp"
#include "core/key.hpp"
#include "core/lineage.hpp"
#include "flow/recipe_files.hpp"
#include "flow/report_text.hpp"
#include "io/atomic_file.hpp"
#include "io/file.hpp"
#include "recipe/files_beside.hpp"

namespace leaven::flow {

namespace fs = std::filesystem;

namespace {

using Json = nlohmann::ordered_json;

std::string counts_of(const recipe::Augment& a) {
  if (a.total) return "total " + std::to_string(*a.total);
  if (a.per_class) return "per_class " + std::to_string(*a.per_class);
  return "times " + std::to_string(a.times.value_or(1));
}

/// Ids, labels and splits, each with its length in front, so that no two datasets run together to the same bytes.
std::string digest_of_index(const io::DatasetIndex& index) {
  const std::unique_ptr<XXH3_state_t, XXH_errorcode (*)(XXH3_state_t*)> state(XXH3_createState(), XXH3_freeState);
  XXH3_128bits_reset(state.get());
  const auto add = [&](const std::string& text) {
    const auto size = static_cast<std::uint64_t>(text.size());
    XXH3_128bits_update(state.get(), &size, sizeof size);
    XXH3_128bits_update(state.get(), text.data(), text.size());
  };
  for (const io::Entry& entry : index.entries) {
    add(entry.id);
    add(index.labels[entry.label]);
    add(std::string(io::name_of(entry.split)));
  }
  for (const io::NotASample& broken : index.broken) add(broken.path);
  const XXH128_hash_t hash = XXH3_128bits_digest(state.get());
  return to_hex({hash.low64, hash.high64});
}

}  // namespace

namespace {

/// Of all files and folders that the steps name.
std::string digests_of_named(const recipe::Recipe& recipe) {
  recipe::FilesBeside files(recipe_files(), recipe.file);
  std::string digests;
  for (const std::string& path : recipe::named_files(recipe.steps)) digests += files.file(path)->digest;
  return digests;
}

}  // namespace

std::map<std::string, std::string> digests_of(const fs::path& out, const std::vector<std::string>& files) {
  std::map<std::string, std::string> digests;
  for (const std::string& name : files) {
    const io::InputFile file(out / name);
    const std::unique_ptr<XXH3_state_t, XXH_errorcode (*)(XXH3_state_t*)> state(XXH3_createState(), XXH3_freeState);
    XXH3_128bits_reset(state.get());
    constexpr std::uint64_t kAtOnce = 1 << 20;
    for (std::uint64_t at = 0; at < file.size(); at += kAtOnce) {
      const io::Bytes bytes = file.read_bytes(at, std::min(kAtOnce, file.size() - at));
      XXH3_128bits_update(state.get(), bytes.data(), bytes.size());
    }
    const XXH128_hash_t hash = XXH3_128bits_digest(state.get());
    digests[name] = to_hex({hash.low64, hash.high64});
  }
  return digests;
}

JobRecord describe_job(const recipe::Recipe& recipe, const io::DatasetIndex& index, std::uint32_t shard,
                       std::uint32_t shards, const std::string& command) {
  JobRecord record;
  record.version = LEAVEN_VERSION;
  record.libraries = library_versions();
  record.recipe_digest = recipe::digest(recipe);
  if (const std::string digests = digests_of_named(recipe); !digests.empty()) record.files_digest = digest_of(digests.data(), digests.size());
  record.seed = recipe.seed;
  record.source = io::printable(fs::canonical(recipe.source.path).native());
  record.input = index.description;
  record.input_format = index.format;
  record.input_digest = digest_of_index(index);
  record.samples = index.entries.size() + index.broken.size();
  record.counts = counts_of(recipe.augment);
  record.layout = recipe.sink.layout;
  record.shard = shard;
  record.shards = shards;
  record.command = command;
  record.strays = index.strays;
  return record;
}

void write_job_file(const fs::path& file, const JobRecord& r) {
  Json json{{"status", r.complete ? "complete" : "unfinished"},
            {"leaven", r.version},
            {"libraries", r.libraries},
            {"recipe_digest", r.recipe_digest},
            {"files_digest", r.files_digest},
            {"seed", r.seed},
            {"source", r.source},
            {"input", r.input},
            {"input_format", r.input_format},
            {"input_digest", r.input_digest},
            {"samples", r.samples},
            {"counts", r.counts},
            {"layout", r.layout},
            {"shard", r.shard},
            {"shards", r.shards},
            {"command", r.command},
            {"made", r.made}};
  if (r.complete) {
    json["digests"] = r.digests;
    json["seconds"] = r.seconds;
    json["bytes_written"] = r.bytes_written;
    json["originals"] = r.originals;
    json["copies"] = r.copies;
    json["classes"] = r.classes;
    json["strays"] = r.strays;
  }
  io::write_file_atomically(file, json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

std::optional<JobRecord> read_job_file(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return std::nullopt;
  std::ostringstream text;
  text << in.rdbuf();
  try {
    const Json json = Json::parse(text.str());
    JobRecord r;
    r.complete = json.at("status") == "complete";
    r.version = json.at("leaven");
    r.libraries = json.at("libraries");
    r.recipe_digest = json.at("recipe_digest");
    r.files_digest = json.value("files_digest", std::string());
    r.seed = json.at("seed");
    r.source = json.at("source");
    r.input = json.at("input");
    r.input_format = json.at("input_format");
    r.input_digest = json.at("input_digest");
    r.samples = json.at("samples");
    r.counts = json.at("counts");
    r.layout = json.at("layout");
    r.shard = json.at("shard");
    r.shards = json.at("shards");
    r.command = json.at("command");
    r.made = json.at("made").get<std::vector<std::string>>();
    if (r.complete) {
      r.digests = json.value("digests", std::map<std::string, std::string>());
      r.seconds = json.at("seconds");
      r.bytes_written = json.at("bytes_written");
      r.originals = json.at("originals");
      r.copies = json.at("copies");
      json.at("classes").get_to(r.classes);
      json.at("strays").get_to(r.strays);
    }
    return r;
  } catch (const Json::exception& e) {
    throw data_error(file.string() + ": is no job file of Leaven's: " + e.what());
  }
}

std::string differences(const JobRecord& before, const JobRecord& now, bool other_shard) {
  std::string text;
  const auto compare = [&](const char* what, const std::string& was, const std::string& is) {
    if (was != is) text += (text.empty() ? "" : "; ") + std::string(what) + " was " + was + ", is now " + is;
  };
  compare("Leaven's version", before.version, now.version);
  compare("the image libraries", before.libraries, now.libraries);
  if (!other_shard) compare("the source", before.source, now.source);
  compare("the seed", std::to_string(before.seed), std::to_string(now.seed));
  compare("the input format", before.input_format, now.input_format);
  compare("the layout", before.layout, now.layout);
  compare("the number of shards", std::to_string(before.shards), std::to_string(now.shards));
  // The seed is part of the recipe's digest, and has been named already.
  if (before.seed == now.seed) compare("the recipe's digest", before.recipe_digest, now.recipe_digest);
  if (text.empty() && before.files_digest != now.files_digest) text = "a file that the recipe names has changed";
  if (text.empty() && before.input_digest != now.input_digest)
    text = "the source's samples have changed: there were " + std::to_string(before.samples) + ", now there are " +
           std::to_string(now.samples) + (before.samples == now.samples ? " others" : "");
  return text;
}

}  // namespace leaven::flow
