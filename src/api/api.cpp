#include <atomic>
#include <cstring>
#include <nlohmann/json.hpp>

#include "core/lineage.hpp"
#include "flow/job.hpp"
#include "leaven/leaven.hpp"
#include "ops/families.hpp"
#include "plan/draw_program.hpp"
#include "recipe/recipe.hpp"

namespace leaven {

struct Recipe::Body {
  recipe::Recipe recipe{};
};

namespace {

static_assert(static_cast<int>(PixelType::u16) == static_cast<int>(Dtype::u16) && static_cast<int>(PixelType::f32) == static_cast<int>(Dtype::f32));

RasterView checked(const ImageView& image, bool needs_data) {
  const RasterShape shape{image.width, image.height, image.channels, static_cast<Dtype>(image.type), image.alpha, image.bounded};
  if (image.width < 1 || image.height < 1 || image.width > 65535 || image.height > 65535)
    throw usage_error("an image must be 1 to 65,535 px a side, got " + describe(shape));
  if (image.channels < 1 || image.channels > 4 || (image.channels == 2 && !image.alpha))
    throw usage_error("an image must have 1, 3 or 4 channels (2 when the second is alpha), got " + std::to_string(image.channels));
  const auto packed = static_cast<std::ptrdiff_t>(shape.row_bytes());
  const std::ptrdiff_t stride = image.stride ? image.stride : packed;
  if (std::abs(stride) < packed)
    throw usage_error("stride must be at least " + std::to_string(packed) + " bytes for this image, got " + std::to_string(stride));
  if (needs_data && !image.data) throw usage_error("the image has no data");
  const std::size_t size = bytes_of(shape.dtype);
  if (reinterpret_cast<std::uintptr_t>(image.data) % size != 0 || static_cast<std::size_t>(std::abs(stride)) % size != 0)
    throw usage_error("the rows of an image of " + std::string(name_of(shape.dtype)) + " must start at multiples of " +
                      std::to_string(size) + " bytes");
  return {static_cast<const std::byte*>(image.data), stride, shape, 0, 0};
}

plan::DrawnProgram draw(const recipe::Recipe& recipe, const DrawKey& key, const RasterShape& shape) {
  const DrawContext context{.seed = recipe.seed, .epoch = key.epoch ? key.epoch : recipe.epoch, .sample = key.key, .copy = key.copy};
  return plan::draw_program(recipe, context, shape, key.label);
}

// The "steps" of a lineage line.
std::string steps_of(Program program) {
  LineageRecord record;
  record.program = std::move(program);
  return nlohmann::ordered_json::parse(to_json_line(record)).at("steps").dump();
}

}  // namespace

Recipe::Recipe(std::unique_ptr<Body> body) : body_(std::move(body)) {}
Recipe::Recipe(const Recipe& other) : body_(std::make_unique<Body>(*other.body_)) {}
Recipe& Recipe::operator=(const Recipe& other) {
  if (this != &other) body_ = std::make_unique<Body>(*other.body_);
  return *this;
}
Recipe::Recipe(Recipe&&) noexcept = default;
Recipe& Recipe::operator=(Recipe&&) noexcept = default;
Recipe::~Recipe() = default;

Recipe Recipe::from_file(const std::filesystem::path& file) {
  return Recipe(std::make_unique<Body>(Body{recipe::load(file, ops::op_table())}));
}
Recipe Recipe::from_text(std::string_view yaml) {
  return Recipe(std::make_unique<Body>(Body{recipe::parse(yaml, ops::op_table())}));
}
Recipe Recipe::preset(std::string_view name) {
  return Recipe(std::make_unique<Body>(Body{recipe::preset(name, ops::op_table())}));
}

Recipe& Recipe::seed(std::uint64_t value) {
  body_->recipe.seed = value;
  return *this;
}
std::uint64_t Recipe::seed() const { return body_->recipe.seed; }
std::string Recipe::yaml() const { return recipe::to_yaml(body_->recipe); }

Applied Recipe::apply(const ImageView& image, const DrawKey& key) const {
  const RasterView source = checked(image, true);
  plan::DrawnProgram drawn = draw(body_->recipe, key, source.shape);
  const plan::RasterPlan plan = plan::plan_drawn(drawn, source.shape, body_->recipe.fuse);
  const RasterShape& out = plan.out;
  Applied made{{std::vector<std::byte>(out.bytes()), out.width, out.height, out.channels, static_cast<PixelType>(out.dtype), out.alpha, out.bounded}, {}};
  plan::run_fast(plan, source, {made.image.data.data(), plan::Layout::hwc});
  made.steps = steps_of(std::move(drawn.program));
  return made;
}

void Recipe::apply_chw(const ImageView& image, const DrawKey& key, float* out, int width, int height) const {
  const RasterView source = checked(image, true);
  const plan::RasterPlan plan = plan::plan_drawn(draw(body_->recipe, key, source.shape), source.shape, body_->recipe.fuse);
  if (plan.out.dtype != Dtype::f32 || plan.out.width != width || plan.out.height != height)
    throw usage_error("this recipe gives " + describe(plan.out) + ", and the buffer is for " + std::to_string(width) + "×" + std::to_string(height) + " f32")
        .with_hint("end the recipe in a crop or resize to that size, and normalize");
  plan::run_fast(plan, source, {reinterpret_cast<std::byte*>(out), plan::Layout::chw});
}

std::string Recipe::plan(const ImageView& shape_only, const DrawKey& key) const {
  const RasterShape shape = checked(shape_only, false).shape;
  const plan::DrawnProgram drawn = draw(body_->recipe, key, shape);
  std::string text;
  plan::plan_raster(drawn.lowered, shape, plan::PlanOptions{body_->recipe.fuse}, [&](std::string_view pass, const plan::RasterPlan& plan) {
    text += "after " + std::string(pass) + "\n" + plan::describe(plan, drawn.lowered);
  });
  return text;
}

AugmentResult augment(const Recipe& recipe, const AugmentOptions& options,
                      const std::function<bool(std::uint64_t, std::uint64_t)>& progress) {
  flow::JobOptions job;
  job.recipe = recipe::parse(recipe.yaml(), ops::op_table());
  job.recipe.source.path = options.in.string();
  job.recipe.sink.path = options.out.string();
  job.recipe.augment.times = options.times;
  job.recipe.augment.total.reset();
  job.recipe.augment.per_class.reset();
  job.threads = options.threads;
  job.resume = options.resume;
  job.overwrite = options.overwrite;
  std::atomic<bool> stop{false};
  const auto watch = [&](const flow::Progress& p) {
    if (progress && !progress(p.done, p.total)) stop = true;
  };
  const flow::JobSummary summary = flow::run_job(job, watch, stop);
  return {summary.sources, summary.outputs, summary.set_aside, summary.report};
}

std::string version() { return LEAVEN_VERSION; }
std::string ops_schema() { return recipe::json_schema(ops::op_table()); }

}  // namespace leaven
