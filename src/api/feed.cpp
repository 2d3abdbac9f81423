#include "leaven/feed.hpp"

#include <algorithm>
#include <cstring>
#include <map>
#include <optional>

#include "api/bodies.hpp"
#include "core/error.hpp"
#include "flow/drawn_as.hpp"
#include "flow/partners.hpp"
#include "flow/sample_task.hpp"
#include "io/file.hpp"
#include "io/outline_shapes.hpp"
#include "io/packed_labels.hpp"
#include "recipe/mixing.hpp"

namespace leaven {

struct Feed::Body {
  Dataset dataset;
  recipe::Recipe recipe;
  flow::PartnerPool partners;
  bool mixes{};
  std::vector<std::string> classes{}, categories{};
  std::map<std::string, std::uint32_t, std::less<>> numbers{};  ///< of classes
  std::shared_ptr<flow::SampleCache> cache{};
};

struct Fed::Body {
  std::shared_ptr<const Feed::Body> feed{};
  const io::Entry* entry{};
  flow::LoadedSource source{};
  plan::DrawnProgram drawn{};
  plan::RasterPlan plan{};
  std::optional<plan::MappedAnnotations> marks{};
};

namespace {

/// Three colour channels: grey three times over, alpha left out, as Pillow's convert("RGB") does.
Raster as_rgb(const Raster& image) {
  RasterShape shape = image.shape();
  const std::size_t size = bytes_of(shape.dtype), from_step = shape.pixel_bytes(), pixels = shape.bytes() / from_step;
  const bool grey = shape.channels < 3;
  shape.channels = 3;
  shape.alpha = false;
  Raster rgb(shape);
  for (std::size_t p = 0; p < pixels; ++p)
    for (std::size_t c = 0; c < 3; ++c)
      std::memcpy(rgb.data() + (p * 3 + c) * size, image.data() + p * from_step + (grey ? 0 : c * size), size);
  return rgb;
}

void make_rgb(flow::LoadedSource& source) {
  if (source.shape().channels == 3 || source.shape().channels > kGroupChannels) return;
  source.image.pixels = as_rgb(flow::decode_whole(source));
  source.header.shape = source.header.stored = source.image.pixels.shape();
}

/// Draws until nothing is lost that the recipe requires.
void draw_program(Fed::Body& fed, const FeedDraw& draw) {
  const recipe::Recipe& recipe = fed.feed->recipe;
  const io::DatasetReader& reader = *fed.feed->dataset.body().reader;
  const std::string& label = reader.index().labels[fed.entry->label];
  const auto number = static_cast<std::uint32_t>(fed.entry - reader.index().entries.data());
  const plan::ChoosePartner choose = flow::partner_chooser(reader, fed.feed->partners, number);
  const std::uint64_t epoch = draw.epoch ? draw.epoch : recipe.epoch;
  const std::string name = flow::drawn_as(recipe.augment, fed.entry->id);
  for (std::uint32_t attempt = 0; attempt < recipe.augment.attempts; ++attempt) {
    fed.drawn = plan::draw_program(recipe, {recipe.seed, epoch, name, draw.copy, 0, attempt}, fed.source.shape(), label, choose,
                                   flow::surroundings_of(fed.source));
    if (!fed.source.annotations) return;
    fed.marks = plan::map_annotations(fed.drawn, fed.source.shape(), *fed.source.annotations, reader.index().categories, recipe.labels);
    if (plan::keeps_required(*fed.marks, recipe.labels)) return;
  }
  throw data_error("drawn " + std::to_string(recipe.augment.attempts) + " times, and a required label was lost each time")
      .with_sample(io::printable(fed.entry->id));
}

flow::MixedLabel label_of(const Fed::Body& fed) {
  const io::DatasetIndex& index = fed.feed->dataset.body().reader->index();
  const std::string& own = index.labels[fed.entry->label];
  return flow::mixed_label(fed.drawn, fed.source.shape(), own, index.label_kind);
}

FedThing thing_of(const Instance& instance, Size canvas, bool masks) {
  FedThing thing;
  static_cast<MarkedThing&>(thing) = api::thing_of(instance);
  if (const auto box = io::box_of(instance); box && !thing.box) thing.box = MarkedBox{box->left, box->top, box->right, box->bottom};
  thing.category = instance.category;
  thing.crowd = instance.crowd;
  if (!masks) return thing;
  const RunLengths runs = instance.mask ? *instance.mask : io::filled(instance.open ? std::vector<Outline>() : io::area_outlines(instance), canvas);
  thing.mask = api::image_of(runs.to_raster().view());
  return thing;
}

}  // namespace

ImageView Fed::out() const { return api::view_of(body_->plan.out); }

void Fed::run(void* out, Layout layout) const {
  flow::run_plan(body_->source, body_->plan, {static_cast<std::byte*>(out), static_cast<plan::Layout>(layout)});
}

std::vector<ClassShare> Fed::shares() const {
  const Feed::Body& feed = *body_->feed;
  const io::LabelKind kind = feed.dataset.body().reader->index().label_kind;
  if (feed.classes.empty()) return {};
  const flow::MixedLabel label = label_of(*body_);
  std::vector<ClassShare> shares;
  const auto add = [&](std::string_view name, double share) {
    if (const auto at = feed.numbers.find(name); at != feed.numbers.end()) shares.emplace_back(at->second, share);
  };
  for (const auto& [name, share] : label.weights) add(name, share);
  if (label.weights.empty()) {
    const std::vector<std::string> parts =
        kind == io::LabelKind::categories ? io::PackedLabels::parts_of(label.label) : std::vector{label.label};
    for (const std::string& name : parts) add(name, 1.0);
  }
  std::ranges::sort(shares);
  return shares;
}

double Fed::number() const {
  io::OutputItem item;
  item.label = label_of(*body_).label;
  return io::PackedLabels::value_of(item);
}

FedMarks Fed::marks(bool masks) const {
  FedMarks made;
  if (!body_->marks) return made;
  for (const Instance& instance : body_->marks->annotations.instances)
    made.things.push_back(thing_of(instance, body_->plan.out.size(), masks));
  for (const MaskField& mask : body_->marks->annotations.masks) made.masks.emplace_back(mask.name, api::image_of(mask.pixels.view()));
  return made;
}

Feed::Feed(const Dataset& dataset, const Recipe& recipe, const std::vector<std::uint32_t>& samples, const FeedCache& cache) {
  const recipe::Recipe& plain = recipe.body().recipe;
  const io::DatasetIndex& index = dataset.body().reader->index();
  if (index.series)
    throw usage_error("this dataset holds time series, and pictures are fed from here").with_hint("SeriesFeed is for them");
  std::vector<std::uint32_t> entries = samples;
  std::ranges::sort(entries);
  auto body = std::make_shared<Body>(Body{dataset, plain, flow::PartnerPool(index, std::move(entries), plain),
                                          !recipe::mixing_steps(plain).empty(), api::classes_of(index), {}, {}, {}});
  if (!cache.folder.empty()) body->cache = std::make_shared<flow::SampleCache>(cache.folder, cache.most_bytes);
  for (std::uint32_t i = 0; i < body->classes.size(); ++i) body->numbers.emplace(body->classes[i], i);
  for (const Category& category : index.categories) body->categories.push_back(category.name);
  body_ = std::move(body);
}

Fed Feed::draw(std::size_t index, const FeedDraw& draw) const {
  const io::DatasetReader& reader = *body_->dataset.body().reader;
  auto made = std::make_shared<Fed::Body>();
  made->feed = body_;
  made->entry = &reader.index().entries.at(index);
  made->source = flow::load_source(reader, *made->entry);
  made->source.cache = body_->cache;
  if (draw.rgb) make_rgb(made->source);
  draw_program(*made, draw);
  made->plan = plan::plan_drawn(made->drawn, made->source.shape(), flow::plan_options(made->source, body_->recipe.fuse, body_->recipe.decode_scaled));
  return Fed(std::move(made));
}

const std::vector<std::string>& Feed::classes() const { return body_->classes; }
const std::vector<std::string>& Feed::categories() const { return body_->categories; }
bool Feed::annotated() const { return body_->dataset.body().reader->index().annotated; }
FedKinds Feed::kinds() const {
  const io::DatasetIndex& index = body_->dataset.body().reader->index();
  const io::Marks& m = index.marks;
  FedKinds kinds{m.boxes || m.rotated || m.outlines || m.lines || m.masks || m.keypoints, m.rotated || m.outlines || m.lines, m.keypoints, 0};
  for (const Category& category : index.categories) kinds.most_keypoints = std::max(kinds.most_keypoints, category.keypoints.size());
  return kinds;
}
bool Feed::soft() const {
  return body_->dataset.label_kind() == LabelKind::categories ||
         (body_->dataset.label_kind() == LabelKind::category && recipe::makes_soft_labels(body_->recipe));
}

}  // namespace leaven
