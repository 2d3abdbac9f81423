#include "plan/series/draw_series.hpp"

#include <algorithm>
#include <utility>

#include "core/error.hpp"
#include "plan/recipe_walk.hpp"
#include "recipe/mixing.hpp"

namespace leaven::plan {

namespace {

/// A partner with the steps that came before.
struct MixedSeries {
  SeriesPartner partner{};
  std::vector<LoweredSeriesStep> lowered{};
};

std::vector<std::size_t> channels_named(const std::vector<std::string>& on, const SeriesShape& shape) {
  std::vector<std::size_t> channels;
  for (const std::string& name : on) {
    const auto at = std::ranges::find(shape.names, name);
    if (at == shape.names.end()) {
      const std::vector<std::string_view> known(shape.names.begin(), shape.names.end());
      throw usage_error("on: this series has no channel " + name).with_hint(did_you_mean(name, known));
    }
    channels.push_back(static_cast<std::size_t>(at - shape.names.begin()));
  }
  std::ranges::sort(channels);
  return channels;
}

/// Lowers step after step on the shape that the steps before it left.
class Lowering {
 public:
  /// What `drawn` held goes, its memory stays: steps are written over those that it held, until finish().
  Lowering(DrawnSeries& drawn, const SeriesShape& shape, std::string_view label, bool fuse) : fuse_(fuse), drawn_(drawn) {
    drawn_.shares.clear();
    drawn_.out = shape;
    drawn_.shares.emplace_back(label, 1.0);
  }

  /// To be filled in, all of it, and lowered; good until the next.
  ProgramStep& next_step() {
    if (steps_ == drawn_.program.steps.size()) drawn_.program.steps.emplace_back();
    if (steps_ == drawn_.lowered.size()) drawn_.lowered.emplace_back();
    return drawn_.program.steps[steps_++];
  }

  /// The last next_step().
  void lower(const std::vector<MixedSeries>& mixed) {
    ProgramStep& step = drawn_.program.steps[steps_ - 1];
    LoweredSeriesStep& lowered = drawn_.lowered[steps_ - 1];
    Site site;
    site.series = &drawn_.out;
    site.key = step.key;
    step.op.resolve(site);
    lowered.path = step.path;
    lowered.nodes = step.op.lower(site);
    lowered.channels = channels_named(step.on, drawn_.out);
    lowered.partners.clear();
    for (const MixedSeries& in : mixed) lowered.partners.push_back(made(in));
    for (const Node& node : lowered.nodes) {
      pass_shape(node, drawn_.out);
      if (const auto* whole = std::get_if<SeriesWhole>(&node)) share(whole->share, mixed);
    }
    require_runnable(lowered);
  }

  void finish() {
    drawn_.program.steps.resize(steps_);
    drawn_.lowered.resize(steps_);
  }

 private:
  std::shared_ptr<const Series> made(const MixedSeries& in) const {
    if (!in.partner.series) return nullptr;
    if (in.partner.series->channels != drawn_.out.channels)
      throw usage_error("series of " + std::to_string(drawn_.out.channels) + " and of " + std::to_string(in.partner.series->channels) +
                        " channels cannot be mixed");
    if (in.lowered.empty()) return in.partner.series;
    return std::make_shared<const Series>(run_fast(plan_series(in.lowered, fuse_), *in.partner.series));
  }

  void share(double own, const std::vector<MixedSeries>& mixed) {
    if (own >= 1 || mixed.empty()) return;
    for (auto& [label, weight] : drawn_.shares) weight *= own;
    for (const MixedSeries& in : mixed) drawn_.shares.emplace_back(in.partner.label, (1 - own) / static_cast<double>(mixed.size()));
  }

  bool fuse_;
  DrawnSeries& drawn_;
  std::size_t steps_{};  ///< those of this series
};

void require_series(const OpInfo& op) {
  if (op.domain != Domain::series)
    throw usage_error("works on " + std::string(samples_of(op.domain)) + ", and this is a time series")
        .with_hint("leaven ops lists those for series: their names begin with series_");
}

class SeriesDrawer : public StepVisitor {
 public:
  /// What is given must live longer.
  SeriesDrawer(const recipe::Recipe& recipe, const DrawContext& context, const SeriesShape& shape, std::string_view label,
               const ChooseSeries* choose, DrawnSeries& drawn)
      : recipe_(recipe), context_(context), label_(label), choose_(choose), keys_(context), names_(shape.names), lowering_(drawn, shape, label, recipe.fuse) {}

  void draw(std::size_t top) {
    top_ = top;
    walk_one(recipe_.steps, top, keys_, label_, *this);
  }

