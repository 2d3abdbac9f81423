#include "plan/draw_program.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "core/error.hpp"
#include "core/interruption.hpp"
#include "plan/lower_step.hpp"
#include "plan/mixed_labels.hpp"
#include "plan/raster/mixing.hpp"
#include "plan/recipe_walk.hpp"
#include "recipe/files_beside.hpp"
#include "recipe/mixing.hpp"

namespace leaven::plan {

namespace {

/// What is still to be seen of each instance of a partner when it is mixed in.
std::vector<std::pair<std::uint32_t, Instance>> marks_of(const MixedIn& in) {
  std::vector<std::pair<std::uint32_t, Instance>> marks;
  const AnnotationRules all{.tight = TightBox::corners, .min_visibility = 0, .min_area = 0, .min_side = 0};
  for (std::uint32_t i = 0; i < in.partner.annotations->instances.size(); ++i) {
    Annotations one;
    one.instances.push_back(in.partner.annotations->instances[i]);
    auto mapped = map_annotations(in.lowered, in.partner.shape, one, {}, all);
    if (!mapped.annotations.instances.empty()) marks.emplace_back(i, std::move(mapped.annotations.instances.front()));
  }
  return marks;
}

/// Lowers step after step on the shape that the steps before it left.
class Lowering {
 public:
  Lowering(const RasterShape& image, bool fuse, const Surroundings& around) : source_(image), fuse_(fuse), around_(around) {
    drawn_.out = image;
  }

  const RasterShape& shape() const { return drawn_.out; }

  /// Makes what stands inside a step, on its picture of this number and shape: the steps and what they lower to.
  using Inside = std::function<DrawnProgram(std::size_t number, const RasterShape& shape)>;

  void append(ProgramStep step, std::vector<MixedIn> mixed_in, const Inside& inside) {
    std::vector<PartnerSite> partners;
    for (const MixedIn& in : mixed_in) partners.push_back(site_of(in));
    Site site;
    site.image = drawn_.out;
    site.key = step.key;
    site.partners = partners;
    site.source = source_.size();
    site.files = around_.files;
    const std::optional<Annotations> marks = marks_for(step.op.info());
    if (marks) site.marks = &*marks;
    Interruption::look();  // fields of displacement are as large as the picture
    step.op.resolve(site);
    const std::vector<std::vector<LoweredStep>> within = steps_inside(step, site, inside);
    LoweredStep lowered = lower_step(step.path, step.op, site, within, [&] { return pictures_of(mixed_in); });
    for (const Node& node : lowered.nodes) {
      if (std::ranges::any_of(within, move_pixels)) require_labels_follow(node);
      drawn_.out = shape_after(node, drawn_.out);
      require_size(drawn_.out.size());
    }
    drawn_.lowered.push_back(std::move(lowered));
    drawn_.program.steps.push_back(std::move(step));
    drawn_.mixed_in.push_back(std::move(mixed_in));
  }

  DrawnProgram take() { return std::move(drawn_); }

 private:
  /// All that is still to be seen of what is marked on the picture, where the op asks.
  std::optional<Annotations> marks_for(const OpInfo& op) const {
    if (op.reads != Reads::marks || op.partners > 0 || !around_.annotations) return std::nullopt;
    const AnnotationRules all{.tight = TightBox::corners, .min_visibility = 0, .min_area = 0, .min_side = 0};
    return map_annotations(drawn_, source_, *around_.annotations, {}, all).annotations;
  }

  static bool move_pixels(const std::vector<LoweredStep>& steps) {
    return std::ranges::any_of(steps, [](const LoweredStep& step) { return std::ranges::any_of(step.nodes, moves_pixels); });
  }

  static std::vector<std::vector<LoweredStep>> steps_inside(ProgramStep& step, const Site& site, const Inside& inside) {
    std::vector<std::vector<LoweredStep>> within;
    if (!step.op.info().inside) return within;
    step.inside.clear();
    for (const RasterShape& shape : step.op.info().inside(step.op.data(), site)) {
      DrawnProgram drawn = inside(within.size(), shape);
      if (drawn.out != shape)
        throw usage_error("the steps inside must leave a picture of " + describe(shape) + " as it is, and made one of " + describe(drawn.out));
      within.push_back(std::move(drawn.lowered));
      step.inside.push_back(std::move(drawn.program.steps));
    }
    return within;
  }

