// What ops on series cost in memory, as their Python peers are timed: series read before, results thrown away, one thread. Every
// series is drawn by itself, with the program that lineage would write, and made into the same memory.
// bench_series STEP FILE COPIES; one JSON line. STEP as in a recipe: "series_jitter: {sigma: 0.03}".
#include <cstdio>
#include <ctime>
#include <string>

#include "core/error.hpp"
#include "flow/partners.hpp"
#include "flow/series_task.hpp"
#include "io/dataset.hpp"
#include "ops/families.hpp"
#include "plan/series/draw_series.hpp"

namespace {

using namespace leaven;

/// Of this program, so that who else computes on the machine does not count.
double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

double run(const std::string& step, const std::string& file, std::uint32_t copies) {
  const auto reader = io::open_dataset(file);
  const io::DatasetIndex& index = reader->index();
  const recipe::Recipe recipe = recipe::parse("leaven: 1\nsteps:\n  - " + step + "\n", ops::op_table());
  const flow::Roster roster(index, recipe, std::vector<bool>(index.entries.size()));
  const flow::PartnerPool pool(index, roster, recipe);
  std::vector<flow::LoadedSeries> all;
  for (const io::Entry& entry : index.entries) all.push_back(flow::load_series(*reader, entry));
  double sum = 0;
  Series made;
  plan::DrawnSeries drawn;
  plan::SeriesPlan plan;
  const double start = cpu_seconds();
  for (std::uint32_t e = 0; e < all.size(); ++e) {
    const plan::ChooseSeries choose = [&](std::string_view rule, Key key) {
      const std::uint32_t chosen = pool.choose(e, rule, key, 0);
      return plan::SeriesPartner{index.entries[chosen].id, all[chosen].digest, index.labels[index.entries[chosen].label], all[chosen].series};
    };
    for (std::uint32_t copy = 1; copy <= copies; ++copy) {
      plan::draw_series(recipe, {0, 0, index.entries[e].id, copy, 0, 0}, all[e].shape, index.labels[index.entries[e].label], choose, drawn);
      plan::plan_series(drawn.lowered, true, plan);
      plan::run_fast(plan, *all[e].series, made);
      sum += made.values.front();
    }
  }
  const double seconds = cpu_seconds() - start;
  if (sum == 0.125) std::puts("");  // so that the work is done
  return seconds;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc < 4) throw usage_error("bench_series STEP FILE COPIES");
    std::printf("{\"seconds\": %.6f}\n", run(argv[1], argv[2], static_cast<std::uint32_t>(std::stoul(argv[3]))));
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_series: %s\n", error.what());
    return 1;
  }
}
