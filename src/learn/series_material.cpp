#include "learn/series_material.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <mutex>
#include <unordered_map>

#include "core/error.hpp"
#include "io/number_text.hpp"
#include "leaven/parallel.hpp"
#include "learn/corruptions.hpp"
#include "learn/visits.hpp"
#include "ops/families.hpp"

namespace leaven::learn {

namespace {

constexpr std::size_t kCorruptedItems = 100;

/// Missing samples lie on the line between those beside them, and at the ends are like the nearest; 0 where all are missing.
std::vector<double> without_gaps(std::span<const double> values) {
  std::vector<double> whole(values.begin(), values.end());
  std::size_t last = whole.size();
  for (std::size_t i = 0; i < whole.size(); ++i) {
    if (std::isnan(whole[i])) continue;
    for (std::size_t j = last == whole.size() ? 0 : last + 1; j < i; ++j)
      whole[j] = last == whole.size() ? whole[i] : whole[last] + (whole[i] - whole[last]) * static_cast<double>(j - last) / static_cast<double>(i - last);
    last = i;
  }
  const double end = last == whole.size() ? 0 : whole[last];
  for (std::size_t j = last == whole.size() ? 0 : last + 1; j < whole.size(); ++j) whole[j] = end;
  return whole;
}

SeriesStandard no_standard(int channels) {
  return {std::vector<double>(static_cast<std::size_t>(channels), 0.0), std::vector<double>(static_cast<std::size_t>(channels), 1.0)};
}

SeriesStandard standard_of(const SeriesMaterial& material, const Entries& entries) {
  const InputShape shape = material.shape();
  const auto length = static_cast<std::size_t>(shape.width), channels = static_cast<std::size_t>(shape.channels);
  const SeriesStandard none = no_standard(shape.channels);
  SeriesStandard made = none;
  std::vector<float> values(shape.values());
  std::vector<double> sum(channels), squares(channels);
  for (const std::uint32_t e : entries) {
    as_values(material.series(e), none, shape, values);
    for (std::size_t i = 0; i < values.size(); ++i) {
      sum[i / length] += values[i];
      squares[i / length] += static_cast<double>(values[i]) * values[i];
    }
  }
  const double count = static_cast<double>(entries.size() * length);
  for (std::size_t c = 0; c < channels; ++c) {
    made.mean[c] = sum[c] / count;
    const double variance = squares[c] / count - made.mean[c] * made.mean[c];
    if (variance > 1e-12) made.deviation[c] = std::sqrt(variance);
  }
  return made;
}

/// The first of an entry's visits in an epoch is the series as it is, as beside the copies that `leaven augment` makes.
class SeriesSupply final : public VisitSupply {
 public:
  SeriesSupply(const SeriesMaterial& material, const Arm& arm, const Fold& fold, std::uint64_t seed)
      : VisitSupply(material.index(), material.shape(), fold.train, arm.times, seed, material.numbers()),
        material_(material),
        arm_(arm),
        seed_(seed),
        standard_(standard_of(material, fold.train)),
        pool_(material.index(), sorted(fold.train), arm.recipe ? arm.recipe->recipe : recipe::Recipe{}) {
    if (!arm.recipe || !arm.is_dynamic()) return;
    for (recipe::Recipe& level : at_levels(arm.recipe->recipe)) levels_.push_back(arm_recipe(arm.name, std::move(level), Domain::series));
  }
  const SeriesStandard& standard() const { return standard_; }

 protected:
  void show(const Visit& visit, std::size_t level, std::span<float> out) const override {
    if (!arm_.recipe || visit.copy == 1) return show_plain(visit.entry, out);
    as_values(material_.made(visit.entry, levels_.empty() ? *arm_.recipe : levels_[level], pool_, seed_, visit.epoch, visit.copy - 1), standard_, shape(), out);
  }
  void show_plain(std::uint32_t entry, std::span<float> out) const override { as_values(material_.series(entry), standard_, shape(), out); }

 private:
  static Entries sorted(Entries entries) {
    std::ranges::sort(entries);
    return entries;
  }

