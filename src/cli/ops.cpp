// `leaven ops` and `leaven help OP`: what the op table says, for people and for programs.
#include <string_view>

#include "cli/commands.hpp"
#include "cli/print.hpp"
#include "core/error.hpp"
#include "ops/families.hpp"
#include "ops/help.hpp"
#include "recipe/recipe.hpp"

namespace leaven::cli {

int ops(const OpsCommand& command) {
  const OpTable& table = leaven::ops::op_table();
  if (command.json) {
    print(recipe::json_schema(table));
  } else if (command.markdown) {
    for (const auto& op : table.all()) print(leaven::ops::op_markdown(*op));
  } else {
    print(leaven::ops::op_list_text(table));
  }
  return 0;
}

int help_op(const std::string& name, const std::vector<std::string>& commands) {
  const OpTable& table = leaven::ops::op_table();
  if (const OpInfo* op = table.find(name)) {
    print(leaven::ops::op_help_text(*op));
    return 0;
  }
  std::vector<std::string_view> names(commands.begin(), commands.end());
  for (const auto& op : table.all()) names.push_back(op->name);
  throw usage_error("no command and no op is called " + name).with_hint(did_you_mean(name, names));
}

}  // namespace leaven::cli
