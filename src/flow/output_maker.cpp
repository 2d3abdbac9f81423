#include "flow/output_maker.hpp"

#include <algorithm>
#include <utility>

#include "core/error.hpp"
#include "core/half.hpp"
#include "flow/drawn_as.hpp"
#include "flow/generated.hpp"
#include "flow/placed_message.hpp"
#include "flow/preflight.hpp"
#include "flow/recipe_files.hpp"
#include "io/file.hpp"
#include "io/metadata.hpp"
#include "ops/families.hpp"
#include "plan/mixed_labels.hpp"
#include "recipe/files_beside.hpp"
#include "recipe/mixing.hpp"

namespace leaven::flow {

namespace {

/// The name of pixels stored as they are, in lineage.
constexpr const char* kPixels = "npy";

/// What an earlier run wrote of one source: a file stands when it is there and the source was not written after it. Packed
/// outputs always do.
class WrittenFiles {
 public:
  WrittenFiles(const OutputMaker::Parts& parts, const io::Entry& entry) : parts_(parts) {
    source_ = parts.files ? parts.reader.file_of(entry) : std::nullopt;
    std::error_code error;
    if (source_) written_ = std::filesystem::last_write_time(*source_, error);
  }

  bool stands(const EarlierLine& line) const {
    if (!parts_.files) return true;
    std::error_code error;
    const std::filesystem::path file = parts_.out / line.id;
    const auto made = std::filesystem::last_write_time(file, error);
    // Clocks of file systems tick some hundred times a second: of one tick, only a link to the source is surely no older.
    return !error && (made > written_ || (made == written_ && std::filesystem::equivalent(file, *source_, error)));
  }

 private:
  const OutputMaker::Parts& parts_;
  std::optional<std::filesystem::path> source_{};
  std::filesystem::file_time_type written_{std::filesystem::file_time_type::min()};
};

}  // namespace

/// A copy, decided: nothing of it can fail any more but reading the source.
struct OutputMaker::Wanted {
  std::uint32_t copy{}, attempt{};
  plan::DrawnProgram drawn{};
  std::optional<plan::MappedAnnotations> annotations{};
  plan::RasterPlan plan{};
  io::EncodeOptions encoding{};
  MixedLabel label{};
  Raster made{};     ///< of a mixed copy, whose partners are not kept, until it is
  io::Bytes file{};  ///< encoded
};

class OutputMaker::Work {
 public:
  Work(const Parts& parts, std::size_t s, const std::vector<EarlierLine>& earlier)
      : parts_(parts),
        number_(s),
        roster_(parts.roster.sources()[s]),
        entry_(parts.reader.index().entries[roster_.entry]),
        label_(parts.reader.index().labels[entry_.label]),
        drawn_as_(drawn_as(parts.recipe.augment, entry_.id)),
        choose_(partner_chooser(parts.reader, parts.partners, roster_.entry)) {
    const WrittenFiles written(parts, entry_);
    for (const EarlierLine& line : earlier)
      if (written.stands(line)) earlier_.push_back(&line);
  }

  MadeSource run() {
    const std::uint64_t wanted = roster_.copies + (roster_.original ? 1U : 0U);
    if (earlier_.size() == wanted && !parts_.reader.index().annotated) {
      for (const EarlierLine* line : earlier_) reuse(*line);
      return std::move(made_);
    }
    try {
      load();
      for (std::uint32_t copy = 1; copy <= roster_.copies; ++copy)
        if (!earlier(copy)) plan_copy(copy);
      decode();
    } catch (Error& error) {
      if (error.fault() != Fault::data) throw error.with_sample(io::printable(entry_.id));
      if (!earlier_.empty())
        throw error.with_sample(io::printable(entry_.id)).with_hint("an earlier run could read it");
      made_ = {};
      set_aside(io::printable(entry_.id), kBroken, placed_message(error));
      made_.broken = error.with_sample(io::printable(entry_.id));
      return std::move(made_);
    }
    announce();
    write_all();
    return std::move(made_);
  }

