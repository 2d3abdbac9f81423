// `leaven replay FILE`: the same bytes again, from the lineage line and the source.
#include <filesystem>
#include <fstream>

#include "cli/commands.hpp"
#include "cli/print.hpp"
#include "core/error.hpp"
#include "flow/replay.hpp"
#include "ops/families.hpp"

namespace leaven::cli {

namespace {

struct Wanted {
  LineageRecord record{};
  recipe::Source source{};
};

Wanted find(const ReplayCommand& command) {
  Wanted wanted;
  if (command.line.empty()) {
    flow::FoundLineage found = flow::find_lineage(command.file, ops::op_table());
    wanted = {std::move(found.record), std::move(found.recipe.source)};
  } else if (command.source.empty()) {
    throw usage_error("--line needs --source, the dataset that the line was made from");
  } else {
    wanted.record = lineage_from_json(command.line, ops::op_table());
  }
  if (!command.source.empty()) wanted.source.path = command.source;
  return wanted;
}

void write(const std::string& file, const io::Bytes& bytes) {
  std::ofstream out(file, std::ios::binary);
  out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  out.close();
  if (!out) throw environment_error("cannot be written").with_place(file);
}

}  // namespace

int replay(const ReplayCommand& command) {
  const Wanted wanted = find(command);
  const flow::Replayed again = flow::replay(wanted.record, wanted.source);
  if (!again.same_digest) throw data_error("other bytes than the lineage line says").with_sample(wanted.record.id);
  const bool as_picture = !again.picture.empty() && command.output.ends_with(".png");
  if (!command.output.empty() && !command.check) write(command.output, as_picture ? again.picture : again.file);
  print((command.output.empty() ? wanted.record.id : command.output) + ": the same bytes as the lineage line says\n");
  return 0;
}

}  // namespace leaven::cli
