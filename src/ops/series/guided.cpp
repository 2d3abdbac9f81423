// Series made from others, of their class or of any.
// Iwana and Uchida, "Time series data augmentation for neural networks by time warping with a discriminative teacher", ICPR 2020
// (RGW, DGW, with shapeDTW of Zhao and Itti, Pattern Recognition 74, 2018); Kamycki, Kapuscinski, Oszust, "Data augmentation with
// suboptimal warping for time-series classification", Sensors 20(1), 2019 (SPAWNER); Forestier et al., "Generating synthetic time
// series to augment sparse datasets", ICDM 2017 (weighted DBA).
#include <algorithm>
#include <array>
#include <cmath>

#include "core/error.hpp"
#include "core/exact_math.hpp"
#include "kernels/dtw.hpp"
#include "ops/image/mix.hpp"
#include "ops/series/channel.hpp"

namespace leaven::ops {
namespace {

using kernels::Alignment;
using kernels::Track;
using Others = std::span<const Series* const>;
using Path = std::vector<std::pair<std::uint32_t, std::uint32_t>>;

/// Gaps bridged; a channel that holds nothing is 0.
std::vector<double> whole_channel(const Series& series, std::size_t c) {
  std::vector<double> filled = without_gaps(series.channel(c));
  if (filled.empty()) filled.assign(series.length, 0);
  return filled;
}

constexpr std::size_t kMostCells = std::size_t{1} << 30;  // bytes that a warping path is found in

/// What is compared at each sample: the values there, or with a reach the values around it.
Track track_of(const Series& series, std::size_t reach) {
  const std::size_t width = 2 * reach + 1;
  if (series.values.size() > kMostCells / sizeof(float) / width)
    throw usage_error("a series of " + std::to_string(series.length) + " values is too long to compare shapes of " + std::to_string(width))
        .with_hint("a smaller shape, or series_resize before it");
  Track track{series.length, series.channels * width, std::vector<float>(series.length * series.channels * width)};
  for (std::size_t c = 0; c < series.channels; ++c) {
    const std::vector<double> values = whole_channel(series, c);
    for (std::size_t i = 0; i < series.length; ++i)
      for (std::size_t k = 0; k < width; ++k) {
        const std::size_t at = std::min(i + k > reach ? i + k - reach : 0, series.length - 1);
        track.values[i * track.channels + c * width + k] = static_cast<float>(values[at]);
      }
  }
  return track;
}

std::size_t samples_of(double share, std::size_t length) { return static_cast<std::size_t>(std::ceil(share * static_cast<double>(length))); }

/// The band in samples. Memory grows with the length times the band.
std::size_t band_of(double share, const Series& a, const Series& b) {
  const std::size_t length = std::max(a.length, b.length), band = samples_of(share, length);
  if (length > kMostCells / (2 * band + 1))
    throw usage_error("series of " + std::to_string(length) + " values are too long to be warped within a band of " + std::to_string(band))
        .with_hint("a smaller band, or series_resize before it");
  return band;
}

/// One side of a path, sampled anew evenly with `length` samples.
std::vector<double> along(const Path& path, bool second, std::size_t length) {
  std::vector<double> times(length);
  const double step = length > 1 ? (static_cast<double>(path.size()) - 1) / static_cast<double>(length - 1) : 0;
  const auto side = [&](std::size_t k) { return static_cast<double>(second ? path[k].second : path[k].first); };
  for (std::size_t i = 0; i < length; ++i) {
    const double at = static_cast<double>(i) * step;
    const std::size_t k = std::min(static_cast<std::size_t>(at), path.size() - 1);
    const double part = at - static_cast<double>(k);
    times[i] = part == 0 || k + 1 == path.size() ? side(k) : side(k) * (1 - part) + side(k + 1) * part;
  }
  return times;
}

/// The series in the timing of a teacher.
SeriesWhole::Result in_time_of(const Series& own, const Series& teacher, double band, std::size_t reach) {
  const Alignment laid = kernels::align(track_of(teacher, reach), track_of(own, reach), band_of(band, own, teacher));
  return {{}, along(laid.path, true, own.length)};
}

template <class Op>
consteval FieldInfo band_field() {
  return field<&Op::band>("band", {.doc = "How far from the diagonal the warping may go, as a share of the length", .lo = 0, .hi = 1, .unit = "fraction"});
}
template <class Op>
consteval FieldInfo shape_field() {
  return field<&Op::shape>("shape", {.doc = "Share of the length around each sample that is compared (shapeDTW); 0: the sample alone", .lo = 0, .hi = 0.5, .unit = "fraction"});
}
std::size_t reach_of(double shape, const Series& own) { return samples_of(shape, own.length) / 2; }

namespace series_guided_warp {
struct Op {
  Partners partners = Partners::same_class;
  double band = 0.1, shape = 0;
};
constexpr auto fields = std::array{partners_field<Op>(), band_field<Op>(), shape_field<Op>()};
Nodes lower(const Op& op, const Site&) {
  return only(SeriesWhole{[op](const Series& own, Others others) {
    return others.empty() ? SeriesWhole::Result{own.values, {}} : in_time_of(own, *others[0], op.band, reach_of(op.shape, own));
  }});
}
}  // namespace series_guided_warp

namespace series_discriminative_warp {
constexpr int kEach = 3;  // of either kind, as in the paper's batches of six
struct Op {
  Partners partners = Partners::same_class;
  double band = 0.1, shape = 0;
};
constexpr auto fields = std::array{partners_field<Op>(), band_field<Op>(), shape_field<Op>()};

/// The one of its class that is nearest to its class and farthest from others.
std::size_t teacher_of(Others others, double band, std::size_t reach) {
  std::vector<Track> tracks;
  for (const Series* other : others) tracks.push_back(track_of(*other, reach));
  std::size_t best = 0;
  double widest = 0;
  const std::size_t own = others.size() / 2;
  for (std::size_t p = 0; p < own; ++p) {
    double near = 0, far = 0;
    for (std::size_t q = 0; q < others.size(); ++q) {
      if (q == p) continue;
      const double cost = kernels::alignment_cost(tracks[p], tracks[q], samples_of(band, std::max(others[p]->length, others[q]->length)));
      (q < own ? near : far) += cost;
    }
    const double margin = far / static_cast<double>(others.size() - own) - (own > 1 ? near / static_cast<double>(own - 1) : 0);
    if (p == 0 || margin > widest) best = p, widest = margin;
  }
  return best;
}

Nodes lower(const Op& op, const Site&) {
  return only(SeriesWhole{[op](const Series& own, Others others) {
    if (others.empty()) return SeriesWhole::Result{own.values, {}};
    const std::size_t reach = reach_of(op.shape, own);
    return in_time_of(own, *others[teacher_of(others, op.band, reach)], op.band, reach);
  }});
}
}  // namespace series_discriminative_warp

namespace series_spawner {
struct Op {
  Partners partners = Partners::same_class;
  double band = 0.1, sigma = 0.05;
};
constexpr auto fields = std::array{
    partners_field<Op>(), band_field<Op>(),
    field<&Op::sigma>("sigma", {.doc = "Standard deviation of the noise that is added, in standard deviations of the channel", .lo = 0, .hi = 10, .unit = "factor"})};

Track part_of(const Track& track, std::size_t begin, std::size_t end) {
  const auto from = track.values.begin() + static_cast<std::ptrdiff_t>(begin * track.channels);
  return {end - begin, track.channels, {from, from + static_cast<std::ptrdiff_t>((end - begin) * track.channels)}};
}

/// The path through a random point near the diagonal: both halves are laid along each other by themselves.
Path suboptimal(const Series& own, const Series& other, double band, Key key) {
  const Track a = track_of(own, 0), b = track_of(other, 0);
  const std::size_t reach = band_of(band, own, other);
  if (a.length < 3 || b.length < 3) return kernels::align(a, b, reach).path;
  const std::size_t at_a = 1 + draw_below(key, a.length - 2, 1);
  const std::size_t at_b = std::clamp<std::size_t>(at_a * b.length / a.length, 1, b.length - 1);
  Path path = kernels::align(part_of(a, 0, at_a), part_of(b, 0, at_b), reach).path;
  for (const auto& [i, j] : kernels::align(part_of(a, at_a, a.length), part_of(b, at_b, b.length), reach).path)
    path.emplace_back(i + static_cast<std::uint32_t>(at_a), j + static_cast<std::uint32_t>(at_b));
  return path;
}

SeriesWhole::Result between(const Op& op, const Series& own, const Series& other, Key key) {
  const Path path = suboptimal(own, other, op.band, key);
  SeriesWhole::Result result;
  result.from = along(path, false, own.length);
  const std::vector<double> theirs = along(path, true, own.length);
  for (std::size_t c = 0; c < own.channels; ++c) {
    const std::vector<double> filled = whole_channel(other, c);
    const std::vector<float> noise = normals(key, c, own.length);
    const double size = op.sigma * spread_of(own.channel(c)).std;
    for (std::size_t i = 0; i < own.length; ++i)
      result.values.push_back((value_at(own.channel(c), result.from[i]) + value_at(filled, theirs[i])) / 2 + size * static_cast<double>(noise[i]));
  }
  return result;
}

Nodes lower(const Op& op, const Site& at) {
  return only(SeriesWhole{[op, key = at.key](const Series& own, Others others) {
    return others.empty() ? SeriesWhole::Result{own.values, {}} : between(op, own, *others[0], key);
  }, 0.5});
}
}  // namespace series_spawner

namespace series_barycenter {
struct Op {
  Partners partners = Partners::same_class;
  double band = 0.1;
};
constexpr auto fields = std::array{partners_field<Op>(), band_field<Op>()};

SeriesWhole::Result average(const Op& op, const Series& own, Others others) {
  const Track track = track_of(own, 0);
  std::vector<Alignment> laid;
  double nearest = 0;
  for (const Series* other : others) {
    laid.push_back(kernels::align(track, track_of(*other, 0), band_of(op.band, own, *other)));
    if (laid.back().cost > 0 && (nearest == 0 || laid.back().cost < nearest)) nearest = laid.back().cost;
  }
  SeriesWhole::Result result;
  for (std::size_t c = 0; c < own.channels; ++c) {
    const std::span<const double> values = own.channel(c);
    std::vector<double> sum(values.begin(), values.end()), weight(own.length, 1);
    for (std::size_t k = 0; k < others.size(); ++k) {
      // Half the weight at the distance of the nearest, a quarter at twice that.
      const double w = nearest > 0 ? exact::exp(-0.69314718055994531 * laid[k].cost / nearest) : 1;
      const std::vector<double> theirs = whole_channel(*others[k], c);
      for (const auto& [i, j] : laid[k].path) sum[i] += w * theirs[j], weight[i] += w;
    }
    for (std::size_t i = 0; i < own.length; ++i) result.values.push_back(sum[i] / weight[i]);
  }
  return result;
}

Nodes lower(const Op& op, const Site&) {
  return only(SeriesWhole{[op](const Series& own, Others others) { return average(op, own, others); }});
}
}  // namespace series_barycenter

namespace series_mixup {
struct Op {
  Partners partners = Partners::same_class;
  double alpha = 0.2, share = kUnset;
};
constexpr auto fields = std::array{
    partners_field<Op>(),
    field<&Op::alpha>("alpha", {.doc = "The share is drawn of Beta(alpha, alpha)", .lo = 0.01, .hi = 100, .unit = "1"}),
    field<&Op::share>("share", {.doc = "Share of the series itself; the partner has the rest", .lo = 0, .hi = 1, .unit = "fraction", .resolved = true})};

void resolve(Op& op, const Site& at) {
  if (std::isnan(op.share)) op.share = draw_share(op.alpha, at.key);
}

Nodes lower(const Op& op, const Site&) {
  return only(SeriesWhole{[op](const Series& own, Others others) {
    SeriesWhole::Result result{own.values, {}};
    if (others.empty()) return result;
    const Series& other = *others[0];
    const double step = own.length > 1 ? (static_cast<double>(other.length) - 1) / (static_cast<double>(own.length) - 1) : 0;
    for (std::size_t c = 0; c < own.channels; ++c) {
      const std::vector<double> theirs = whole_channel(other, c);  // their gaps are none of the result's
      for (std::size_t i = 0; i < own.length; ++i) {
        double& value = result.values[c * own.length + i];
        value = op.share * value + (1 - op.share) * value_at(theirs, static_cast<double>(i) * step);
      }
    }
    return result;
  }, op.share});
}
}  // namespace series_mixup

OpDoc whole_op(std::string_view name, std::string_view summary, std::string_view detail, std::string_view example, std::span<const FieldInfo> fields, int partners) {
  return {.name = name, .summary = summary, .detail = detail, .family = "series", .example = example, .domain = Domain::series,
          .node = NodeKind::series_whole, .fields = fields, .partners = partners};
}

}  // namespace

void add_series_guided(OpTable& t) {
  t.add(op<series_guided_warp::Op, series_guided_warp::lower>(
      whole_op("series_guided_warp", "Take on the timing of another series of the class: random guided warping",
               "The series is laid along a random partner by dynamic time warping, and gets that one's timing: its own values, the "
               "partner's time (Iwana and Uchida 2020, RGW; with a shape, RGW-s). Marks move along.",
               "series_guided_warp: {shape: 0.05}", series_guided_warp::fields, 1)));
  OpDoc dgw = whole_op("series_discriminative_warp", "Take on the timing of the most telling of some series of the class",
                       "As series_guided_warp, but of three partners of the class that one is the teacher which is nearest to the other "
                       "two and farthest from three of other classes (Iwana and Uchida 2020, DGW; with a shape, DGW-s).",
                       "series_discriminative_warp: {shape: 0.05}", series_discriminative_warp::fields, 2 * series_discriminative_warp::kEach);
  dgw.opposed = series_discriminative_warp::kEach;
  t.add(op<series_discriminative_warp::Op, series_discriminative_warp::lower>(dgw));
  OpDoc spawner = whole_op("series_spawner", "The mean of two series of a class, laid along each other: SPAWNER",
                           "Dynamic time warping is made to go through a random point, so that the path is not the best one; along it "
                           "the two series are averaged, and noise is added (Kamycki et al. 2019).",
                           "series_spawner: {sigma: 0.05}", series_spawner::fields, 1);
  spawner.labels = LabelRule::mixes;
  t.add(op<series_spawner::Op, series_spawner::lower>(spawner));
  t.add(op<series_barycenter::Op, series_barycenter::lower>(
      whole_op("series_barycenter", "A weighted mean of the series and some of its class: weighted DBA",
               "Five partners are laid along the series by dynamic time warping; each sample becomes the weighted mean of all that lies "
               "at it, a partner's weight being halved with every distance of the nearest one (Forestier et al. 2017, ASD; one round, "
               "about the series itself).",
               "series_barycenter", series_barycenter::fields, 5)));
  OpDoc mixup = whole_op("series_mixup", "Blend with another series, and labels with it",
                         "λ·x + (1 − λ)·y, the partner sampled to the series' length, labels by the same shares (Zhang et al. 2018).",
                         "series_mixup: {alpha: 0.2}", series_mixup::fields, 1);
  mixup.labels = LabelRule::mixes;
  t.add(op<series_mixup::Op, series_mixup::lower, series_mixup::resolve>(mixup));
}

}  // namespace leaven::ops
