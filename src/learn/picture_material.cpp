#include "learn/picture_material.hpp"

#include <fmt/format.h>

#include <fstream>
#include <set>

#include "core/error.hpp"
#include "flow/sample_task.hpp"
#include "io/codec.hpp"
#include "recipe/mixing.hpp"
#include "learn/corruptions.hpp"
#include "learn/feed.hpp"
#include "learn/look_alikes.hpp"

namespace leaven::learn {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kCorruptedItems = 300;

class PictureSupply final : public VisitSupply {
 public:
  PictureSupply(const Pictures& pictures, const Arm& arm, const Fold& fold, std::uint64_t seed)
      : VisitSupply(pictures.index(), pictures.shape(), fold.train, arm.times, seed),
        standard_(standard_of(pictures, fold.train)),
        levels_(picture_recipes(arm, pictures.shape())),
        plain_(pictures, standard_, nullptr, seed) {
    if (!levels_.empty()) partners_.emplace(pictures, fold.train, levels_.front().steps());
    for (const PictureRecipe& recipe : levels_) feeds_.emplace_back(pictures, standard_, &recipe, seed, &*partners_);
  }
  const Standard& standard() const { return standard_; }

 protected:
  void show(const Visit& visit, std::size_t level, std::span<float> out) const override {
    (feeds_.empty() ? plain_ : feeds_[feeds_.size() > 1 ? level : 0]).put(visit, out);
  }
  void show_plain(std::uint32_t entry, std::span<float> out) const override { plain_.put({entry, 0, 1}, out); }

 private:
  /// One for each strength where that may change; else the recipe alone.
  static std::vector<PictureRecipe> picture_recipes(const Arm& arm, const InputShape& shape) {
    std::vector<PictureRecipe> recipes;
    if (!arm.recipe) return recipes;
    if (arm.is_dynamic())
      for (recipe::Recipe& level : at_levels(arm.recipe->recipe)) recipes.emplace_back(arm.recipe->name, std::move(level));
    else
      recipes.emplace_back(arm.recipe->name, arm.recipe->recipe);
    for (PictureRecipe& recipe : recipes) recipe.end_in(shape.width, shape.height);
    return recipes;
  }

  Standard standard_;
  std::vector<PictureRecipe> levels_;
  std::optional<PicturePartners> partners_{};
  Feed plain_;
  std::vector<Feed> feeds_{};
};

void write_png(const fs::path& place, const std::string& name, const Raster& picture) {
  fs::create_directories(place);
  const io::Bytes bytes = io::encode(picture.view(), {.format = io::ImageFormat::png, .png_level = 1});
  std::ofstream out(place / (name + ".png"), std::ios::binary);
  out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (!out) throw environment_error("cannot be written").with_place((place / name).string());
}

}  // namespace

std::vector<std::string> class_folders(const std::vector<std::string>& labels) {
  std::set<std::string> taken;
  std::vector<std::string> folders;
  for (const std::string& label : labels) {
    std::string name = label;
    for (char& c : name)
      if (c == '/' || c == '\0') c = '_';
    if (name.empty() || name.starts_with('.')) name.insert(0, "_");
    if (name == label) taken.insert(name);  // whose name can be a folder's keeps it
    folders.push_back(std::move(name));
  }
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (folders[i] == labels[i]) continue;
    const std::string name = folders[i];
    for (int number = 2; !taken.insert(folders[i]).second; ++number) folders[i] = fmt::format("{}_{}", name, number);
  }
  return folders;
}

PictureMaterial::PictureMaterial(const MaterialOptions& options)
    : reader_(io::open_dataset(options.data, {.format = options.input_format})), side_(options.side), threads_(options.threads) {}

void PictureMaterial::take(const Entries& used) { pictures_.emplace(*reader_, used, Pictures::Options{.side = side_, .threads = threads_}); }

LookAlikes PictureMaterial::look_alikes(const Partition& partition) const { return find_look_alikes(*pictures_, partition); }