  void visit(const recipe::Step& step, const std::string& path) override {
    require_series(*step.op);
    ProgramStep& made = lowering_.next_step();
    made.path = path;
    made.op = OpValue(*step.op);
    made.key = keys_.key(path, {});
    made.on = step.on;
    made.partners.clear();
    made.inside.clear();
    set_drawn_values(made.op, step, path, keys_);
    std::vector<MixedSeries> mixed;
    for (int place = 1; choose_ && *choose_ && place <= step.op->partners; ++place) {
      const bool opposed = place > step.op->partners - step.op->opposed;
      const std::string rule = opposed ? "other_class" : to_text(made.op.get("partners"));
      ProgramPartner& partner = made.partners.emplace_back();
      mixed.push_back(mix_in(rule, keys_.key(path, "partner " + std::to_string(place)), partner));
    }
    lowering_.lower(mixed);
  }

  void finish() { lowering_.finish(); }

 private:
  MixedSeries mix_in(const std::string& rule, Key key, ProgramPartner& partner) const {
    MixedSeries in{(*choose_)(rule, key), {}};
    DrawContext context = context_;
    context.partner_slot = static_cast<std::uint32_t>(key.low) | 1U;  // draws of its own, and never the sample's
    const SeriesShape shape = shape_of(*in.partner.series, names_);
    DrawnSeries drawn;
    SeriesDrawer drawer(recipe_, context, shape, in.partner.label, nullptr, drawn);
    for (std::size_t top = 0; top < top_; ++top)
      if (!recipe::takes_partners(recipe_.steps[top])) drawer.draw(top);
    drawer.finish();
    in.lowered = std::move(drawn.lowered);
    partner = {in.partner.source, in.partner.digest, in.partner.label, std::move(drawn.program.steps)};
    return in;
  }

  const recipe::Recipe& recipe_;
  const DrawContext& context_;
  std::string_view label_;
  const ChooseSeries* choose_;
  KeyMaker keys_;
  const std::vector<std::string>& names_;
  Lowering lowering_;
  std::size_t top_{};
};

}  // namespace

void draw_series(const recipe::Recipe& recipe, const DrawContext& context, const SeriesShape& shape, std::string_view label,
                 const ChooseSeries& choose, DrawnSeries& drawn) {
  SeriesDrawer drawer(recipe, context, shape, label, &choose, drawn);
  for (std::size_t top = 0; top < recipe.steps.size(); ++top) drawer.draw(top);
  drawer.finish();
}

DrawnSeries draw_series(const recipe::Recipe& recipe, const DrawContext& context, const SeriesShape& shape, std::string_view label,
                        const ChooseSeries& choose) {
  DrawnSeries drawn;
  draw_series(recipe, context, shape, label, choose, drawn);
  return drawn;
}

namespace {

template <class Source>
void make_copy_of(const recipe::Recipe& recipe, const DrawContext& context, const Source& source, const SeriesShape& shape, std::string_view label,
                  const ChooseSeries& choose, SeriesCopy& copy) {
  draw_series(recipe, context, shape, label, choose, copy.drawn);
  plan_series(copy.drawn.lowered, recipe.fuse, copy.plan);
  run_fast(copy.plan, source, copy.made);
}

}  // namespace

void make_copy(const recipe::Recipe& recipe, const DrawContext& context, const Series& source, const SeriesShape& shape, std::string_view label,
               const ChooseSeries& choose, SeriesCopy& copy) {
  make_copy_of(recipe, context, source, shape, label, choose, copy);
}

void make_copy(const recipe::Recipe& recipe, const DrawContext& context, const PlainSeries& source, const SeriesShape& shape, std::string_view label,
               const ChooseSeries& choose, SeriesCopy& copy) {
  make_copy_of(recipe, context, source, shape, label, choose, copy);
}

DrawnSeries lower_series(const Program& program, const SeriesShape& shape, std::string_view label, const FindSeries& find, bool fuse) {
  DrawnSeries drawn;
  Lowering lowering(drawn, shape, label, fuse);
  for (const ProgramStep& step : program.steps) {
    try {
      require_series(step.op.info());
      std::vector<MixedSeries> mixed;
      for (const ProgramPartner& partner : step.partners) {
        if (!find) throw usage_error("mixes in other series, which a single one does not bring along").with_op(step.op.info().name);
        MixedSeries in{find(partner), {}};
        in.lowered = lower_series({partner.steps}, shape_of(*in.partner.series, shape.names), partner.label, {}, fuse).lowered;
        mixed.push_back(std::move(in));
      }
      lowering.next_step() = step;
      lowering.lower(mixed);
    } catch (Error& error) {
      error.with_step(step.path);
      throw;
    }
  }
  lowering.finish();
  return drawn;
}

}  // namespace leaven::plan
