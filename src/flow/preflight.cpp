#include "flow/preflight.hpp"

#include <algorithm>
#include <functional>
#include <optional>

#include "core/error.hpp"
#include "flow/sample_task.hpp"
#include "io/file.hpp"

namespace leaven::flow {

namespace {

constexpr std::size_t kTried = 8;

/// Every op of the recipe, containers opened.
void each_op(const std::vector<recipe::Step>& steps, const std::function<void(const recipe::Step&)>& visit) {
  for (const recipe::Step& step : steps) {
    if (step.op) visit(step);
    each_op(step.steps, visit);
  }
}

class Preflight {
 public:
  Preflight(const io::DatasetReader& reader, const PartnerPool& partners, const recipe::Recipe& recipe, bool pixels,
            int channels)
      : reader_(reader), partners_(partners), recipe_(recipe), pixels_(pixels), channels_(channels) {}

  void try_source(const RosterSource& source) {
    const io::Entry& entry = reader_.index().entries[source.entry];
    LoadedSource loaded;
    try {
      loaded = load_source(reader_, entry);
    } catch (const Error& error) {
      if (error.fault() != Fault::data) throw;
      return;
    }
    ++read_;
    if (read_ == 1 && !pixels_) require_encodable_steps(recipe_, loaded);
    if (source.original && reader_.stores_pixels() && !pixels_)
      io::require_encodable(loaded.shape(), io::ImageFormat::png);
    if (pixels_ && source.original) require_one_shape(loaded.shape(), entry);
    if (source.copies == 0) return;
    ++tried_;
    std::optional<RasterShape> out;
    try {
      const auto drawn =
          plan::draw_program(recipe_, {recipe_.seed, recipe_.epoch, entry.id, 1, 0, 0}, loaded.shape(),
                             reader_.index().labels[entry.label], partner_chooser(reader_, partners_, source.entry),
                             surroundings_of(loaded));
      const plan::RasterPlan plan = plan::plan_drawn(drawn, loaded.shape(), plan_options(loaded, recipe_.fuse, recipe_.decode_scaled));
      if (!pixels_) io::require_encodable(plan.out, encoding_for(loaded, recipe_.sink, plan.out).format);
      ++fitting_;
      out = plan.out;
    } catch (Error& error) {
      if (error.fault() != Fault::usage) throw;
      if (!first_) first_ = error.with_sample(io::printable(entry.id));
    }
    if (pixels_ && out) require_one_shape(*out, entry);
  }

  bool enough() const { return (fitting_ > 0 && !pixels_) || read_ >= kTried; }
  std::optional<RasterShape> finish() const {
    if (tried_ > 0 && fitting_ == 0 && first_) throw *first_;
    return shape_;
  }

 private:
  /// Arrays hold images of one size, originals and copies alike.
  void require_one_shape(const RasterShape& own, const io::Entry& entry) {
    const RasterShape shape = widened(own, channels_);
    if (!shape_) shape_ = shape;
    if (of_one_shape(shape, *shape_)) return;
    throw usage_error(not_of_one_shape(*shape_, shape))
        .with_sample(io::printable(entry.id))
        .with_hint(
            "end the recipe with a step that makes them equal, such as resize, and leave originals out where they "
            "differ");
  }

  const io::DatasetReader& reader_;
  const PartnerPool& partners_;
  const recipe::Recipe& recipe_;
  bool pixels_;
  int channels_;
  std::size_t read_{}, tried_{}, fitting_{};
  std::optional<Error> first_;
  std::optional<RasterShape> shape_;
};

}  // namespace

void require_encodable_steps(const recipe::Recipe& recipe, const LoadedSource& source) {
  each_op(recipe.steps, [&](const recipe::Step& step) {
    recipe::Recipe alone;
    alone.steps = {step};
    alone.steps.front().p = 1;
    alone.steps.front().when = {};
    RasterShape out;
    try {
      out = plan::draw_program(alone, {}, source.shape(), {}, {}, surroundings_of(source)).out;
    } catch (const Error&) {
      return;  // it needs what the steps before it make, or marks, or partners
    }
    if (out.dtype == source.shape().dtype) return;
    try {
      io::require_encodable(out, encoding_for(source, recipe.sink, out).format);
    } catch (const Error& error) {
      const std::string others = error.hint().empty() ? "" : error.hint() + ", and ";
      throw usage_error(error.message()).with_op(step.op->name).with_place(step.place.text()).with_hint(others + "layout npz holds any pixels");
    }
  });
}

std::optional<RasterShape> require_possible(const io::DatasetReader& reader, const Roster& roster,
                                            const PartnerPool& partners, const recipe::Recipe& recipe, bool pixels,
                                            int channels) {
  const std::vector<RosterSource>& sources = roster.sources();
  Preflight preflight(reader, partners, recipe, pixels, channels);
  const std::size_t step = std::max<std::size_t>(1, sources.size() / kTried);
  for (std::size_t s = 0; s < sources.size() && !preflight.enough(); s += step) preflight.try_source(sources[s]);
  return preflight.finish();
}

bool of_one_shape(const RasterShape& a, const RasterShape& b) {
  return a.size() == b.size() && a.channels == b.channels && a.dtype == b.dtype && a.half == b.half;
}

std::string not_of_one_shape(const RasterShape& array, const RasterShape& other) {
  return "an .npz holds images of one shape: one is " + describe(array) + ", another would be " + describe(other);
}

}  // namespace leaven::flow
