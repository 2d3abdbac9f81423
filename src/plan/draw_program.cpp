#include "plan/draw_program.hpp"

#include "core/error.hpp"
#include "plan/recipe_walk.hpp"

namespace leaven::plan {

namespace {

/// Draws, resolves and lowers each step that the walk reaches, on the shape that the steps before it left.
class ImageDrawer : public StepVisitor {
 public:
  ImageDrawer(const KeyMaker& keys, const RasterShape& image) : keys_(keys) { drawn_.out = image; }

  void visit(const recipe::Step& step, const std::string& path) override {
    if (step.op->domain != Domain::raster)
      throw usage_error("works on tables, and this is an image");
    for (const std::string& field : step.on)
      if (field != "image") throw usage_error("on: this sample has no field " + field).with_hint("it has: image");
    ProgramStep made{path, OpValue(*step.op), keys_.key(path, {}), step.on};
    set_drawn_values(made.op, step, path, keys_);
    append(std::move(made));
  }

  void append(ProgramStep step) {
    Site site;
    site.image = drawn_.out;
    site.key = step.key;
    step.op.resolve(site);
    Nodes nodes = step.op.lower(site);
    for (const Node& node : nodes) {
      drawn_.out = shape_after(node, drawn_.out);
      require_size(drawn_.out.size());
    }
    drawn_.lowered.push_back({step.path, std::move(nodes)});
    drawn_.program.steps.push_back(std::move(step));
  }

  DrawnProgram take() { return std::move(drawn_); }

 private:
  static void require_size(Size size) {
    if (static_cast<std::uint64_t>(size.width) * static_cast<std::uint64_t>(size.height) > kMostPixels)
      throw usage_error("an image must have at most " + std::to_string(kMostPixels) + " px in all, and this one would be " +
                        std::to_string(size.width) + "×" + std::to_string(size.height));
  }

  const KeyMaker& keys_;
  DrawnProgram drawn_;
};

}  // namespace

DrawnProgram draw_program(const recipe::Recipe& recipe, const DrawContext& context, const RasterShape& image,
                          std::string_view label) {
  const KeyMaker keys(context);
  ImageDrawer drawer(keys, image);
  walk(recipe.steps, keys, label, drawer);
  return drawer.take();
}

DrawnProgram lower_program(const Program& program, const RasterShape& image) {
  const KeyMaker keys(DrawContext{});
  ImageDrawer drawer(keys, image);
  for (const ProgramStep& step : program.steps) {
    try {
      drawer.append(step);
    } catch (Error& error) {
      error.with_step(step.path);
      throw;
    }
  }
  return drawer.take();
}

RasterPlan plan_drawn(const DrawnProgram& drawn, const RasterShape& image, bool fuse) {
  return plan_raster(drawn.lowered, image, PlanOptions{fuse});
}

}  // namespace leaven::plan
