#include "flow/series_gallery.hpp"

#include <fmt/format.h>

#include <numeric>
#include <vector>

#include "core/error.hpp"
#include "flow/gallery_steps.hpp"
#include "flow/html.hpp"
#include "flow/report_text.hpp"
#include "flow/series_picture.hpp"
#include "flow/series_task.hpp"
#include "io/file.hpp"
#include "io/series_file.hpp"

namespace leaven::flow {

namespace {

constexpr int kWidth = 340;  // px

/// The series that is shown, and those it may be mixed with.
struct Shown {
  const io::DatasetReader& reader;
  std::uint32_t entry{};
  LoadedSeries series{};
  const std::vector<std::string>& channels() const { return reader.index().series->names; }
  const std::string& id() const { return reader.index().entries[entry].id; }
  const std::string& label() const { return reader.index().labels[reader.index().entries[entry].label]; }
};

/// What a job would make copies of; all entries where no file says train.
std::vector<std::uint32_t> train_of(const io::DatasetIndex& index) {
  std::vector<std::uint32_t> entries;
  for (std::uint32_t e = 0; e < index.entries.size(); ++e)
    if (index.entries[e].split == io::Split::none || index.entries[e].split == io::Split::train) entries.push_back(e);
  if (entries.empty()) {
    entries.resize(index.entries.size());
    std::iota(entries.begin(), entries.end(), 0U);
  }
  return entries;
}

Shown shown_series(const io::DatasetReader& reader, const std::string& sample) {
  const io::DatasetIndex& index = reader.index();
  if (!sample.empty()) {
    const io::Entry* const entry = find_entry(index, sample);
    if (!entry) throw usage_error("--sample: there is no series " + sample).with_hint("the first is " + io::printable(index.entries.front().id));
    return {reader, static_cast<std::uint32_t>(entry - index.entries.data()), load_series(reader, *entry)};
  }
  const std::vector<std::uint32_t> entries = train_of(index);
  for (const std::uint32_t e : entries) {
    try {
      return {reader, e, load_series(reader, index.entries[e])};
    } catch (const Error& error) {
      if (error.fault() != Fault::data || e == entries.back()) throw;
    }
  }
  throw bug("an open dataset has no entries");
}

void write_copy(HtmlWriter& row, const Shown& shown, const recipe::Recipe& recipe, std::uint32_t copy, const std::string& word) {
  const PartnerPool partners(shown.reader.index(), train_of(shown.reader.index()), recipe);
  const plan::DrawnSeries drawn = plan::draw_series(recipe, {.sample = shown.id(), .copy = copy}, shown.series.shape, shown.label(),
                                                    series_chooser(shown.reader, partners, shown.entry));
  const Series made = run_series(drawn, shown.series, recipe.fuse);
  const std::string values = values_text(drawn.program);
  const std::string caption = word.empty() ? (values.empty() ? "unchanged" : values) : word + ": " + values;
  row.element("figure", {{"class", "copy"}}, [&] {
    write_plot(row, {{shown.series.series.get(), "before"}, {&made, "now"}}, shown.channels(), kWidth, caption);
    row.element("figcaption", {{"title", caption}}, caption);
  });
}

void write_op(HtmlWriter& page, const OpInfo& op, const OpTable& ops, const Shown& shown) {
  page.element("h3", {{"id", op.name}}, op.name);
  page.element("p", {{"class", "soft"}}, std::string(op.summary) + ".");
  HtmlWriter row;
  try {
    const bool strengths = has_strength(op);
    for (std::uint32_t i = 0; i < kStrengths.size(); ++i) {
      recipe::Recipe recipe = example_of(op, ops);
      if (strengths) set_strength(recipe.steps.front(), kStrengths[i].second);
      write_copy(row, shown, recipe, i + 1, strengths ? kStrengths[i].first : "");
    }
  } catch (const Error& error) {
    if (error.fault() != Fault::usage) throw;
    page.element("p", std::string("No picture: ") + error.what());
    return;
  }
  page.element("div", {{"class", "plots"}}, [&] { page.markup(row.take()); });
}

}  // namespace

std::string series_gallery_page(const io::DatasetReader& reader, const std::string& sample, const OpTable& ops,
                                std::span<const std::string> families) {
  const std::vector<std::string_view> chosen = shown_families(ops, Domain::series, families);
  const Shown shown = shown_series(reader, sample);
  HtmlWriter page;
  page.element("h1", "Every step on series, at rising strength");
  page.element("p", {{"class", "lead"}},
               fmt::format("The thin line is {}{}, the thick one what the step makes of it. Low, middle and strong are a third, two thirds and all of "
                           "the way from doing nothing to the step's strong value; steps without a strength show three draws. What is mixed in comes "
                           "from the same dataset.",
                           io::printable(shown.id()), shown.label().empty() ? "" : " of class " + io::printable(shown.label())));
  for (const std::string_view family : chosen)
    page.element("section", [&] {
      page.element("h2", family);
      for (const auto& op : ops.all())
        if (op->family == family && op->domain == Domain::series) write_op(page, *op, ops, shown);
    });
  page.element("footer", "Made by leaven " LEAVEN_VERSION);
  return html_page("Leaven gallery", page.take());
}

}  // namespace leaven::flow
