// `leaven verify OUT`: every output's digest against its lineage line.
#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/print.hpp"
#include "core/error.hpp"
#include "flow/job.hpp"
#include "flow/report_text.hpp"

namespace leaven::cli {

int verify(const VerifyCommand& command) {
  const flow::Verification found = flow::verify(command.out, command.threads);
  const std::uint64_t bad = found.missing + found.changed;
  for (const std::string& problem : found.problems) print(problem + "\n");
  if (const std::uint64_t told = found.problems.size(); bad + found.unlisted > told)
    print(fmt::format("and {} more\n", flow::count_text(bad + found.unlisted - told)));
  print(fmt::format("{} checked: {} missing, {} changed, {} that no line names\n",
                    flow::count_text(found.checked, "output", "outputs"), flow::count_text(found.missing),
                    flow::count_text(found.changed), flow::count_text(found.unlisted)));
  return bad == 0 ? 0 : exit_code(Fault::data);
}

}  // namespace leaven::cli
