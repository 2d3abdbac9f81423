#include "learn/generate/image_gate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <mutex>
#include <set>

#include "core/error.hpp"
#include "core/value.hpp"
#include "leaven/parallel.hpp"
#include "learn/generate/image_model.hpp"
#include "learn/metrics.hpp"

namespace leaven::learn {

namespace {

constexpr std::uint32_t kBatch = 32;
constexpr std::size_t kMostTest = 5000, kMostCloud = 1000, kMostCompared = 500, kMostPool = 2000, kMostAlone = 10'000, kNeighbours = 5;
constexpr double kLeastNear = 4;  // real pictures that new ones must spread over before it means anything to which they are nearer
constexpr std::uint64_t kSeedsFrom = 0x6a7e;  // streams of the gate's own

std::vector<std::uint32_t> thinned(std::size_t count, std::size_t most) {
  std::vector<std::uint32_t> picked;
  const std::size_t wanted = std::min(count, most);
  for (std::size_t i = 0; i < wanted; ++i) picked.push_back(static_cast<std::uint32_t>(i * count / wanted));
  return picked;
}

class Judge {
 public:
  Judge(const ImageData& train, const ImageData& held_out, const PictureSource& draw, const ClassifierKind& classifier, const ImageGateOptions& options, const std::atomic<bool>& stop)
      : train_(train), held_out_(held_out), draw_(draw), classifier_(classifier), options_(options), stop_(stop) { gate_.series = options.series; }

  ImageGate judge() {
    if (held_out_.size() < kLeastHeldOut || train_.size() < 2) throw data_error(fmt::format("the gate needs {} {} that are held out, and has {}", kLeastHeldOut, gate_.many(), held_out_.size())).with_hint("fit with a larger --held-out");
    gate_.train = train_.size(), gate_.held_out = held_out_.size();
    find_standard();
    made_ = drawn(kSeedsFrom, std::clamp<std::size_t>(train_.size(), kMostCloud, kMostPool));
    gate_.made = made_.size();
    find_copies();
    look();
    try_out();
    decide();
    return std::move(gate_);
  }

 private:
  void heed_stop() const {
    if (stop_) throw Error(Fault::interrupted, "stopped; the generator stays unchecked");
  }

  void find_standard() {
    double n = 0, sum = 0, squares = 0;
    for (const float v : train_.pixels) n += 1, sum += v, squares += static_cast<double>(v) * v;
    mean_ = static_cast<float>(sum / n);
    deviation_ = static_cast<float>(std::max(1e-3, std::sqrt(std::max(0.0, squares / n - sum / n * (sum / n)))));
  }
  void standardise_values(std::span<float> values) const {
    for (float& v : values) v = (v - mean_) / deviation_;
  }
  std::vector<float> seen(const ImageData& data) const {
    std::vector<float> values = data.pixels;
    standardise_values(values);
    return values;
  }

  /// In the shares of train's classes, but at least one of each that train has.
  ImageData drawn(std::uint64_t seed, std::size_t count) const {
    ImageData made = train_.like();
    for (std::uint32_t label = 0; label < train_.classes.size(); ++label) {
      const auto own = static_cast<std::size_t>(std::ranges::count(train_.labels, label));
      if (own > 0) add(made, label, seed, std::max<std::size_t>(1, (own * count + train_.size() / 2) / train_.size()));
    }
    return made;
  }
  void add(ImageData& to, std::uint32_t label, std::uint64_t seed, std::size_t count) const {
    const std::vector<float> pictures = draw_(label, seed, 0, count);
    for (std::size_t i = 0; i < count; ++i) to.add(std::span(pictures).subspan(i * train_.shape.values(), train_.shape.values()), label, "");
  }

  /// `share` of what is shown is from `extra`, the rest from `real`, which the recipe changes.
  std::unique_ptr<PictureClassifier> trained(const ImageData& real, const ImageData& extra, double share, std::uint64_t seed, bool with_recipe) const {
    const Key key = KeyMaker({.seed = seed}).key("gate", "classifier");
    auto classifier = classifier_.make(train_.shape, static_cast<std::uint32_t>(train_.classes.size()), key);
    ItemOrder real_order(real.size(), seed), extra_order(std::max<std::size_t>(1, extra.size()), seed + 1);
    const Key coin = KeyMaker({.seed = seed}).key("gate", "share");
    std::vector<float> pixels(kBatch * train_.shape.values());
    std::vector<std::uint32_t> labels(kBatch);
    std::uint64_t real_at = 0, extra_at = 0;
    for (std::uint32_t step = 0; step < options_.steps && !stop_; ++step) {
      for (std::uint32_t i = 0; i < kBatch; ++i) {
        const std::span<float> to = std::span(pixels).subspan(i * train_.shape.values(), train_.shape.values());
        const bool from_extra = share > 0 && extra.size() > 0 && draw_unit(coin, std::uint64_t{step} * kBatch + i) < share;
        const ImageData& source = from_extra ? extra : real;
        const std::uint32_t item = from_extra ? extra_order.at(extra_at++) : real_order.at(real_at);
        put_augmented(source, item, from_extra || !with_recipe ? nullptr : options_.recipe, seed, from_extra ? 0 : real_at++, to);
        labels[i] = source.labels[item];
      }
      standardise_values(pixels);
      classifier->train({pixels, labels}, 0.5 + 0.5 * std::cos(M_PI * step / options_.steps));
    }
    heed_stop();
    if (options_.watch) {
      const std::lock_guard lock(telling_);
      options_.watch(++trained_, 2 + 4 * options_.seeds);
    }
    return classifier;
  }

