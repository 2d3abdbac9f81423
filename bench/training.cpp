// What training costs when items come from Leaven's pipeline, and when the very same batches lie in memory already: one thread, equal
// steps, data read before.
// bench_training DATA RECIPE LEARNER STEPS; one JSON line.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "learn/batches.hpp"
#include "learn/material.hpp"
#include "learn/torch/learners.hpp"
#include "learn/torch/machinery.hpp"

namespace {

using namespace leaven;
using namespace leaven::learn;

constexpr std::uint32_t kBatch = 32, kPerClass = 50;
constexpr std::uint64_t kTurn = 5;  // steps

double seconds_of(const auto& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

struct Stored {
  std::vector<float> values{};
  std::vector<std::uint32_t> labels{};
};

void put(Supply& supply, std::uint64_t batch, Stored& to) {
  const std::size_t values = supply.shape().values();
  to.values.resize(kBatch * values);
  to.labels.resize(kBatch);
  for (std::uint32_t i = 0; i < kBatch; ++i) to.labels[i] = supply.put(batch * kBatch + i, std::span(to.values).subspan(i * values, values)).label;
}

int measure(const std::string& data, const std::string& recipe, const std::string& name, std::uint64_t steps) {
  const auto material = open_material({.data = data, .threads = 1});
  Partition partition = divide(material->index(), {.per_class = kPerClass, .test = 0.5, .seeds = 1});
  material->take(partition.used());
  const std::vector<Arm> arms = arms_for(recipe, {});
  const auto supply = material->supply(arms.front(), nullptr, partition.folds.front(), 0);
  const LearnerKind kind = learner_named(name);
  std::vector<Stored> stored(steps);
  const double making = seconds_of([&] {
    for (std::uint64_t s = 0; s < steps; ++s) put(*supply, s, stored[s]);
  });
  // Two learners go side by side, a few steps each in turn, so that whatever else the machine does meets both.
  const auto learner_for = [&] { return kind.make(supply->shape(), supply->classes(), Key{1, 2}); };
  const auto from_memory = learner_for(), from_pipeline = learner_for();
  Batches batches(*supply, {.steps = static_cast<std::uint32_t>(steps), .batch = kBatch}, *from_pipeline, nullptr, nullptr);
  const auto train = [&](bool piped, std::uint64_t from, std::uint64_t to) {
    for (std::uint64_t s = from; s < to; ++s) {
      if (piped) batches.train(1);
      else from_memory->train({stored[s].values, stored[s].labels, {}}, 1);
    }
  };
  // The first steps find memory and caches cold.
  const std::uint64_t warm = steps / 10 / kTurn * kTurn;
  double times[2]{};
  for (std::uint64_t s = 0; s < steps; s += kTurn) {
    const bool first = s / kTurn % 2 != 0;
    for (const bool piped : {first, !first}) {
      const double taken = seconds_of([&] { train(piped, s, std::min(steps, s + kTurn)); });
      if (s >= warm) times[piped ? 1 : 0] += taken;
    }
  }
  std::printf("{\"piped\": %.6f, \"stored\": %.6f, \"making\": %.6f, \"items\": %.0f}\n", times[1], times[0], making, static_cast<double>((steps - warm) * kBatch));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fputs("usage: bench_training DATA RECIPE LEARNER STEPS\n", stderr);
    return 2;
  }
  keep_freed_memory();
  try {
    return measure(argv[1], argv[2], argv[3], std::stoull(argv[4]));
  } catch (const Error& error) {
    std::fprintf(stderr, "bench_training: %s\n", error.what());
    return exit_code(error.fault());
  }
}
