// `leaven merge OUT`: the parts of shards into one dataset.
#include "cli/commands.hpp"
#include "cli/print.hpp"
#include "cli/progress.hpp"
#include "cli/summary.hpp"
#include "flow/job.hpp"

namespace leaven::cli {

int merge(const std::string& out, bool quiet) {
  ProgressView view(progress_style("auto", quiet));
  const flow::JobSummary summary =
      flow::merge_shards(out, [&view](const flow::Progress& progress) { view.show(progress); });
  view.finish();
  if (!quiet) print(summary_text(summary, ""));
  return 0;
}

}  // namespace leaven::cli