std::vector<std::uint32_t> PictureMaterial::look_alike_groups(const Entries& used) const { return learn::look_alike_groups(*pictures_, used); }

std::unique_ptr<Supply> PictureMaterial::supply(const Arm& arm, const ArmRecipe*, const Fold& fold, std::uint64_t seed) const {
  return std::make_unique<PictureSupply>(*pictures_, arm, fold, seed);
}

void PictureMaterial::prepare_robustness(const Entries& test, int threads) { corrupted_ = corrupt(*pictures_, test, kCorruptedItems, threads); }

std::map<std::string, std::vector<double>> PictureMaterial::robustness(Learner& learner, Supply& supply) const {
  std::map<std::string, std::vector<double>> found;
  const InputShape& shape = pictures_->shape();
  const Standard& standard = dynamic_cast<const PictureSupply&>(supply).standard();
  for (const CorruptedSet& set : corrupted_.sets) {
    Held held{std::vector<float>(set.pixels.size() * shape.values()), {}, classes(), {}};
    for (std::size_t i = 0; i < set.pixels.size(); ++i) {
      standardise(set.pixels[i].view(), standard, shape, std::span(held.values).subspan(i * shape.values(), shape.values()));
      held.labels.push_back(index().entries[corrupted_.entries[i]].label);
    }
    found[set.corruption].push_back(score_under_corruption(predict(learner, held)));
  }
  return found;
}

HeldOut PictureMaterial::held_out(const Fold& fold, const Entries& entries, std::uint64_t seed) const {
  const Standard standard = standard_of(*pictures_, fold.train);
  return [this, standard, entries, seed](const ArmRecipe* change, std::uint32_t copy) {
    std::optional<PictureRecipe> changing;
    if (change) {
      changing.emplace(change->name, change->recipe);
      changing->end_in(shape().width, shape().height);
    }
    const Feed feed(*pictures_, standard, changing ? &*changing : nullptr, seed);
    Held held{feed.all(entries, copy), {}, classes(), {}};
    for (const std::uint32_t e : entries) held.labels.push_back(index().entries[e].label);
    return held;
  };
}

void PictureMaterial::write(const fs::path& folder, const Arm& arm, const ArmRecipe*, const Fold& fold, const Entries& test, std::uint64_t seed) const {
  const auto whole = [&](std::uint32_t e) { return over_white(flow::decode_whole(flow::load_source(*reader_, index().entries[e]))); };
  const auto label = [&](std::uint32_t e) { return index().labels[index().entries[e].label]; };
  const std::vector<std::string> folders = class_folders(index().labels);
  const auto place = [&](const std::string& split, std::uint32_t e) { return folder / split / folders[index().entries[e].label]; };
  for (const auto& [split, entries] : {std::pair<std::string, const Entries&>{"val", fold.validation}, {"test", test}})
    for (const std::uint32_t e : entries) write_png(place(split, e), std::to_string(e), whole(e));
  std::optional<PictureRecipe> recipe;
  if (arm.recipe) recipe.emplace(arm.name, arm.recipe->recipe);  // without the size that learners of ours need
  const flow::PartnerPool pool(index(), fold.train, arm.recipe ? arm.recipe->recipe : recipe::Recipe{});
  const bool mixes = arm.recipe && !recipe::mixing_steps(arm.recipe->recipe).empty();
  for (const std::uint32_t e : fold.train) {
    const Raster picture = whole(e);
    const plan::ChoosePartner choose = mixes ? flow::partner_chooser(*reader_, pool, e) : plan::ChoosePartner{};
    for (std::uint32_t copy = 1; copy <= arm.times; ++copy) {
      const DrawContext draw{.seed = seed, .sample = index().entries[e].id, .copy = copy};
      write_png(place("train", e), fmt::format("{}_{}", e, copy), recipe ? recipe->made(picture.view(), draw, label(e), choose) : picture.clone());
    }
  }
}

}  // namespace leaven::learn
