// Several chains of simple ops on one picture, mixed with it.
#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "core/error.hpp"
#include "core/exact_math.hpp"
#include "ops/families.hpp"
#include "ops/image/mix.hpp"

namespace leaven::ops {
namespace {

struct Op {
  int severity = 3, width = 3, depth = 0;
  double alpha = 1, share = kUnset;
  std::vector<double> weights{}, chains{};
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::severity>("severity", {.doc = "How strong the ops of the chains may be", .lo = 1, .hi = 10, .unit = "1"}),
    field<&Op::width>("width", {.doc = "How many chains", .lo = 1, .hi = 8, .unit = "1"}),
    field<&Op::depth>("depth", {.doc = "How many ops a chain has; 0: one to three, drawn", .lo = 0, .hi = 8, .unit = "1"}),
    field<&Op::alpha>("alpha", {.doc = "Both parameters of the beta law of which the share is drawn", .lo = 0.01, .hi = 100,
        .unit = "1"}),
    field<&Op::share>("share", {.doc = "Share of the picture as it is; the chains have the rest", .lo = 0, .hi = 1,
        .unit = "fraction", .neutral = 1, .strong = 0, .resolved = true}),
    field<&Op::weights>("weights", {.doc = "How the chains share what they have", .lo = 0, .hi = 1, .unit = "fraction",
        .min_count = 1, .max_count = 8, .resolved = true}),
    field<&Op::chains>("chains", {.doc = "Chain by chain: number and level of each op, then −1", .lo = -10, .hi = 10, .unit = "1",
        .min_count = 1, .max_count = 136, .resolved = true})};
// clang-format on

// The paper's ops, in the order of their numbers. Levels are −10 … 10; the sign is a direction.
struct Link {
  std::string_view op, field;
  double (*value)(double level);  ///< null: the op has no strength
};
double thirty(double level) { return 3 * level; }
double third(double level) { return level / 30; }
double bits(double level) { return std::max(1.0, 4 - std::floor(std::abs(level) * 0.4)); }
double threshold(double level) { return 1 - std::abs(level) / 10; }
double slope(double level) { return exact::atan2(0.03 * level, 1) * 57.29577951308232; }
constexpr std::array kLinks{Link{"autocontrast", "", nullptr}, Link{"equalize", "", nullptr}, Link{"posterize", "bits", bits},
                            Link{"rotate", "degrees", thirty}, Link{"solarize", "threshold", threshold},
                            Link{"shear", "x", slope}, Link{"shear", "y", slope}, Link{"translate", "x", third},
                            Link{"translate", "y", third}};

void resolve(Op& op, const Site& at) {
  if (std::isnan(op.share)) op.share = draw_share(op.alpha, at.key);
  std::uint64_t element = 1;
  if (op.weights.empty()) {
    // Dirichlet(1, …, 1): exponential variates, divided by their sum.
    for (int i = 0; i < op.width; ++i) op.weights.push_back(-exact::log(1 - draw_unit(at.key, element++)));
    const double sum = std::accumulate(op.weights.begin(), op.weights.end(), 0.0);
    for (double& weight : op.weights) weight = sum > 0 ? weight / sum : 1.0 / op.width;
  }
  if (!op.chains.empty()) return;
  element = 64;
  for (int chain = 0; chain < op.width; ++chain, element += 64) {
    const int links = op.depth > 0 ? op.depth : 1 + static_cast<int>(draw_below(at.key, 3, element));
    for (int i = 0; i < links; ++i) {
      const auto of = element + 1 + 3 * static_cast<std::uint64_t>(i);
      const double level = 0.1 + (op.severity - 0.1) * draw_unit(at.key, of + 1);
      op.chains.push_back(static_cast<double>(draw_below(at.key, kLinks.size(), of)));
      op.chains.push_back(draw_unit(at.key, of + 2) < 0.5 ? level : -level);
    }
    op.chains.push_back(-1);
  }
}

void append_link(Nodes& nodes, const Site& at, double number, double level) {
  if (number < 0 || number >= static_cast<double>(kLinks.size())) throw usage_error("chains names an op that is none");
  const Link& link = kLinks[static_cast<std::size_t>(number)];
  OpValue op(op_table().at(link.op));
  for (const FieldInfo& f : op.info().fields)
    if (!std::isnan(f.facts.neutral)) f.set(op.data(), f.facts.neutral);
  if (link.value) op.info().at(link.field).set(op.data(), link.value(level));
  for (Node& node : op.info().lower(op.data(), at)) nodes.push_back(std::move(node));
}

std::vector<Nodes> chains_of(const Op& op, const Site& at) {
  std::vector<Nodes> chains(1);
  for (std::size_t i = 0; i < op.chains.size(); ++i) {
    if (op.chains[i] < 0) {
      chains.emplace_back();
      continue;
    }
    if (i + 1 == op.chains.size()) throw usage_error("chains ends within an op");
    append_link(chains.back(), at, op.chains[i], op.chains[i + 1]);
    ++i;
  }
  chains.pop_back();
  return chains;
}

Nodes lower(const Op& op, const Site& at) {
  if (op.share >= 1) return {};
  std::vector<Nodes> chains = chains_of(op, at);
  if (chains.size() != op.weights.size()) throw usage_error("chains and weights must be as many");
  std::vector<MixLayer> layers{MixLayer{}};
  double shown = op.share;  // of the layers so far: the next one covers as much as makes its weight come out
  for (std::size_t i = 0; i < chains.size(); ++i) {
    const double weight = (1 - op.share) * op.weights[i];
    if (weight <= 0) continue;
    shown += weight;
    MixLayer layer;
    layer.nodes = std::move(chains[i]);
    layer.opacity = std::min(1.0, weight / shown);
    layer.marks = false;
    layers.push_back(std::move(layer));
  }
  return {mix_of(at.image.size(), std::move(layers))};
}

}  // namespace

void add_augmix(OpTable& t) {
  t.add(op<Op, lower, resolve>(
      {.name = "augmix",
       .summary = "Mix the picture with chains of simple ops on itself",
       .detail = "m·x + (1 − m)·Σ wᵢ·chainᵢ(x), m drawn of Beta(α, α), w of Dirichlet(1, …, 1), each chain one to three of "
                 "autocontrast, equalize, posterize, rotate, solarize, shear and translate (Hendrycks et al., \"AugMix\", 2020; "
                 "three chains, severity 3 and α = 1 there). Labels stay; marks are those of the picture as it is.",
       .family = "mix",
       .example = "augmix: {severity: 3}",
       .labels = LabelRule::mixes,
       .node = NodeKind::mix,
       .fields = fields}));
}

}  // namespace leaven::ops