  Metrics tested(PictureClassifier& classifier, const ImageData& test) const {
    return measure(Predictions{.classes = static_cast<std::uint32_t>(train_.classes.size()), .probability = classifier.predict(seen(test)), .truth = test.labels});
  }

  void find_copies() {
    std::set<std::string> known;
    const auto bytes = [&](const ImageData& data, std::size_t i) {
      const Raster raster = raster_of(data.of(i), data.shape);
      return std::string(reinterpret_cast<const char*>(raster.data()), static_cast<std::size_t>(raster.stride()) * static_cast<std::size_t>(raster.shape().height));
    };
    for (std::size_t i = 0; i < train_.size(); ++i) known.insert(bytes(train_, i));
    for (std::size_t i = 0; i < made_.size(); ++i) gate_.copies += known.contains(bytes(made_, i)) ? 1 : 0;
    const std::size_t each = std::min({train_.size(), held_out_.size(), kMostCloud});
    const ImageData near = train_.picked(thinned(train_.size(), each)), far = held_out_.picked(thinned(held_out_.size(), each)), queries = made_.picked(thinned(made_.size(), kMostCompared));
    MeasuredSamples apart{.name = options_.series ? "distance to the nearest that it saw, % of the range" : "distance to the nearest that it saw, levels"};
    double nearer = 0, squares = 0;
    std::vector<double> chosen(2 * each);  // how often a real picture is the nearest
    for (std::size_t i = 0; i < queries.size(); ++i) {
      const auto [a, seen] = nearest_to(near, queries.of(i));
      const auto [b, unseen] = nearest_to(far, queries.of(i));
      apart.made.push_back(told_distance(a, train_.shape, options_.series));
      nearer += a < b ? 1 : a == b ? 0.5 : 0;
      ++chosen[a <= b ? seen : each + unseen];
    }
    const auto count = static_cast<double>(queries.size());
    for (const double times : chosen) squares += (times / count) * (times / count);
    gate_.nearer_train = nearer / count, gate_.near_ones = 1 / squares;
    for (const std::uint32_t i : thinned(far.size(), kMostCompared)) apart.real.push_back(told_distance(nearest_to(near, far.of(i)).squared, train_.shape, options_.series));
    gate_.measured = measured_samples(far, queries, options_.series);
    gate_.measured.push_back(std::move(apart));
    heed_stop();
  }

  Cloud cloud_of(PictureClassifier& teacher, const ImageData& data) const {
    const ImageData few = data.picked(thinned(data.size(), kMostCloud));
    const std::vector<float> features = teacher.features(seen(few));
    return {{features.begin(), features.end()}, features.size() / few.size()};
  }

  /// In the eyes of a classifier that knows the real pictures.
  void look() {
    const auto teacher = trained(train_, {}, 0, kSeedsFrom, true);
    const ImageData test = held_out_.picked(thinned(held_out_.size(), kMostTest));
    const Metrics real = tested(*teacher, test);
    gate_.teacher_held_out = gate_.real_score = real.accuracy;
    gate_.teacher_made = tested(*teacher, made_).accuracy;
    const Cloud of_held_out = cloud_of(*teacher, held_out_), of_made = cloud_of(*teacher, made_), of_train = cloud_of(*teacher, train_);
    gate_.frechet = frechet_distance(moments_of(of_held_out), moments_of(of_made));
    gate_.frechet_of_train = frechet_distance(moments_of(of_held_out), moments_of(of_train));
    gate_.kernel = kernel_distance(of_held_out, of_made);
    if (std::min(of_held_out.size(), of_made.size()) > kNeighbours) gate_.manifold = manifold(of_held_out, of_made, kNeighbours);
    if (std::min(of_held_out.size(), of_made.size()) <= of_made.dims) gate_.notes.push_back(fmt::format("fewer {} than the {} features: the Fréchet distance is rough", gate_.many(), of_made.dims));
    gate_.made_score = tested(*trained(drawn(kSeedsFrom, std::clamp(train_.size(), kMostPool, kMostAlone)), {}, 0, kSeedsFrom, false), test).accuracy;
  }

