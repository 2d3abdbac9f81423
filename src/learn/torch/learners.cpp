#include "learn/torch/learners.hpp"

#include <algorithm>
#include <string>

#include "core/error.hpp"
#include "learn/nearest_series.hpp"
#include "learn/torch/backbone.hpp"
#include "learn/torch/features.hpp"
#include "learn/torch/networks.hpp"
#include "learn/torch/scattering.hpp"
#include "learn/trees/boosted_trees.hpp"

namespace leaven::learn {

namespace {
LearnerKind on_scattering(bool ridge) {
  const MakeFeatures features = [](const InputShape& shape, std::span<const float>, Key) { return scattering(shape); };
  return ridge ? ridge_on("scattering", "ridge regression on fixed wavelets (scattering of two scales, eight directions)", features)
               : neighbours_on("knn", "five nearest neighbours on fixed wavelets (scattering of two scales, eight directions)", features);
}
}  // namespace

std::vector<std::string_view> learner_names(Domain domain, bool backbone) {
  std::vector<std::string_view> names{"auto"};
  if (backbone) {
    const std::vector<std::string_view> ways = backbone_ways();
    names.insert(names.end(), ways.begin(), ways.end());
    return names;
  }
  switch (domain) {
    case Domain::columns: return {"auto", "trees", "linear", "mlp"};
    case Domain::series: return {"auto", "kernels", "dtw", "conv_net", "linear"};
    case Domain::raster: break;
  }
  return {"auto", "conv_net", "plain_conv_net", "linear", "scattering", "knn"};
}

LearnerKind learner_named(std::string_view name, Domain domain, const BackboneFiles& backbone) {
  const bool has_backbone = !backbone.network.empty();
  if (!has_backbone && !backbone.weights.empty()) throw usage_error("--weights fills a network, and --backbone names none");
  const std::vector<std::string_view> names = learner_names(domain, has_backbone);
  if (name == "auto") name = names[1];
  if (std::ranges::find(names, name) == names.end()) {
    std::string all;
    for (const std::string_view known : names) all += (all.empty() ? "" : ", ") + std::string(known);
    const std::vector<std::string_view> ways = backbone_ways();
    const std::string kind = has_backbone ? " with a backbone" : " for " + std::string(samples_of(domain));
    std::string hint = std::ranges::find(ways, name) != ways.end() ? "it needs a network: --backbone FILE" : did_you_mean(name, names);
    throw usage_error("there is no learner " + std::string(name) + kind).with_hint(hint.empty() ? "there are " + all : std::move(hint));
  }
  if (has_backbone) return backbone_learner(name, backbone);
  if (name == "trees") return boosted_trees();
  if (name == "kernels") return ridge_on_random_kernels();
  if (name == "dtw") return nearest_series();
  if (name == "scattering" || name == "knn") return on_scattering(name == "scattering");
  return network_named(name, domain);
}

std::shared_ptr<const LearnerKind> find_learner(std::string_view name, Domain domain, const BackboneFiles& backbone) {
  const auto is_one = [&](bool of_backbone) {
    const auto names = learner_names(domain, of_backbone);
    return name != "auto" && std::ranges::find(names, name) != names.end();
  };
  const std::vector<std::string_view> ways = backbone_ways();
  if (!backbone.network.empty() && is_one(true)) return std::make_shared<LearnerKind>(learner_named(name, domain, backbone));
  if (is_one(false)) return std::make_shared<LearnerKind>(learner_named(name, domain));
  if (std::ranges::find(ways, name) != ways.end()) throw usage_error("@" + std::string(name) + " needs a network").with_hint("--backbone FILE names one");
  return nullptr;
}

}  // namespace leaven::learn