  /// Where steps inside move pixels: marks that stay behind would be wrong.
  void require_labels_follow(const Node& node) const {
    const auto* mix = std::get_if<Mix>(&node);
    if (!mix || !around_.annotations) return;
    for (const MixLayer& layer : *mix->layers)
      if (layer.picture == 0 && !layer.marks)
        throw usage_error("the steps inside move pixels, and what is marked on the picture could not follow")
            .with_hint("leave out steps that turn, shift or bend the picture, or put them before or behind this one");
  }

  static RasterShape shape_after_all(const MixedIn& in) {
    RasterShape shape = in.partner.shape;
    for (const LoweredStep& step : in.lowered)
      for (const Node& node : step.nodes) shape = shape_after(node, shape);
    return shape;
  }

  PartnerSite site_of(const MixedIn& in) const {
    PartnerSite site{conformed(shape_after_all(in), drawn_.out), in.partner.annotations != nullptr, {}};
    if (site.annotated) site.marks = marks_of(in);
    return site;
  }

  std::vector<std::shared_ptr<const Raster>> pictures_of(const std::vector<MixedIn>& mixed_in) const {
    std::vector<std::shared_ptr<const Raster>> pictures;
    for (const MixedIn& in : mixed_in) {
      Raster made = in.partner.pixels ? run_fast(plan_raster(in.lowered, in.partner.shape, {fuse_}), in.partner.pixels->view())
                                      : Raster(shape_after_all(in));
      pictures.push_back(std::make_shared<const Raster>(conformed(std::move(made), drawn_.out)));
    }
    return pictures;
  }

  static void require_size(Size size) {
    if (static_cast<std::uint64_t>(size.width) * static_cast<std::uint64_t>(size.height) > kMostPixels)
      throw usage_error("an image must have at most " + std::to_string(kMostPixels) + " px in all, and this one would be " +
                        std::to_string(size.width) + "×" + std::to_string(size.height));
  }

  RasterShape source_;
  bool fuse_;
  Surroundings around_;
  DrawnProgram drawn_;
};

void require_raster(const OpInfo& op) {
  if (op.domain != Domain::raster) throw usage_error("works on " + std::string(samples_of(op.domain)) + ", and this is an image");
}

/// Borders that would show marked things again, as the recipe's labels want them.
void settle_border(OpValue& op, AnnotationRules::Folding border) {
  const FieldInfo* const field = op.info().find("border");  // an op of somebody's own may mean another thing by it
  if (border == AnnotationRules::Folding::as_drawn || !field || !std::ranges::equal(field->facts.choices, kBorderNames)) return;
  const std::string drawn = std::get<std::string>(op.get("border"));
  if (drawn != "reflect" && drawn != "symmetric" && drawn != "wrap") return;
  if (border == AnnotationRules::Folding::refuse)
    throw usage_error("border: " + drawn + " shows marked things again without their marks")
        .with_hint("draw another border, or set labels: {border: edge} or {border: constant}");
  op.set("border", std::string(kFoldingNames[static_cast<std::size_t>(border)]));
}

/// Draws each step that the walk reaches.
class ImageDrawer : public StepVisitor {
 public:
  ImageDrawer(const recipe::Recipe& recipe, const DrawContext& context, const RasterShape& image, std::string_view label,
              const ChoosePartner* choose, const Surroundings& around)
      : recipe_(recipe),
        context_(context),
        label_(label),
        choose_(choose),
        keys_(context),
        files_(around.files),
        marked_(around.annotations != nullptr),
        lowering_(image, recipe.fuse, around) {}

  void draw(std::size_t top) {
    top_ = top;
    walk_one(recipe_.steps, top, keys_, label_, *this);
  }