 private:
  void load() {
    source_ = load_source(parts_.reader, entry_);
    if (roster_.original && !fits_array(source_.shape())) throw data_error(array_reason(source_.shape()));
    made_.has_more = source_.header.has_more;
    if (source_.annotations) made_.mended = source_.annotations->mended;
    // Made from other pixels: as if it were not there.
    std::erase_if(earlier_, [&](const EarlierLine* line) { return line->source_digest != source_.digest; });
  }

  bool fits_array(const RasterShape& shape) const {
    return !parts_.array || of_one_shape(widened(shape, parts_.channels), *parts_.array);
  }
  std::string array_reason(const RasterShape& shape) const {
    return not_of_one_shape(*parts_.array, widened(shape, parts_.channels));
  }

  const EarlierLine* earlier(std::uint32_t copy) const {
    const auto found = std::ranges::find(earlier_, copy, [](const EarlierLine* line) { return line->copy; });
    return found == earlier_.end() ? nullptr : *found;
  }

  void plan_copy(std::uint32_t copy) {
    Wanted wanted;
    wanted.copy = copy;
    try {
      const recipe::Recipe& recipe = parts_.recipe;
      do {
        if (wanted.attempt == recipe.augment.attempts) return lose_label(copy);
        wanted.drawn = plan::draw_program(recipe, {recipe.seed, recipe.epoch, drawn_as_, copy, 0, wanted.attempt},
                                          source_.shape(), label_, choose_, surroundings_of(source_));
      } while (!map_labels(wanted) && ++wanted.attempt);
      wanted.plan = plan::plan_drawn(wanted.drawn, source_.shape(), plan_options(source_, recipe.fuse, recipe.decode_scaled));
      if (!fits_array(wanted.plan.out)) return set_aside_copy(copy, kUnfit, array_reason(wanted.plan.out));
      if (!parts_.pixels) {
        wanted.encoding = encoding_for(source_, recipe.sink, wanted.plan.out);
        io::require_encodable(wanted.plan.out, wanted.encoding.format);
      }
      wanted.label = mixed_label(wanted.drawn, source_.shape(), label_, parts_.reader.index().label_kind);
      if (takes_partners(wanted.drawn)) make_now(wanted);
    } catch (const Error& error) {
      if (error.fault() != Fault::usage) throw;
      set_aside_copy(copy, kUnfit, error.what());
      return;
    }
    wanted_.push_back(std::move(wanted));
  }

  static bool takes_partners(const plan::DrawnProgram& drawn) {
    return std::ranges::any_of(drawn.mixed_in, [](const auto& step) { return !step.empty(); });
  }

  /// A copy whose partners' pixels are at hand: only what they give is kept, of one copy at a time.
  void make_now(Wanted& wanted) {
    wanted.made = plan::run_fast(wanted.plan, pixels_.at(wanted.plan.shrink).view());
    if (!parts_.pixels) {
      wanted.file = io::encode(wanted.made.view(), wanted.encoding);
      wanted.made = {};
    }
    wanted.plan.passes.clear();
    wanted.plan.groups.clear();
    wanted.drawn.lowered.clear();
    wanted.drawn.mixed_in.clear();
  }

  /// False when a label is lost that the recipe requires.
  bool map_labels(Wanted& wanted) const {
    if (!source_.annotations) return true;
    const AnnotationRules& rules = parts_.recipe.labels;
    wanted.annotations = plan::map_annotations(wanted.drawn, source_.shape(), *source_.annotations,
                                               parts_.reader.index().categories, rules);
    return plan::keeps_required(*wanted.annotations, rules);
  }

  void lose_label(std::uint32_t copy) {
    const std::uint32_t attempts = parts_.recipe.augment.attempts;
    set_aside_copy(copy, kLostLabel,
                   "drawn " + std::to_string(attempts) + " times, and a required label was lost each time");
  }

  void set_aside_copy(std::uint32_t copy, const char* kind, std::string reason) {
    const std::string extension(io::extension_of(encoding_for(source_, parts_.recipe.sink, source_.shape()).format));
    set_aside(io::printable(parts_.roster.output_id(number_, copy, extension)), kind, std::move(reason),
              io::printable(entry_.id));
  }

