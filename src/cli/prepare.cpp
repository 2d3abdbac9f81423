// `leaven prepare TABLE -o FILE --run OUT`: what a run learnt, applied to another table.
#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/print.hpp"
#include "flow/report_text.hpp"
#include "flow/table_apply.hpp"

namespace leaven::cli {

int prepare(const PrepareCommand& command) {
  const flow::Applied applied = flow::apply_prepared(command.run, command.table, command.file, command.back);
  print(fmt::format("{}: {}{}\n", command.file, flow::count_text(applied.rows, "row", "rows"),
                    applied.set_aside > 0 ? fmt::format("; {} could not be read (leaven profile says which)", flow::count_text(applied.set_aside)) : ""));
  return 0;
}

}  // namespace leaven::cli
