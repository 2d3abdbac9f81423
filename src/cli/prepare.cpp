// `leaven prepare TABLE -o FILE --run OUT`: what a run learnt, applied to another table.
#include <fmt/format.h>

#include <algorithm>

#include "cli/commands.hpp"
#include "cli/print.hpp"
#include "flow/report_text.hpp"
#include "flow/table_apply.hpp"

namespace leaven::cli {

int prepare(const PrepareCommand& command) {
  const flow::Applied applied = flow::apply_prepared(command.run, command.table, command.file, command.back);
  constexpr std::size_t kMostShown = 20;
  std::string text = fmt::format("{}: {}\n", command.file, flow::count_text(applied.rows, "row", "rows"));
  const auto& aside = applied.set_aside;
  if (!aside.empty()) text += fmt::format("set aside  {} that cannot be used\n", flow::count_text(aside.size(), "row", "rows"));
  for (std::size_t i = 0; i < std::min(kMostShown, aside.size()); ++i) text += fmt::format("           {}:{}: {}\n", command.table, aside[i].line, aside[i].reason);
  if (aside.size() > kMostShown) text += fmt::format("           and {} more\n", flow::count_text(aside.size() - kMostShown));
  for (const std::string& note : applied.notes) text += "note       " + note + "\n";
  print(text);
  return 0;
}

}  // namespace leaven::cli