  void decode() {
    const bool original = roster_.original && !earlier(0);
    const bool file = !parts_.pixels && source_.image.pixels.empty();
    if (original && file && !links() && !parts_.recipe.sink.keep_metadata)
      bare_ = io::without_metadata(source_.image.file, source_.header);
    for (const Wanted& wanted : wanted_) pixels_.at(wanted.plan.shrink);
    if (original && (parts_.pixels || (!parts_.checked && !pixels_.ready()))) pixels_.at();
  }

  bool links() const {
    return parts_.recipe.augment.originals == recipe::Originals::link && parts_.files && parts_.reader.file_of(entry_);
  }

  void announce() const {
    if (!parts_.files) return;
    std::vector<std::string> ids;
    if (roster_.original && !earlier(0)) ids.push_back(parts_.roster.output_id(number_, 0, ""));
    for (const Wanted& wanted : wanted_) ids.push_back(id_of(wanted));
    parts_.announce(ids);
  }

  std::string id_of(const Wanted& wanted) const {
    return parts_.roster.output_id(number_, wanted.copy,
                                   parts_.pixels ? std::string_view() : io::extension_of(wanted.encoding.format));
  }

  void write_all() {
    if (roster_.original) {
      if (const EarlierLine* line = earlier(0))
        reuse(*line);
      else
        write_original();
    }
    auto wanted = wanted_.begin();
    for (std::uint32_t copy = 1; copy <= roster_.copies; ++copy) {
      if (const EarlierLine* line = earlier(copy))
        reuse(*line);
      else if (wanted != wanted_.end() && wanted->copy == copy)
        write_copy(*wanted++);
    }
  }

  LineageRecord record(std::uint32_t copy) const {
    LineageRecord record;
    record.source = io::printable(entry_.id);
    record.label = label_;
    record.split = io::name_of(roster_.split);
    record.copy = copy;
    record.fuse = parts_.recipe.fuse;
    record.decode_scaled = parts_.recipe.decode_scaled;
    record.source_digest = source_.digest;
    record.generated = record_of_generated(parts_.reader, entry_);
    return record;
  }

  void write_original() {
    LineageRecord line = record(0);
    io::OutputItem item = new_item(parts_.roster.output_id(number_, 0, ""));
    item.image = source_.shape().size();
    if (source_.annotations) {
      item.annotations = source_.annotations->clone();
      line.instances = {source_.annotations->instances.size(), 0};
    }
    if (parts_.pixels) {
      store_pixels(pixels_.at().clone(), item, line);
    } else if (!source_.image.pixels.empty()) {
      const io::EncodeOptions png;  // loses nothing
      item.file = io::encode(source_.image.pixels.view(), png);
      line.encoding = record_of(png);
    } else {
      line.encoding.without_metadata = !bare_.empty() && bare_ != source_.image.file;
      if (links())
        item.link_to = *parts_.reader.file_of(entry_);
      else
        item.file = line.encoding.without_metadata ? std::move(bare_) : source_.image.file;
      if (!line.encoding.without_metadata) line.digest = source_.digest;
    }
    write(std::move(item), std::move(line));
  }

  void write_copy(Wanted& wanted) {
    LineageRecord line = record(wanted.copy);
    io::OutputItem item = new_item(id_of(wanted));
    item.copy = wanted.copy;
    item.label = line.label = wanted.label.label;
    item.weights = line.weights = wanted.label.weights;
    const bool is_made = !wanted.made.empty() || !wanted.file.empty();
    if (parts_.pixels) {
      store_pixels(is_made ? std::move(wanted.made) : plan::run_fast(wanted.plan, pixels_.at(wanted.plan.shrink).view()), item, line);
    } else {
      item.file = is_made ? std::move(wanted.file) : encoded(wanted);
      line.encoding = record_of(wanted.encoding);
    }
    line.program = std::move(wanted.drawn.program);
    line.attempt = wanted.attempt;
    item.image = wanted.plan.out.size();
    if (wanted.annotations) {
      line.instances = {wanted.annotations->annotations.instances.size(), wanted.annotations->dropped};
      item.annotations = std::move(wanted.annotations->annotations);
    }
    write(std::move(item), std::move(line));
  }