  const SeriesMaterial& material_;
  const Arm& arm_;
  std::uint64_t seed_;
  SeriesStandard standard_;
  flow::PartnerPool pool_;
  std::vector<ArmRecipe> levels_{};  ///< where strength follows the training
};

io::Bytes bytes_of(const std::string& text) {
  const auto* const begin = reinterpret_cast<const std::byte*>(text.data());
  return {begin, begin + text.size()};
}

}  // namespace

void as_values(const Series& series, const SeriesStandard& standard, const InputShape& shape, std::span<float> out) {
  const auto length = static_cast<std::size_t>(shape.width);
  const double step = length > 1 ? static_cast<double>(series.length - 1) / static_cast<double>(length - 1) : 0;
  for (std::size_t c = 0; c < static_cast<std::size_t>(shape.channels); ++c) {
    const std::vector<double> values = without_gaps(series.channel(c));
    for (std::size_t i = 0; i < length; ++i) {
      const double value = series.length == length ? values[i] : value_at(values, step * static_cast<double>(i));
      out[c * length + i] = static_cast<float>((value - standard.mean[c]) / standard.deviation[c]);
    }
  }
}

SeriesMaterial::SeriesMaterial(const MaterialOptions& options)
    : reader_(io::open_dataset(options.data, {.format = options.input_format})), index_(reader_->index()), threads_(options.threads) {
  if (index_.label_kind != io::LabelKind::number) return;
  for (const io::Entry& entry : index_.entries) {
    const auto number = io::finite_number(index_.labels[entry.label]);
    if (!number) throw usage_error("the number to be predicted is missing").with_sample(entry.id);
    numbers_.push_back(*number);
  }
  label_by_size(index_, numbers_);
}

void SeriesMaterial::take(const Entries& used) {
  loaded_.resize(index_.entries.size());
  std::mutex mutex;
  std::map<std::size_t, std::size_t> lengths;
  for_each_item(used.size(), threads_, [&](std::size_t i) {
    const io::Entry& entry = index_.entries[used[i]];
    try {
      flow::LoadedSeries loaded = flow::load_series(*reader_, entry);
      if (loaded.series->length == 0) throw data_error("the series is empty").with_sample(entry.id);
      const std::lock_guard lock(mutex);
      ++lengths[loaded.series->length];
      shape_.channels = static_cast<int>(loaded.series->channels);
      loaded_[used[i]] = std::move(loaded);
    } catch (const Error& error) {
      if (error.fault() != Fault::data) throw;
      const std::lock_guard lock(mutex);
      broken_.emplace(entry.id, error.what());
    }
  });
  if (lengths.empty()) throw data_error("no series can be read");
  const auto usual = std::ranges::max_element(lengths, {}, [](const auto& pair) { return pair.second; })->first;
  shape_.width = static_cast<int>(std::min<std::size_t>(usual, kMostLength));
  shape_.height = 1;
  if (lengths.size() > 1 || usual > kMostLength) notes_.push_back(fmt::format("learners see every series in a length of {} samples", shape_.width));
}

LookAlikes SeriesMaterial::look_alikes(const Partition& partition) const {
  // The text of a series has its class in it; what counts are the values.
  const auto values_digest = [&](std::uint32_t e) { return digest_of(series(e).values.data(), series(e).values.size() * sizeof(double)); };
  std::unordered_map<std::string, std::uint32_t> tested;
  for (const std::uint32_t e : partition.test) tested.emplace(values_digest(e), e);
  LookAlikes found;
  for (const Fold& fold : partition.folds)
    for (const Entries* entries : {&fold.train, &fold.validation})
      for (const std::uint32_t e : *entries)
        if (tested.contains(values_digest(e))) found.equal.push_back(e);
  std::ranges::sort(found.equal);
  found.equal.erase(std::unique(found.equal.begin(), found.equal.end()), found.equal.end());
  return found;
}

Series SeriesMaterial::made(std::uint32_t entry, const ArmRecipe& recipe, const flow::PartnerPool& pool, std::uint64_t seed, std::uint64_t epoch,
                            std::uint32_t copy) const {
  const io::Entry& of = index_.entries[entry];
  const flow::LoadedSeries& source = *loaded_[entry];
  try {
    const plan::DrawnSeries drawn = plan::draw_series(recipe.recipe, {.seed = seed, .epoch = epoch, .sample = of.id, .copy = copy}, source.shape,
                                                      reader_->index().labels[reader_->index().entries[entry].label], flow::series_chooser(*reader_, pool, entry));
    const auto mixes = [](const auto& share) { return share.second < 1 - 1e-9; };
    if (classes() == 0 && !drawn.shares.empty() && mixes(drawn.shares.front()))
      throw usage_error("a step blends series, and the number to be predicted would have to be blended with them").with_hint("leave such steps out");
    return flow::run_series(drawn, source, recipe.recipe.fuse);
  } catch (Error& error) {
    throw error.with_sample(of.id);
  }
}

std::unique_ptr<Supply> SeriesMaterial::supply(const Arm& arm, const ArmRecipe*, const Fold& fold, std::uint64_t seed) const {
  return std::make_unique<SeriesSupply>(*this, arm, fold, seed);
}

void SeriesMaterial::prepare_robustness(const Entries& test, int threads) {
  corrupted_entries_ = evenly(test, index_, kCorruptedItems);
  for (const Corruption& corruption : corruptions_of(Domain::series))
    for (const double amount : corruption.at) {
      CorruptedSeries set{std::string(corruption.name), std::vector<Series>(corrupted_entries_.size())};
      for_each_item(set.series.size(), threads, [&](std::size_t i) {
        const std::uint32_t e = corrupted_entries_[i];
        const flow::LoadedSeries& source = *loaded_[e];
        const std::string step = series_corruption(corruption.name, amount, source.series->length);
        const recipe::Recipe recipe = recipe::parse("leaven: 1\nsteps: [" + step + "]", ops::op_table());
        set.series[i] = flow::run_series(plan::draw_series(recipe, {.sample = index_.entries[e].id, .copy = 1}, source.shape, {}), source, recipe.fuse);
      });
      corrupted_.push_back(std::move(set));
    }
}

std::map<std::string, std::vector<double>> SeriesMaterial::robustness(Learner& learner, Supply& supply) const {
  std::map<std::string, std::vector<double>> found;
  Held held = supply.hold(corrupted_entries_);
  const SeriesStandard& standard = dynamic_cast<const SeriesSupply&>(supply).standard();
  for (const CorruptedSeries& set : corrupted_) {
    for (std::size_t i = 0; i < set.series.size(); ++i) as_values(set.series[i], standard, shape_, std::span(held.values).subspan(i * shape_.values(), shape_.values()));
    found[set.corruption].push_back(score_under_corruption(predict(learner, held)));
  }
  return found;
}

HeldOut SeriesMaterial::held_out(const Fold& fold, const Entries& entries, std::uint64_t seed) const {
  const SeriesStandard standard = standard_of(*this, fold.train);
  const TargetStandard target = target_standard(numbers_, fold.train);
  return [this, standard, target, entries, seed](const ArmRecipe* change, std::uint32_t copy) {
    const flow::PartnerPool pool(index_, entries, change ? change->recipe : recipe::Recipe{});
    Held held{std::vector<float>(entries.size() * shape_.values()), {}, classes(), {}};
    for (std::size_t i = 0; i < entries.size(); ++i) {
      const std::uint32_t e = entries[i];
      as_values(change ? made(e, *change, pool, seed, 0, copy) : series(e), standard, shape_, std::span(held.values).subspan(i * shape_.values(), shape_.values()));
      if (classes() > 0)
        held.labels.push_back(index_.entries[e].label);
      else
        held.targets.push_back(target.of(numbers_[e]));
    }
    return held;
  };
}

void SeriesMaterial::write(const std::filesystem::path& folder, const Arm& arm, const ArmRecipe*, const Fold& fold, const Entries& test, std::uint64_t seed) const {
  const io::DatasetIndex& index = reader_->index();
  std::filesystem::create_directories(folder);
  const auto writer = io::open_writer(folder, {.input_format = index.format, .series = index.series, .labels = index.labels, .label_kind = index.label_kind});
  Entries train = fold.train;
  std::ranges::sort(train);
  const flow::PartnerPool pool(index_, train, arm.recipe ? arm.recipe->recipe : recipe::Recipe{});
  const auto put = [&](std::uint32_t e, io::Split split, std::uint32_t copy, const Series& made) {
    io::OutputItem item;
    item.id = fmt::format("{}_{}", index.entries[e].id, copy);
    item.label = index.labels[index.entries[e].label];
    item.label_index = index.entries[e].label;
    item.split = split;
    item.copy = copy;
    item.file = bytes_of(flow::written_series(index, *loaded_[e], made, copy, false));
    writer->store(item);
    writer->commit(std::move(item));
  };
  for (const std::uint32_t e : train)
    for (std::uint32_t copy = 0; copy < arm.times; ++copy)
      put(e, io::Split::train, copy, arm.recipe && copy > 0 ? made(e, *arm.recipe, pool, seed, 0, copy) : series(e));
  for (const std::uint32_t e : fold.validation) put(e, io::Split::val, 0, series(e));
  for (const std::uint32_t e : test) put(e, io::Split::test, 0, series(e));
  writer->finish();
}

}  // namespace leaven::learn
