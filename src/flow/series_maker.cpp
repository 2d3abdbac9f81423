#include "flow/series_maker.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "core/error.hpp"
#include "flow/drawn_as.hpp"
#include "flow/placed_message.hpp"
#include "flow/series_task.hpp"
#include "io/file.hpp"

namespace leaven::flow {

namespace {

constexpr std::size_t kTried = 8;

io::Bytes bytes_of(const std::string& text) {
  const auto* const begin = reinterpret_cast<const std::byte*>(text.data());
  return {begin, begin + text.size()};
}

class Work {
 public:
  Work(const SeriesMaker::Parts& parts, std::size_t s)
      : parts_(parts),
        number_(s),
        roster_(parts.roster.sources()[s]),
        entry_(parts.reader.index().entries[roster_.entry]),
        label_(parts.reader.index().labels[entry_.label]),
        drawn_as_(drawn_as(parts.recipe.augment, entry_.id)),
        array_(parts.array) {}

  MadeSource run() {
    try {
      source_ = load_series(parts_.reader, entry_);
      if (roster_.original && array_ && source_.shape.length != parts_.length) throw data_error(other_length(source_.shape.length));
    } catch (Error& error) {
      if (error.fault() != Fault::data) throw;
      set_aside(io::printable(entry_.id), kBroken, placed_message(error));
      made_.broken = error;
      return std::move(made_);
    }
    if (roster_.original) {
      LineageRecord line = record(0);
      write(line, *source_.series, item(0));
    }
    for (std::uint32_t copy = 1; copy <= roster_.copies; ++copy) make_copy(copy);
    return std::move(made_);
  }

 private:
  std::string other_length(std::size_t length) const {
    return "an .npz holds series of one length: here it is " + std::to_string(parts_.length) + ", and this one has " + std::to_string(length) +
           " values";
  }

  void make_copy(std::uint32_t copy) {
    const recipe::Recipe& recipe = parts_.recipe;
    const io::DatasetIndex& index = parts_.reader.index();
    try {
      plan::make_copy(recipe, {recipe.seed, recipe.epoch, drawn_as_, copy, 0, 0}, *source_.series, source_.shape, label_,
                      series_chooser(parts_.reader, parts_.partners, roster_.entry), copy_);
      plan::DrawnSeries& drawn = copy_.drawn;
      const Series& made = copy_.made;
      if (array_ && made.length != parts_.length) throw usage_error(other_length(made.length));
      LineageRecord line = record(copy);
      io::OutputItem out = item(copy);
      if (drawn.shares.size() > 1 && index.label_kind != io::LabelKind::none) {
        std::erase_if(drawn.shares, [](const auto& share) { return share.first.empty() || share.second <= 0; });
        MixedLabel mixed = label_of_shares(drawn.shares, label_, index.label_kind);
        out.label = line.label = mixed.label;
        out.weights = line.weights = std::move(mixed.weights);
      }
      line.program = std::move(drawn.program);
      line.encoding.format = array_ ? kSeriesArray : kSeriesText;
      write(line, made, std::move(out));
      drawn.program = std::move(line.program);
    } catch (const Error& error) {
      if (error.fault() != Fault::usage) throw;
      set_aside(io::printable(parts_.roster.output_id(number_, copy, "")), kUnfit, error.what(), io::printable(entry_.id));
    }
  }

  LineageRecord record(std::uint32_t copy) const {
    LineageRecord record;
    record.id = io::printable(parts_.roster.output_id(number_, copy, ""));
    record.source = io::printable(entry_.id);
    record.label = label_;
    record.split = io::name_of(roster_.split);
    record.copy = copy;
    record.fuse = parts_.recipe.fuse;
    record.source_digest = source_.digest;
    if (copy == 0) record.encoding.format = array_ ? kSeriesArray : kSeriesText;
    return record;
  }

  io::OutputItem item(std::uint32_t copy) const {
    io::OutputItem item;
    item.id = parts_.roster.output_id(number_, copy, "");
    item.label = label_;
    item.label_index = entry_.label;
    item.split = roster_.split;
    item.copy = copy;
    return item;
  }

  /// Fills in the digest.
  void write(LineageRecord& line, const Series& made, io::OutputItem item) {
    const std::string text = written_series(parts_.reader.index(), source_, made, line.copy, array_);
    line.digest = digest_of(text.data(), text.size());
    item.image = {static_cast<int>(made.length), static_cast<int>(made.channels)};
    item.file = bytes_of(text);
    made_.bytes += text.size();
    parts_.writer.store(item);
    made_.items.push_back(std::move(item));
    made_.lineage += to_json_line(line) + "\n";
    ++made_.outputs;
  }

  void set_aside(std::string id, const char* kind, std::string reason, std::string source = {}) {
    made_.set_aside += to_json_line(SetAside{std::move(id), std::move(reason), kind, std::move(source)}) + "\n";
    ++made_.lines_aside;
  }

  const SeriesMaker::Parts& parts_;
  std::size_t number_;
  const RosterSource& roster_;
  const io::Entry& entry_;
  const std::string& label_;
  std::string drawn_as_;
  bool array_;
  LoadedSeries source_{};
  plan::SeriesCopy copy_{};
  MadeSource made_{};
};

}  // namespace

MadeSource SeriesMaker::make(std::size_t s, const std::vector<EarlierLine>&) const { return Work(parts_, s).run(); }

std::size_t require_series_possible(const io::DatasetReader& reader, const Roster& roster, const PartnerPool& partners,
                                    const recipe::Recipe& recipe, bool array) {
  const std::vector<RosterSource>& sources = roster.sources();
  const std::size_t step = std::max<std::size_t>(1, sources.size() / kTried);
  std::optional<Error> first;
  std::size_t length = 0;
  plan::SeriesCopy copy;
  for (std::size_t s = 0; s < sources.size(); s += step) {
    const io::Entry& entry = reader.index().entries[sources[s].entry];
    try {
      const LoadedSeries source = load_series(reader, entry);
      if (sources[s].original && length == 0) length = source.shape.length;
      if (sources[s].copies == 0) continue;
      plan::make_copy(recipe, {recipe.seed, recipe.epoch, entry.id, 1, 0, 0}, *source.series, source.shape, reader.index().labels[entry.label],
                      series_chooser(reader, partners, sources[s].entry), copy);
      written_series(reader.index(), source, copy.made, 1, array);
      if (array && sources[s].original && copy.made.length != source.shape.length)
        throw usage_error("an .npz holds series of one length: one has " + std::to_string(source.shape.length) +
                          " values, its copy would have " + std::to_string(copy.made.length))
            .with_hint("end the recipe with series_resize, and leave originals out where they differ");
      return length == 0 ? copy.made.length : length;
    } catch (Error& error) {
      if (error.fault() == Fault::data) continue;
      if (error.fault() != Fault::usage) throw;
      if (!first) first = error.with_sample(io::printable(entry.id));
    }
  }
  if (first) throw *first;
  return length;
}

}  // namespace leaven::flow