  /// Strips go from the executor to the encoder while they are in the cache.
  io::Bytes encoded(const Wanted& wanted) {
    return io::encode(wanted.plan.out, wanted.encoding,
                      [&](const io::TakeRows& take) { plan::run_fast(wanted.plan, pixels_.at(wanted.plan.shrink).view(), take); });
  }

  void store_pixels(Raster pixels, io::OutputItem& item, LineageRecord& line) const {
    const int before = pixels.shape().channels;
    item.pixels = rounded_to_half(widened(std::move(pixels), parts_.channels));
    line.encoding.format = kPixels;
    if (const int now = item.pixels.shape().channels; now != before) line.encoding.channels = now;
  }

  io::OutputItem new_item(std::string id) const {
    io::OutputItem item;
    item.id = std::move(id);
    item.label = label_;
    item.label_index = entry_.label;
    item.split = roster_.split;
    item.row = parts_.reader.row_of(entry_);
    item.members = parts_.reader.members_of(entry_);
    return item;
  }

  void write(io::OutputItem item, LineageRecord line) {
    line.id = io::printable(item.id);
    if (line.digest.empty())
      line.digest = item.pixels.empty() ? digest_of(item.file.data(), item.file.size())
                                        : digest_of(item.pixels.data(), item.pixels.shape().bytes());
    made_.bytes += item.pixels.empty() ? item.file.size() : item.pixels.shape().bytes();
    parts_.writer.store(item);
    if (parts_.files) item.file = {};  // it lies on disk, and others may wait for a slow source before this one
    made_.items.push_back(std::move(item));
    made_.lineage += to_json_line(line) + "\n";
    ++made_.outputs;
  }

  void reuse(const EarlierLine& line) {
    io::OutputItem item = new_item(line.id);
    item.copy = line.copy;
    if (line.copy > 0 && !recipe::mixing_steps(parts_.recipe).empty()) {
      LineageRecord record = lineage_from_json(line.text, ops::op_table());
      item.label = std::move(record.label);
      item.weights = std::move(record.weights);
    }
    if (source_.annotations) label_again(line, item);
    made_.items.push_back(std::move(item));
    made_.lineage += line.text + "\n";
    ++made_.reused;
  }

  /// A reused output's annotations follow from its line; its file is left as it is.
  void label_again(const EarlierLine& line, io::OutputItem& item) const {
    const LineageRecord record = lineage_from_json(line.text, ops::op_table());
    recipe::FilesBeside files(recipe_files(), parts_.recipe.file);
    const plan::DrawnProgram drawn = plan::lower_program(record.program, source_.shape(), find_partner(parts_.reader),
                                                         record.fuse, {&files, source_.annotations.get()});
    item.image = drawn.out.size();
    if (line.copy == 0)
      item.annotations = source_.annotations->clone();
    else
      item.annotations = plan::map_annotations(drawn, source_.shape(), *source_.annotations,
                                               parts_.reader.index().categories, parts_.recipe.labels)
                             .annotations;
  }

  void set_aside(std::string id, const char* kind, std::string reason, std::string source = {}) {
    made_.set_aside += to_json_line(SetAside{std::move(id), std::move(reason), kind, std::move(source)}) + "\n";
    ++made_.lines_aside;
  }

  const Parts& parts_;
  std::size_t number_;
  const RosterSource& roster_;
  const io::Entry& entry_;
  const std::string& label_;
  std::string drawn_as_;
  plan::ChoosePartner choose_;
  std::vector<const EarlierLine*> earlier_;
  LoadedSource source_;
  SourcePixels pixels_{source_};
  io::Bytes bare_;  ///< the source's file without metadata, where the original becomes that
  std::vector<Wanted> wanted_;
  MadeSource made_;
};

MadeSource OutputMaker::make(std::size_t s, const std::vector<EarlierLine>& earlier) const {
  return Work(parts_, s, earlier).run();
}

bool OutputMaker::must_repair(std::size_t s, const std::vector<EarlierLine>& lines) const {
  const WrittenFiles written(parts_, parts_.reader.index().entries[parts_.roster.sources()[s].entry]);
  return !std::ranges::all_of(lines, [&](const EarlierLine& line) { return written.stands(line); });
}

}  // namespace leaven::flow
