// What ops on series cost in memory, as their Python peers are timed: series read before, results thrown away, one thread. They go
// through the public class that the Python package calls too: every series has a key, draws and a program of its own.
// bench_series STEP FILE COPIES; one JSON line. STEP as in a recipe: "series_jitter: {sigma: 0.03}". Series of one length.
#include <cstdio>
#include <ctime>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "io/dataset.hpp"
#include "io/series_file.hpp"
#include "leaven/series.hpp"

namespace {

using namespace leaven;

/// Of this program, so that who else computes on the machine does not count.
double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

double run(const std::string& step, const std::string& file, std::uint32_t copies) {
  const auto reader = io::open_dataset(file);
  const io::DatasetIndex& index = reader->index();
  const Recipe recipe = Recipe::from_text("leaven: 1\nsteps:\n  - " + step + "\n");
  std::vector<double> values;
  std::vector<DrawKey> keys;
  std::size_t length = 0;
  for (const io::Entry& entry : index.entries) {
    const io::SourceImage raw = reader->read(entry);
    const Series series = io::parse_series(*index.series, {reinterpret_cast<const char*>(raw.file.data()), raw.file.size()});
    if (length != 0 && series.values.size() != length) throw usage_error("series must be of one length");
    length = series.values.size();
    values.insert(values.end(), series.values.begin(), series.values.end());
    keys.push_back({.key = entry.id, .label = index.labels[entry.label]});
  }
  double sum = 0;
  const double start = cpu_seconds();
  for (std::uint32_t copy = 1; copy <= copies; ++copy) {
    for (DrawKey& key : keys) key.copy = copy;
    const SeriesBatch batch(recipe, {values.data(), keys.size(), 1, length}, keys);
    SeriesRun made(batch);
    for (std::size_t i = 0; i < keys.size(); ++i) sum += made.apply(i).values.front();
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