  void try_out() {
    std::vector<std::uint32_t> even, odd;
    for (std::uint32_t i = 0; i < held_out_.size(); ++i) (i % 2 == 0 ? even : odd).push_back(i);
    const auto half = [&](const std::vector<std::uint32_t>& items) {
      std::vector<std::uint32_t> picked;
      for (const std::uint32_t i : thinned(items.size(), kMostTest / 2)) picked.push_back(items[i]);
      return held_out_.picked(picked);
    };
    const ImageData inner = half(even), outer = half(odd);
    const std::vector<std::pair<std::string, double>> mixes{{"10 %", 0.1}, {"25 %", 0.25}, {"50 %", 0.5}};
    std::vector<ImageData> pools;
    for (std::uint32_t s = 0; s < options_.seeds; ++s) pools.push_back(drawn(kSeedsFrom + 1 + s, kMostPool));  // a model is not for two threads
    std::vector<std::vector<double>> inner_gain(mixes.size(), std::vector<double>(options_.seeds)), outer_gain = inner_gain;
    for_each_item(options_.seeds, options_.threads, [&](std::size_t s) {
      if (stop_) return;
      const auto alone = trained(train_, {}, 0, s, true);
      const double inner_alone = tested(*alone, inner).macro_f1, outer_alone = tested(*alone, outer).macro_f1;
      for (std::size_t m = 0; m < mixes.size(); ++m) {
        const auto with = trained(train_, pools[s], mixes[m].second, s, true);
        inner_gain[m][s] = tested(*with, inner).macro_f1 - inner_alone;
        outer_gain[m][s] = tested(*with, outer).macro_f1 - outer_alone;
      }
    });
    heed_stop();
    const double margin = train_.size() < 1000 ? 1 : 0.3;  // as prove
    for (std::size_t m = 0; m < mixes.size(); ++m) gate_.mixes.push_back({mixes[m].first, mean_of(inner_gain[m]), leaven::learn::judge(outer_gain[m], margin)});
    for (std::size_t m = 1; m < mixes.size(); ++m)
      if (gate_.mixes[m].inner > gate_.mixes[gate_.best].inner) gate_.best = m;
  }

  void decide() {
    if (gate_.copies > 0) gate_.reasons.push_back(fmt::format("{} of {} new {} are copies of some that it saw", gate_.copies, gate_.made, gate_.many()));
    if (gate_.near_ones < kLeastNear && std::min(train_.size(), held_out_.size()) >= kLeastHeldOut)
      gate_.reasons.push_back(fmt::format("new {} are all alike, or like no real ones: as if all lay nearest to the same {:.1f}", gate_.many(), gate_.near_ones));
    else if (gate_.nearer_train > options_.nearer_train)
      gate_.reasons.push_back(fmt::format("new {} lie near those that it saw: {:.1f} % nearer than to held-out ones, at most {:.0f} %", gate_.many(), 100 * gate_.nearer_train, 100 * options_.nearer_train));
    if (gate_.teacher_made < options_.agreement * gate_.teacher_held_out)
      gate_.reasons.push_back(fmt::format("classes of new {} are not those that a model of the real ones sees: it agrees on {:.1f} %, on held-out ones {:.1f} %", gate_.many(), gate_.teacher_made, gate_.teacher_held_out));
    const GateMix& best = gate_.mixes[gate_.best];
    if (best.verdict.word == Word::harmful || best.verdict.word == Word::inconclusive)
      gate_.reasons.push_back(fmt::format("training with new {} is {} at the best mix ({}): {:+.2f} points of macro-F1, {:+.2f} to {:+.2f}", gate_.many(), name_of(best.verdict.word), best.name, best.verdict.mean,
                                          best.verdict.interval.lo, best.verdict.interval.hi));
  }

  const ImageData &train_, &held_out_;
  const PictureSource& draw_;
  const ClassifierKind& classifier_;
  const ImageGateOptions& options_;
  const std::atomic<bool>& stop_;
  float mean_{}, deviation_{1};
  ImageData made_{};
  ImageGate gate_{};
  mutable std::mutex telling_{};
  mutable std::uint32_t trained_{};
};

}  // namespace

ImageGate judge_images(const ImageData& train, const ImageData& held_out, const PictureSource& draw, const ClassifierKind& classifier, const ImageGateOptions& options, const std::atomic<bool>& stop) {
  return Judge(train, held_out, draw, classifier, options, stop).judge();
}

}  // namespace leaven::learn
