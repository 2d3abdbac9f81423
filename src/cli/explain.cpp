// `leaven explain FILE`: how one output was made, as text here and as a page with pictures.
#include <filesystem>

#include "cli/commands.hpp"
#include "cli/print.hpp"
#include "flow/replay.hpp"
#include "io/atomic_file.hpp"
#include "ops/families.hpp"

namespace leaven::cli {

namespace fs = std::filesystem;

int explain(const ExplainCommand& command) {
  flow::FoundLineage found = flow::find_lineage(command.file, ops::op_table());
  if (!command.source.empty()) found.recipe.source.path = command.source;
  if (!command.files.empty()) found.recipe.file = (fs::path(command.files) / "recipe").string();
  const flow::Explanation told = flow::explain(found);
  print(told.text);
  if (command.no_page || told.page.empty()) return 0;
  const fs::path page =
      command.page.empty() ? fs::path(found.record.id).stem().string() + ".explain.html" : command.page;
  io::write_file_atomically(page, told.page);
  print("page    " + page.string() + "\n");
  return 0;
}

}  // namespace leaven::cli
