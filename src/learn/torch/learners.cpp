#include "learn/torch/learners.hpp"

#include <algorithm>
#include <string>

#include "core/error.hpp"
#include "learn/nearest_series.hpp"
#include "learn/torch/networks.hpp"
#include "learn/torch/ridge.hpp"
#include "learn/trees/boosted_trees.hpp"

namespace leaven::learn {

std::vector<std::string_view> learner_names(Domain domain) {
  if (domain == Domain::columns) return {"auto", "trees", "linear", "mlp"};
  if (domain == Domain::series) return {"auto", "kernels", "dtw", "conv_net", "linear"};
  return {"auto", "conv_net", "plain_conv_net", "linear"};
}

LearnerKind learner_named(std::string_view name, Domain domain) {
  const std::vector<std::string_view> names = learner_names(domain);
  if (name == "auto") name = names[1];
  if (std::find(names.begin(), names.end(), name) == names.end()) {
    std::string all;
    for (const std::string_view known : names) all += (all.empty() ? "" : ", ") + std::string(known);
    const std::string nearest = did_you_mean(name, names);
    throw usage_error("there is no learner " + std::string(name) + " for " + std::string(samples_of(domain))).with_hint(nearest.empty() ? "there are " + all : nearest);
  }
  if (name == "trees") return boosted_trees();
  if (name == "kernels") return ridge_on_random_kernels();
  if (name == "dtw") return nearest_series();
  return network_named(name, domain);
}

}  // namespace leaven::learn
