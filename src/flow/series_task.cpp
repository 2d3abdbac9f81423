#include "flow/series_task.hpp"

#include <utility>

#include "core/error.hpp"
#include "io/file.hpp"
#include "io/series_file.hpp"

namespace leaven::flow {

namespace {

constexpr std::uint64_t kMostTries = 20;

plan::SeriesPartner partner_of(LoadedSeries loaded, std::string id, std::string label) {
  return {std::move(id), std::move(loaded.digest), std::move(label), std::move(loaded.series)};
}

}  // namespace

LoadedSeries load_series(const io::DatasetReader& reader, const io::Entry& entry) {
  const io::SeriesLayout& layout = *reader.index().series;
  std::size_t line = 0;  // that is read
  try {
    const io::SourceImage raw = reader.read(entry);
    LoadedSeries loaded;
    loaded.text.assign(reinterpret_cast<const char*>(raw.file.data()), raw.file.size());
    loaded.digest = digest_of(loaded.text.data(), loaded.text.size());
    loaded.series = std::make_shared<const Series>(io::parse_series(layout, loaded.text, line));
    loaded.shape = shape_of(*loaded.series, layout.names);
    return loaded;
  } catch (Error& error) {
    throw error.with_place(io::place_in_file(layout, entry.container, entry.offset, line)).with_sample(io::printable(entry.id));
  }
}

plan::ChooseSeries series_chooser(const io::DatasetReader& reader, const PartnerPool& pool, std::uint32_t entry) {
  return [&reader, &pool, entry](std::string_view rule, Key key) {
    const io::DatasetIndex& index = reader.index();
    for (std::uint64_t attempt = 0; attempt < kMostTries; ++attempt) {
      const io::Entry& chosen = index.entries[pool.choose(entry, rule, key, attempt)];
      try {
        return partner_of(load_series(reader, chosen), io::printable(chosen.id), index.labels[chosen.label]);
      } catch (const Error& error) {
        if (error.fault() != Fault::data) throw;
      }
    }
    throw usage_error("of " + std::to_string(kMostTries) + " partners drawn none could be read");
  };
}

plan::FindSeries find_series(const io::DatasetReader& reader) {
  return [&reader](const ProgramPartner& partner) {
    const io::Entry* entry = find_entry(reader.index(), partner.source);
    if (!entry) throw data_error("a partner of this output is no longer in the dataset").with_sample(partner.source);
    LoadedSeries loaded = load_series(reader, *entry);
    if (loaded.digest != partner.digest)
      throw data_error("a partner has changed since this output was made: its digest is " + loaded.digest + ", it was " + partner.digest)
          .with_sample(partner.source);
    return partner_of(std::move(loaded), partner.source, partner.label);
  };
}

std::string written_series(const io::DatasetIndex& index, const LoadedSeries& source, const Series& made, std::uint32_t copy, bool array) {
  const io::SeriesLayout& layout = *index.series;
  if (!array) return copy == 0 ? source.text : io::series_text(layout, source.text, made, copy);
  io::SeriesLayout as_array;
  as_array.format = io::SeriesFormat::arrays;
  as_array.channels_first = layout.channels_first;
  return io::series_text(as_array, {}, made, copy);
}

Series run_series(const plan::DrawnSeries& drawn, const LoadedSeries& source, bool fuse) {
  return plan::run_fast(plan::plan_series(drawn.lowered, fuse), *source.series);
}

}  // namespace leaven::flow
