// `leaven replay FILE`: the same bytes again, from the lineage line and the source.
#include "flow/replay.hpp"
#include "cli/commands.hpp"
#include "cli/print.hpp"
#include "core/error.hpp"
#include "io/atomic_file.hpp"
#include "io/file.hpp"
#include "ops/families.hpp"

namespace leaven::cli {

namespace {

struct Wanted {
  LineageRecord record{};
  recipe::Source source{};
  std::filesystem::path out{};
  std::string recipe_file{};
};

Wanted find(const ReplayCommand& command) {
  Wanted wanted;
  if (command.line.empty()) {
    flow::FoundLineage found = flow::find_lineage(command.file, ops::op_table());
    wanted = {std::move(found.record), std::move(found.recipe.source), std::move(found.out), std::move(found.recipe.file)};
  } else if (command.source.empty()) {
    throw usage_error("--line needs --source, the dataset that the line was made from");
  } else {
    wanted.record = lineage_from_json(command.line, ops::op_table());
  }
  if (!command.source.empty()) wanted.source.path = command.source;
  if (!command.files.empty()) wanted.recipe_file = (std::filesystem::path(command.files) / "recipe").string();
  return wanted;
}

}  // namespace

int replay(const ReplayCommand& command) {
  const Wanted wanted = find(command);
  const flow::Replayed again = flow::replay(wanted.record, wanted.source, wanted.out, wanted.recipe_file);
  if (!again.same_digest) throw data_error("other bytes than the lineage line says").with_sample(wanted.record.id);
  std::error_code error;
  if (command.check && std::filesystem::is_regular_file(command.file, error)) {  // not a row, nor an item of an array or tar
    const io::Bytes there = io::read_file(command.file);
    if (digest_of(there.data(), there.size()) != wanted.record.digest)
      throw data_error("has changed: its lineage line names other bytes, which the source still gives").with_sample(command.file);
  }
  const bool as_picture = !again.picture.empty() && command.output.ends_with(".png");
  if (!command.output.empty() && !command.check)
    io::write_file_atomically(command.output, as_picture ? again.picture : again.file);
  print((command.output.empty() ? wanted.record.id : command.output) + ": the same bytes as the lineage line says\n");
  return 0;
}

}  // namespace leaven::cli
