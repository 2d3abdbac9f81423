// What training costs when items come from Leaven's pipeline, and when the very same batches lie in memory already: one thread, equal
// steps, data read before.
// bench_training DATA RECIPE LEARNER STEPS; one JSON line.
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "learn/material.hpp"
#include "learn/torch/learners.hpp"
#include "learn/torch/machinery.hpp"

namespace {

using namespace leaven;
using namespace leaven::learn;

constexpr std::uint32_t kBatch = 32, kPerClass = 50;

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
  const auto trained = [&](bool piped) {
    const auto learner = kind.make(supply->shape(), supply->classes(), Key{1, 2});
    Stored made;
    const auto train = [&](std::uint64_t from, std::uint64_t to) {
      for (std::uint64_t s = from; s < to; ++s) {
        if (piped) put(*supply, s, made);
        const Stored& batch = piped ? made : stored[s];
        learner->train({batch.values, batch.labels, {}}, 1);
      }
    };
    // The first steps find memory and caches cold.
    const std::uint64_t warm = steps / 10;
    train(0, warm);
    return seconds_of([&] { train(warm, steps); });
  };
  const double before = trained(false), piped = trained(true), after = trained(false);
  std::printf("{\"piped\": %.6f, \"stored\": %.6f, \"making\": %.6f, \"items\": %.0f}\n", piped, (before + after) / 2, making,
              static_cast<double>((steps - steps / 10) * kBatch));
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
