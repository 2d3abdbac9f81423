#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "core/error.hpp"
#include "core/lineage.hpp"
#include "core/op.hpp"
#include "io/atomic_file.hpp"
#include "io/codec.hpp"
#include "learn/generate/gate_file.hpp"
#include "learn/generate/generate.hpp"
#include "learn/generate/image_source.hpp"
#include "learn/generate/sampled_folder.hpp"
#include "learn/generate/small_classes.hpp"
#include "learn/picture_material.hpp"

namespace leaven::learn {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;

namespace {

constexpr std::size_t kChunk = 512;
constexpr std::uint64_t kMostCount = 1ULL << 40;

std::vector<std::uint64_t> counts_of(const SavedGenerator& saved, std::size_t classes) {
  const Json json = from_card<Json>(saved.card, "class_counts");
  std::vector<std::uint64_t> counts;
  for (const Json& count : json) counts.push_back(count.is_number_unsigned() ? std::min(count.get<std::uint64_t>(), kMostCount) : 0);
  if (counts.size() != classes) throw data_error("the generator's card has broken class_counts");
  return counts;
}

/// How many of each class.
std::vector<std::uint64_t> wanted(const SampleOptions& options, const ImageCard& card, const std::vector<std::uint64_t>& counts) {
  const std::vector<std::string_view> names(card.classes.begin(), card.classes.end());
  const auto require = [&](const std::string& asked) {
    if (std::ranges::find(names, asked) == names.end()) throw usage_error("there is no class " + asked).with_hint(did_you_mean(asked, names));
  };
  for (const std::string& asked : options.classes) require(asked);
  for (const auto& [asked, count] : options.counts) require(asked);
  std::vector<std::uint64_t> made(counts.size());
  for (const auto& [name, count] : options.counts) made[static_cast<std::size_t>(std::ranges::find(names, name) - names.begin())] = count;
  if (!options.counts.empty()) return made;
  std::uint64_t all = 0, given = 0, seen = 0;
  for (std::size_t c = 0; c < counts.size(); ++c) {
    const bool asked = options.classes.empty() || std::ranges::find(options.classes, card.classes[c]) != options.classes.end();
    if (asked) made[c] = counts[c], all += counts[c];
  }
  if (all == 0) throw data_error("no class that was asked for had a picture to learn from");
  for (std::size_t c = 0; c < made.size(); ++c) {
    if (made[c] == 0) continue;
    if (options.per_class) {
      made[c] = *options.per_class;
    } else if (options.rows) {  // in the shares of the classes
      seen += made[c];
      const auto until = static_cast<std::uint64_t>(static_cast<double>(*options.rows) * (static_cast<double>(seen) / static_cast<double>(all)) + 0.5);
      made[c] = until - given;
      given = until;
    }
  }
  return made;
}

}  // namespace

bool makes_tables(const fs::path& generator) { return load_generator(generator).card.contains("columns"); }
bool makes_series(const fs::path& generator) { return load_generator(generator).card.contains("series"); }

Sampled sample_images(const SampleOptions& options, std::span<const ImageKind> kinds, const std::atomic<bool>& stop) {
  const auto begun = Clock::now();
  if (!options.where.empty()) throw usage_error("--where is for tables; pictures and series have --class");
  const SavedGenerator saved = load_generator(options.generator, options.guidance);
  const ImageCard card = image_card(saved);
  const KnownGate gate = gate_of(options.generator, saved);
  if (gate.word == kRefused && !options.force)
    throw Error(Fault::refused, "the gate refused this generator: " + (gate.reasons.empty() ? std::string("no reason is written") : gate.reasons.front()))
        .with_place(options.generator.string())
        .with_hint("--force samples all the same, and writes that down");
  const bool forced = options.force && gate.word != kAccepted;
  const auto model = load_image_model(kinds, saved, card);
  const std::vector<std::uint64_t> counts = wanted(options, card, counts_of(saved, card.classes.size()));
  SampledFolder folder(options.out, options.overwrite);
  io::AtomicTree tree(folder.part(), "");
  const std::vector<std::string> folders = class_folders(card.classes);
  const fs::path series_file = fs::path(from_card<std::string>(saved.card, "data")).stem().concat(".ts");
  Sampled sampled{.file = card.series ? options.out / series_file : options.out, .gate = gate.word};
  std::string lineage, lines = card.series ? ts_head(series_file.stem().string(), card.shape, card.classes, card.stamps.has_value()) : std::string();
  for (std::uint32_t label = 0; label < counts.size(); ++label)
    for (std::uint64_t first = 0; first < counts[label]; first += kChunk) {
      if (stop) throw Error(Fault::interrupted, "stopped; nothing was written");
      const std::vector<float> pictures = model->draw(label, options.seed, first, static_cast<std::size_t>(std::min<std::uint64_t>(kChunk, counts[label] - first)));
      for (std::size_t i = 0; i * card.shape.values() < pictures.size(); ++i) {
        const std::span<const float> values = std::span(pictures).subspan(i * card.shape.values(), card.shape.values());
        std::string id, digest;
        if (card.series) {
          const std::string line = ts_line(values, card.shape, *card.series, card.stamps, card.classes[label]);
          id = fmt::format("{}/{}", series_file.string(), sampled.rows), digest = digest_of(line.data(), line.size());
          lines += line;
        } else {
          const io::Bytes bytes = io::encode(raster_of(values, card.shape).view(), {});
          id = fmt::format("{}/generated_{:06}.png", folders[label], first + i + 1), digest = digest_of(bytes.data(), bytes.size());
          tree.write(id, bytes);
        }
        Json condition{{"class", card.classes[label]}};
        if (saved.card.contains("guidance")) condition["guidance"] = guidance_of(saved);
        const Json line{{"id", id}, {"synthetic", true}, {"generator", saved.hash}, {"kind", card.kind}, {"seed", options.seed}, {"number", first + i}, {"condition", condition},
                        {"gate", gate.word}, {"forced", forced}, {"scores", gate.scores}, {"digest", digest}};
        lineage += line.dump() + "\n";
        ++sampled.rows;
      }
    }
  if (card.series) io::write_file_atomically(folder.part() / series_file, lines);
  Json summary{{"synthetic", true}, {card.series ? "series" : "pictures", sampled.rows}, {"generator", saved.hash}, {"seed", options.seed}, {"gate", gate.word}, {"forced", forced},
                     {"reasons", gate.reasons}, {"scores", gate.scores}, {"leaven", LEAVEN_VERSION}};
  if (card.series) summary["file"] = series_file.string();
  folder.publish(lineage, summary.dump(1) + "\n");
  sampled.seconds = std::chrono::duration<double>(Clock::now() - begun).count();
  return sampled;
}

}  // namespace leaven::learn
