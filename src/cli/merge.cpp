// `leaven merge OUT`: the parts of shards into one dataset.
#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/print.hpp"
#include "cli/progress.hpp"
#include "cli/summary.hpp"
#include "core/error.hpp"
#include "flow/job.hpp"

namespace leaven::cli {

int merge(const std::string& out, bool quiet) {
  ProgressView view(progress_style("auto", quiet));
  const flow::JobSummary summary =
      flow::merge_shards(out, [&view](const flow::Progress& progress) { view.show(progress); });
  view.finish();
  if (!quiet) print(summary_text(summary, ""));
  if (!summary.too_many_broken) return 0;
  complain(fmt::format("leaven: {} of {} samples could not be used, more than the recipe allows\n", summary.broken, summary.sources));
  return exit_code(Fault::data);
}

}  // namespace leaven::cli
