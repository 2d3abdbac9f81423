#include <atomic>

#include "api/bodies.hpp"
#include "core/error.hpp"
#include "core/lineage.hpp"
#include "flow/job.hpp"
#include "flow/perceptual.hpp"
#include "flow/recipe_files.hpp"
#include "flow/sample_task.hpp"
#include "flow/table_apply.hpp"
#include "flow/table_source.hpp"
#include "io/codec.hpp"
#include "io/metadata.hpp"
#include "io/series_file.hpp"
#include "leaven/leaven.hpp"
#include "ops/families.hpp"
#include "recipe/mixing.hpp"

namespace leaven {

namespace {

plan::DrawnProgram draw(const recipe::Recipe& recipe, const DrawKey& key, const RasterShape& shape, const Annotations* marks = nullptr,
                         std::uint32_t attempt = 0) {
  for (const recipe::Step* step : recipe::mixing_steps(recipe))
    throw usage_error("mixes in other samples, which a single picture does not bring along")
        .with_op(step->op->name)
        .with_place(step->place.text())
        .with_hint("leaven augment mixes the samples of a dataset; in Python so do leaven.augment(), leaven.Loader and recipe.batch()");
  const DrawContext context{.seed = recipe.seed, .epoch = key.epoch ? key.epoch : recipe.epoch, .sample = key.key, .copy = key.copy, .attempt = attempt};
  return plan::draw_program(recipe, context, shape, key.label, {}, {&flow::recipe_files(), marks});
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
bool Recipe::mixes() const { return !recipe::mixing_steps(body_->recipe).empty(); }
std::string Recipe::yaml() const { return recipe::to_yaml(body_->recipe); }

Prepared Recipe::prepare(const ImageView& shape_only, const DrawKey& key) const {
  const RasterShape shape = api::checked(shape_only, false).shape;
  return api::prepared(draw(body_->recipe, key, shape), shape, body_->recipe.fuse, body_->recipe.labels);
}

Prepared Recipe::prepare(const ImageView& shape_only, const DrawKey& key, const Marks& marks) const {
  const recipe::Recipe& recipe = body_->recipe;
  const bool asked = recipe::reads_marks(recipe) || recipe.labels.border != AnnotationRules::Folding::as_drawn;
  const bool required = !marks.things.empty() && recipe.labels.require != AnnotationRules::Require::none;
  if (!asked && !required) return prepare(shape_only, key);
  const RasterShape shape = api::checked(shape_only, false).shape;
  // Masks are never lost, so they need not be moved to find out.
  const api::TakenMarks things =
      api::taken(asked ? marks : Marks{.things = marks.things, .masks = {}, .mirrored = marks.mirrored}, shape);
  for (std::uint32_t attempt = 0; attempt < recipe.augment.attempts; ++attempt) {
    plan::DrawnProgram drawn = draw(recipe, key, shape, &things.annotations, attempt);
    if (plan::keeps_required(api::moved(drawn, shape, things, recipe.labels), recipe.labels))
      return api::prepared(std::move(drawn), shape, recipe.fuse, recipe.labels);
  }
  throw data_error("drawn " + std::to_string(recipe.augment.attempts) + " times, and a required label was lost each time");
}

Applied Recipe::apply(const ImageView& image, const DrawKey& key) const {
  const Prepared prepared = prepare(image, key);
  Applied made{api::room_for(prepared.body().plan.out), prepared.steps()};
  prepared.run(image, made.image.data.data());
  return made;
}

void Recipe::apply_chw(const ImageView& image, const DrawKey& key, float* out, int width, int height) const {
  const Prepared prepared = prepare(image, key);
  const RasterShape& made = prepared.body().plan.out;
  if (made.dtype != Dtype::f32 || made.width != width || made.height != height)
    throw usage_error("this recipe gives " + describe(made) + ", and the buffer is for " + std::to_string(width) + "×" + std::to_string(height) + " f32")
        .with_hint("end the recipe in a crop or resize to that size, and normalize");
  prepared.run(image, out, Layout::chw);
}

AppliedFile Recipe::apply_file(std::vector<std::byte> file, const DrawKey& key, std::string_view id) const {
  const recipe::Recipe& recipe = body_->recipe;
  const flow::LoadedSource source = flow::load_source_bytes(std::move(file));
  plan::DrawnProgram drawn = draw(recipe, key, source.shape());
  const plan::RasterPlan plan = plan::plan_drawn(drawn, source.shape(), flow::plan_options(source, recipe.fuse, recipe.decode_scaled));
  const io::EncodeOptions encoding = flow::encoding_for(source, recipe.sink, plan.out);
  io::require_encodable(plan.out, encoding.format);
  Raster made(plan.out);
  flow::run_plan(source, plan, {made.data(), plan::Layout::hwc});
  AppliedFile applied{io::encode(made.view(), encoding), {}};
  LineageRecord line;
  line.id = id;
  line.source = key.key;
  line.label = key.label;
  line.copy = key.copy;
  line.program = std::move(drawn.program);
  line.fuse = recipe.fuse;
  line.decode_scaled = recipe.decode_scaled;
  line.encoding = flow::record_of(encoding);
  line.digest = digest_of(applied.file.data(), applied.file.size());
  line.source_digest = source.digest;
  applied.line = to_json_line(line);
  return applied;
}

PictureFacts look_at_picture(std::vector<std::byte> file, bool pixels) {
  const flow::LoadedSource source = flow::load_source_bytes(std::move(file));
  PictureFacts facts{source.shape().width, source.shape().height, source.digest, {}};
  if (pixels) facts.difference_hash = flow::difference_hash(flow::decode_whole(source).view());
  return facts;
}

AppliedFile original_file(std::vector<std::byte> file, std::string_view id, std::string_view label, const OriginalOptions& options) {
  flow::LoadedSource source = flow::load_source_bytes(std::move(file));
  if (options.decode) flow::decode_whole(source);
  LineageRecord line;
  line.id = line.source = id;
  line.label = label;
  line.digest = line.source_digest = source.digest;
  if (!options.keep_metadata) {
    io::Bytes bare = io::without_metadata(source.image.file, source.header);
    line.encoding.without_metadata = bare != source.image.file;
    line.digest = digest_of(bare.data(), bare.size());
    source.image.file = std::move(bare);
  }
  return {std::move(source.image.file), to_json_line(line)};
}

std::string Recipe::plan(const ImageView& shape_only, const DrawKey& key) const {
  const RasterShape shape = api::checked(shape_only, false).shape;
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
  if (options.times) {
    job.recipe.augment.times = options.times;
    job.recipe.augment.total.reset();
    job.recipe.augment.per_class.reset();
  }
  job.threads = options.threads;
  job.resume = options.resume;
  job.overwrite = options.overwrite;
  std::atomic<bool> stop{false};
  const auto watch = [&](const flow::Progress& p) {
    if (progress && !progress(p.done, p.total)) stop = true;
  };
  const flow::JobSummary summary = flow::run_job(job, watch, stop);
  return {summary.sources, summary.outputs, summary.set_aside, summary.too_many_broken, summary.report};
}

std::string usual_preset(const std::filesystem::path& in) {
  recipe::Source source;
  source.path = in.string();
  return flow::is_table(source) ? "table" : io::holds_series(in, {}) ? "series" : "light";
}

std::uint64_t prepare_table(const std::filesystem::path& run, const std::filesystem::path& in, const std::filesystem::path& out, bool back) {
  return flow::apply_prepared(run, in, out, back).set_aside.size();
}

std::string version() { return LEAVEN_VERSION; }
std::string ops_schema() { return recipe::json_schema(ops::op_table()); }
std::vector<std::string> preset_names() { return recipe::preset_names(); }

}  // namespace leaven