  void visit(const recipe::Step& step, const std::string& path) override {
    require_raster(*step.op);
    for (const std::string& field : step.on)
      if (field != "image") throw usage_error("on: this sample has no field " + field).with_hint("it has: image");
    ProgramStep made{path, OpValue(*step.op), keys_.key(path, {}), step.on, {}};
    set_drawn_values(made.op, step, path, keys_);
    if (marked_) settle_border(made.op, recipe_.labels.border);
    std::vector<MixedIn> mixed_in;
    for (int place = 1; choose_ && *choose_ && place <= step.op->partners; ++place) {
      ProgramPartner& partner = made.partners.emplace_back();
      mixed_in.push_back(mix_in(made.op, keys_.key(path, "partner " + std::to_string(place)), partner));
    }
    lowering_.append(std::move(made), std::move(mixed_in), [&](std::size_t number, const RasterShape& shape) {
      ImageDrawer drawer(recipe_, context_, shape, label_, nullptr, {files_, nullptr});
      walk_inside(step, path + "@" + std::to_string(number + 1), keys_, label_, drawer);
      return drawer.take();
    });
  }

  DrawnProgram take() { return lowering_.take(); }

 private:
  MixedIn mix_in(const OpValue& op, Key key, ProgramPartner& partner) const {
    MixedIn in{(*choose_)(op, key), {}};
    DrawContext context = context_;
    // Its own draws, whatever other steps mix in: a number from the key of its place, and never the sample's own.
    context.partner_slot = static_cast<std::uint32_t>(key.low) | 1U;
    ImageDrawer drawer(recipe_, context, in.partner.shape, in.partner.label, nullptr, {files_, in.partner.annotations.get()});
    for (std::size_t top = 0; top < top_; ++top)
      if (!recipe::takes_partners(recipe_.steps[top])) drawer.draw(top);
    DrawnProgram drawn = drawer.take();
    in.lowered = std::move(drawn.lowered);
    partner = {in.partner.source, in.partner.digest, in.partner.label, std::move(drawn.program.steps)};
    return in;
  }

  const recipe::Recipe& recipe_;
  const DrawContext& context_;
  std::string_view label_;
  const ChoosePartner* choose_;
  KeyMaker keys_;
  OpenedFiles* files_;
  bool marked_;
  Lowering lowering_;
  std::size_t top_{};
};

}  // namespace

DrawnProgram draw_program(const recipe::Recipe& recipe, const DrawContext& context, const RasterShape& image,
                          std::string_view label, const ChoosePartner& choose, const Surroundings& around) {
  std::optional<recipe::FilesBeside> files;
  Surroundings beside = around;
  if (around.files) beside.files = &files.emplace(*around.files, recipe.file);
  ImageDrawer drawer(recipe, context, image, label, &choose, beside);
  for (std::size_t top = 0; top < recipe.steps.size(); ++top) drawer.draw(top);
  return drawer.take();
}

DrawnProgram lower_program(const Program& program, const RasterShape& image, const FindPartner& find, bool fuse,
                            const Surroundings& around) {
  Lowering lowering(image, fuse, around);
  for (const ProgramStep& step : program.steps) {
    try {
      require_raster(step.op.info());
      std::vector<MixedIn> mixed_in;
      for (const ProgramPartner& partner : step.partners) {
        if (!find) throw usage_error("mixes in other samples, which a single picture does not bring along")
              .with_op(step.op.info().name)
              .with_hint("leaven replay finds them in the dataset");
        MixedIn in{find(partner), {}};
        in.lowered = lower_program({partner.steps}, in.partner.shape, {}, fuse, {around.files, in.partner.annotations.get()}).lowered;
        mixed_in.push_back(std::move(in));
      }
      lowering.append(step, std::move(mixed_in), [&](std::size_t number, const RasterShape& shape) {
        if (number >= step.inside.size()) throw usage_error("lineage has no steps for its picture " + std::to_string(number + 1));
        return lower_program({step.inside[number]}, shape, {}, fuse, {around.files, nullptr});
      });
    } catch (Error& error) {
      error.with_step(step.path);
      throw;
    }
  }
  return lowering.take();
}

RasterPlan plan_drawn(const DrawnProgram& drawn, const RasterShape& image, const PlanOptions& options) {
  return plan_raster(drawn.lowered, image, options);
}

}  // namespace leaven::plan
