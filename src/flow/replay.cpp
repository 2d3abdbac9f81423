#include "flow/replay.hpp"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <span>

#include "core/error.hpp"
#include "core/half.hpp"
#include "flow/job.hpp"
#include "flow/partners.hpp"
#include "flow/recipe_files.hpp"
#include "flow/series_replay.hpp"
#include "flow/table_row.hpp"
#include "io/file.hpp"
#include "io/metadata.hpp"
#include "plan/draw_program.hpp"
#include "plan/mixed_labels.hpp"

namespace leaven::flow {

namespace fs = std::filesystem;

namespace {

/// The nearest folder at or above the file's that holds a lineage file.
fs::path dataset_of(const fs::path& file) {
  for (fs::path folder = file.parent_path(); !folder.empty(); folder = folder.parent_path()) {
    if (!lineage_files(folder).empty()) return folder;
    if (folder == folder.root_path()) break;
  }
  if (!lineage_files(file).empty())
    throw usage_error(io::printable(file.string()) + " is a whole dataset").with_hint("name one of its files, as its leaven.lineage.jsonl lists them");
  throw usage_error(io::printable(file.string()) + " lies in no dataset that Leaven made")
      .with_hint(std::string("no folder above it holds ") + kLineageFile);
}

/// How every line of this id begins: the key comes first in a fixed order.
std::string line_start(const std::string& id) { return "{\"id\":" + nlohmann::json(id).dump() + ","; }

std::string find_line(const fs::path& out, const std::string& id) {
  const std::string start = line_start(id);
  std::string line;
  for (const fs::path& file : lineage_files(out)) {
    std::ifstream lines(file);
    if (!lines) throw environment_error("cannot be read").with_place(file.string());
    while (std::getline(lines, line))
      if (line.starts_with(start)) return line;
  }
  return {};
}

/// Ids of the same folder, or all where it has none: among them is the one that was meant.
std::string nearest_id(const fs::path& out, const std::string& id) {
  constexpr std::size_t kMost = 20'000;  // the edit distance to each costs microseconds
  const std::string folder = id.substr(0, id.find_last_of('/') + 1);
  std::vector<std::string> ids;
  std::string line;
  for (const fs::path& file : lineage_files(out)) {
    std::ifstream lines(file);
    while (ids.size() < kMost && std::getline(lines, line)) {
      const auto json = nlohmann::json::parse(line, nullptr, false);
      std::string known = json.is_object() ? json.value("id", std::string()) : std::string();
      if (known.starts_with(folder)) ids.push_back(std::move(known));
    }
  }
  return did_you_mean(id, std::vector<std::string_view>(ids.begin(), ids.end()));
}

}  // namespace

std::vector<fs::path> lineage_files(const fs::path& out) {
  constexpr std::string_view kStart = "leaven.lineage.", kEnd = ".jsonl";
  std::error_code error;
  if (fs::is_regular_file(out / kLineageFile, error)) return {out / kLineageFile};
  std::vector<fs::path> parts;
  for (fs::directory_iterator it(out, error), end; !error && it != end; it.increment(error))
    if (const std::string name = it->path().filename().string(); name.starts_with(kStart) && name.ends_with(kEnd))
      parts.push_back(it->path());
  std::ranges::sort(parts);
  return parts;
}

FoundLineage find_lineage(const fs::path& output_file, const OpTable& ops) {
  const fs::path file = fs::absolute(output_file).lexically_normal();
  FoundLineage found;
  found.out = dataset_of(file);
  const std::string id = io::printable(file.lexically_relative(found.out).generic_string());
  const std::string line = find_line(found.out, id);
  if (line.empty())
    throw usage_error("no lineage line of " + io::printable(found.out.string()) + " names " + id)
        .with_hint(nearest_id(found.out, id));
  found.record = lineage_from_json(line, ops);
  // A folder of generate sample has none.
  if (std::error_code error; found.record.generated.empty() || fs::exists(found.out / kRecipeFile, error)) found.recipe = recipe::load(found.out / kRecipeFile, ops);
  return found;
}

const io::DatasetReader& SourceFinder::reader() {
  const std::lock_guard lock(opening_);
  if (!reader_)
    reader_ = io::open_dataset(
        source_.path, {source_.format, source_.path_column, source_.label_column, source_.split_column, /*limit=*/0});
  return *reader_;
}

LoadedSource SourceFinder::find(const std::string& id) {
  std::error_code ignored;
  const fs::path in = source_.path, file = in / id;
  // An image file is opened directly: indexing a large folder for one sample would take long. But its annotations lie
  // elsewhere.
  if (!annotated_ && fs::is_directory(in, ignored) && fs::is_regular_file(file, ignored)) return load_source_file(file);
  const char* const hint = "--source says where the sources lie today";
  if (!fs::exists(in, ignored)) throw usage_error("the source dataset is not at " + in.string()).with_hint(hint);
  const io::DatasetReader& reader = this->reader();
  if (const io::Entry* entry = find_entry(reader.index(), id)) return load_source(reader, *entry);
  throw usage_error("the source is not in " + in.string()).with_sample(id).with_hint(hint);
}

std::span<const Category> SourceFinder::categories() const {
  const std::lock_guard lock(opening_);
  return reader_ ? std::span<const Category>(reader_->index().categories) : std::span<const Category>();
}

LoadedSource SourceFinder::load(const LineageRecord& record) {
  LoadedSource loaded = find(record.source);
  require_digest(loaded, record.source, record.source_digest);
  return loaded;
}

plan::FindPartner SourceFinder::partners() {
  return [this](const ProgramPartner& partner) {
    const LoadedSource loaded = find(partner.source);
    require_digest(loaded, partner.source, partner.digest);
    return partner_of(loaded, partner.source, partner.label);
  };
}

recipe::FilesBeside SourceFinder::files() const {
  return {recipe_files(), recipe_file_, "--files says where the recipe's files lie today"};
}

bool needs_annotations(const LineageRecord& record) {
  return std::ranges::any_of(record.program.steps,
                             [](const ProgramStep& step) { return step.op.info().reads == Reads::marks; });
}

LoadedSource decoded(const LoadedSource& source) {
  return {.image = {.pixels = decode_whole(source)},
          .header = source.header,
          .digest = source.digest,
          .annotations = source.annotations};
}

namespace {

plan::DrawnProgram lowered_prefix(const LineageRecord& record, const LoadedSource& source, std::size_t steps,
                                  SourceFinder& sources) {
  const std::span<const ProgramStep> all = record.program.steps;
  recipe::FilesBeside files = sources.files();
  return plan::lower_program({{all.begin(), all.begin() + static_cast<std::ptrdiff_t>(steps)}}, source.shape(),
                             sources.partners(), record.fuse, {&files, source.annotations.get()});
}

}  // namespace

std::optional<Annotations> replay_annotations(const LineageRecord& record, const LoadedSource& source,
                                              std::size_t steps, SourceFinder& sources, const AnnotationRules& rules) {
  if (!source.annotations) return std::nullopt;
  if (steps == 0) return source.annotations->clone();
  const plan::DrawnProgram program = lowered_prefix(record, source, steps, sources);
  return std::move(
      plan::map_annotations(program, source.shape(), *source.annotations, sources.categories(), rules).annotations);
}

Raster replay_pixels(const LineageRecord& record, const LoadedSource& source, std::size_t steps,
                     SourceFinder& sources) {
  const plan::DrawnProgram program = lowered_prefix(record, source, steps, sources);
  return run_program(source, program, plan_options(source, record.fuse, record.decode_scaled));
}

void require_real(const LineageRecord& record) {
  if (!record.generated.empty())
    throw usage_error(record.id + " was made by a learned model, and has no source to make it from again").with_hint("the generator that its line names draws it again: leaven generate sample");
}

Replayed replay(const LineageRecord& record, const recipe::Source& source, const fs::path& out, const std::string& recipe_file) {
  require_real(record);
  if (record.encoding.format == kRowFormat) return replay_row(record, source, out);
  if (is_series(record)) return replay_series(record, source);
  SourceFinder sources(source, needs_annotations(record), recipe_file);
  LoadedSource loaded = sources.load(record);
  Replayed again;
  if (record.encoding.format.empty()) {
    again.file = record.encoding.without_metadata ? io::without_metadata(loaded.image.file, loaded.header)
                                                  : std::move(loaded.image.file);
  } else {
    const Raster pixels =
        rounded_to_half(widened(replay_pixels(record, loaded, record.program.steps.size(), sources), record.encoding.channels));
    if (record.encoding.format != "npy") {
      again.file = io::encode(pixels.view(), encoding_from(record.encoding, loaded));
    } else {
      again.file = {pixels.data(), pixels.data() + pixels.shape().bytes()};
      if (pixels.shape().dtype != Dtype::f32) again.picture = io::encode(pixels.view(), {});
    }
  }
  again.same_digest = digest_of(again.file.data(), again.file.size()) == record.digest;
  return again;
}

}  // namespace leaven::flow
