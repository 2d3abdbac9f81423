// What the gate says of pictures: as text, and as a page with new ones beside the nearest that the generator saw.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "flow/html.hpp"
#include "flow/report_text.hpp"
#include "io/codec.hpp"
#include "learn/charts.hpp"
#include "learn/generate/image_gate.hpp"
#include "learn/generate/image_source.hpp"
#include "learn/generate/training_curve.hpp"

namespace leaven::learn {

using flow::HtmlWriter;

namespace {

constexpr std::size_t kMostClasses = 20;

std::string row(const std::string& name, const std::string& value, const std::string& reference) { return fmt::format("  {:<48} {:>16}   {}\n", name, value, reference); }

void write_picture(HtmlWriter& page, std::span<const float> pictures, const ImageData& like, bool series, std::size_t columns, std::string_view alt) {
  ImageData data = like.like();
  for (std::size_t at = 0; at < pictures.size(); at += like.shape.values()) data.add(pictures.subspan(at, like.shape.values()), 0, "");
  const ImageData shown = to_look_at(data, series);
  const Raster grid = grid_of(shown.pixels, shown.shape, columns);
  const io::Bytes png = io::encode(grid.view(), {});
  const std::string uri = flow::data_uri("image/png", {reinterpret_cast<const char*>(png.data()), png.size()});
  page.single("img", {{"src", uri}, {"alt", alt}, {"style", fmt::format("image-rendering:pixelated;width:{}px", 2 * grid.shape().width)}});
}

void append(std::vector<float>& to, std::span<const float> picture) { to.insert(to.end(), picture.begin(), picture.end()); }

void write_classes(HtmlWriter& page, const ImageData& train, const ImageData& made, bool series) {
  page.element("section", [&] {
    page.element("h2", fmt::format("Real {}, new ones, and the nearest to these that the generator saw", series ? "series" : "pictures"));
    page.element("div", {{"class", "strips"}}, [&] {
      for (std::uint32_t label = 0; label < std::min(train.classes.size(), kMostClasses); ++label) {
        std::vector<float> real, fresh, near;
        for (std::size_t i = 0; i < made.size(); ++i)
          if (made.labels[i] == label) append(fresh, made.of(i)), append(near, train.of(nearest_to(train, made.of(i)).item));
        const std::size_t columns = fresh.size() / train.shape.values();
        for (std::size_t i = 0, count = 0; i < train.size() && count < columns; ++i)
          if (train.labels[i] == label) append(real, train.of(i)), ++count;
        if (columns == 0) continue;
        page.element("div", [&, label] {
          if (!train.classes[label].empty()) page.element("h3", train.classes[label]);
          for (const auto* pictures : {&real, &fresh, &near})
            if (!pictures->empty()) page.element("p", [&] { write_picture(page, *pictures, train, series, columns, pictures == &real ? "real" : pictures == &fresh ? "new" : "nearest"); });
        });
      }
    });
    page.element("p", {{"class", "soft"}}, "Rows: real, new, nearest to the new one above (all classes, by their values).");
  });
}

/// A row of pictures for each class.
void write_walks(HtmlWriter& page, const ImageData& walks, bool series) {
  if (walks.size() == 0) return;
  page.element("section", [&] {
    page.element("h2", "Walks through latent space");
    page.element("div", {{"class", "strips"}}, [&] {
      for (std::uint32_t label = 0; label < std::min(walks.classes.size(), kMostClasses); ++label) {
        std::vector<float> steps;
        for (std::size_t i = 0; i < walks.size(); ++i)
          if (walks.labels[i] == label) append(steps, walks.of(i));
        if (steps.empty()) continue;
        page.element("div", [&, label] {
          page.element("h3", walks.classes[label]);
          page.element("p", [&] { write_picture(page, steps, walks, series, steps.size() / walks.shape.values(), "walk"); });
        });
      }
    });
    page.element("p", {{"class", "soft"}},
                 fmt::format("From one drawn point to another. Where neighbours change little by little the generator has learnt more than its {} by heart; where a row jumps from one to the next it has not.", series ? "series" : "pictures"));
  });
}

std::string figures_text(const ImageGate& g) {
  std::string text = fmt::format("\n{} new {} against {} held-out ones\n", flow::count_text(g.made), g.many(), flow::count_text(g.held_out));
  text += row("", "new", "");
  text += row("Fréchet distance in a teacher's features", fmt::format("{:.3f}", g.frechet), fmt::format("{:.3f} of train", g.frechet_of_train));
  text += row("kernel distance", fmt::format("{:.4f}", g.kernel), "0 is alike");
  text += row("precision, recall", fmt::format("{:.3f}, {:.3f}", g.manifold.precision, g.manifold.recall), "");
  text += row("density, coverage", fmt::format("{:.3f}, {:.3f}", g.manifold.density, g.manifold.coverage), "");
  text += row(fmt::format("nearer to {} that it saw than to held-out", g.many()), fmt::format("{:.1f} %", 100 * g.nearer_train), "50 % remembers nothing");
  text += row("real ones that they spread over", fmt::format("{:.1f}", g.near_ones), "");
  text += row("copies", flow::count_text(g.copies), "");
  text += row("classes as a teacher sees them", fmt::format("{:.1f} %", g.teacher_made), fmt::format("{:.1f} % of held-out ones", g.teacher_held_out));
  text += row("accuracy after training on them alone", fmt::format("{:.2f}", g.made_score), fmt::format("{:.2f} on the real ones", g.real_score));
  for (const GateMix& mix : g.mixes)
    text += row(fmt::format("  real {} with ", g.many()) + mix.name + " new ones", fmt::format("{:+.2f}", mix.verdict.mean),
                fmt::format("{:+.2f} to {:+.2f}, {}", mix.verdict.interval.lo, mix.verdict.interval.hi, name_of(mix.verdict.word)));
  return text;
}

}  // namespace

std::string gate_text(const ImageGate& g) {
  std::string text = g.accepted() ? "accepted" : "refused";
  if (g.accepted()) {
    const GateMix& best = g.mixes[g.best];
    text += fmt::format(": best mix {}, {:+.2f} points of macro-F1 (95 % interval {:+.2f} to {:+.2f}), {}", best.name, best.verdict.mean, best.verdict.interval.lo, best.verdict.interval.hi, name_of(best.verdict.word));
  }
  text += "\n";
  for (const std::string& reason : g.reasons) text += "  refused    " + reason + "\n";
  for (const std::string& note : g.notes) text += "  note       " + note + "\n";
  return text + figures_text(g);
}

std::string gate_page(const ImageGate& gate, const ImageData& train, const ImageData& made, const ImageData& walks, const TrainingRecord& training, const std::string& title) {
  HtmlWriter page;
  page.element("h1", title + ": " + (gate.accepted() ? "accepted" : "refused"));
  for (const std::string& reason : gate.reasons) page.element("p", {{"class", "warn"}}, "Refused, for " + reason + ".");
  for (const std::string& note : gate.notes) page.element("p", {{"class", "soft"}}, "Note: " + note + ".");
  page.element("section", [&] {
    page.element("h2", fmt::format("Gain of training with new {} over real ones alone, in points of macro-F1", gate.many()));
    std::vector<ForestRow> rows;
    for (std::size_t m = 0; m < gate.mixes.size(); ++m) {
      const Verdict& v = gate.mixes[m].verdict;
      rows.push_back({fmt::format("{} new {}", gate.mixes[m].name, gate.many()), v.mean, v.interval.lo, v.interval.hi, m == gate.best, fmt::format("{:+.2f} [{:+.2f}, {:+.2f}]", v.mean, v.interval.lo, v.interval.hi)});
    }
    write_forest(page, rows, gate.train < 1000 ? 1 : 0.3);
    page.element("p", {{"class", "soft"}}, "Equal steps, on those held out; lines are 95 % intervals over seeds. One half of those held out chose the bold mix, the other half judges it.");
  });
  write_classes(page, train, made, gate.series);
  write_walks(page, walks, gate.series);
  write_measured(page, gate.measured, gate.series);
  page.element("section", [&] { page.element("h2", "All figures").element("pre", figures_text(gate)); });
  write_training(page, training);
  return flow::html_page(title + ": " + (gate.accepted() ? "accepted" : "refused"), page.take());
}

}  // namespace leaven::learn
