// `leaven ops` and `leaven help OP`: what the op table says, for people and for programs.
#include <fmt/format.h>

#include <string_view>

#include "cli/commands.hpp"
#include "cli/print.hpp"
#include "core/error.hpp"
#include "ops/families.hpp"
#include "ops/help.hpp"
#include "recipe/containers.hpp"
#include "recipe/policies.hpp"
#include "recipe/recipe.hpp"

namespace leaven::cli {

namespace {

/// Steps that are no ops.
std::string other_steps() {
  std::string text = "\nsteps that hold steps\n";
  for (const recipe::ContainerDoc& doc : recipe::containers()) text += fmt::format("  {:<28}{}\n", doc.name, doc.summary);
  text += "\npolicies\n";
  for (const recipe::Policy& policy : recipe::policies()) text += fmt::format("  {:<28}{}\n", policy.name, policy.summary);
  return text;
}

}  // namespace

int ops(const OpsCommand& command) {
  const OpTable& table = leaven::ops::op_table();
  if (command.json) {
    print(recipe::json_schema(table));
  } else if (command.markdown) {
    for (const auto& op : table.all()) print(leaven::ops::op_markdown(*op));
  } else {
    print(leaven::ops::op_list_text(table) + other_steps());
  }
  return 0;
}

namespace {

std::string balance_help() {
  std::string text = "balance: new rows for the small classes of a table, or fewer of the large ones\n\n"
                     "  leaven augment adult.csv -o even --target income --balance\n"
                     "  leaven augment adult.csv -o even --target income --balance=smote_nc --per-class 30000\n\n"
                     "In a recipe: balance: {method: smote, k: 5}. Without an amount every class gets as many rows as the largest;\n"
                     "per_class, total and times say otherwise. Methods:\n\n";
  for (const recipe::BalanceMethodDoc& doc : recipe::balance_methods())
    text += std::string(doc.name) + "\n  " + std::string(doc.summary) + ".\n  " + std::string(doc.detail) + "\n";
  return text;
}

}  // namespace

int help_op(const std::string& name, const std::vector<std::string>& commands) {
  const OpTable& table = leaven::ops::op_table();
  if (const OpInfo* op = table.find(name)) {
    print(leaven::ops::op_help_text(*op));
    return 0;
  }
  for (const recipe::ContainerDoc& doc : recipe::containers())
    if (doc.name == name) {
      print(fmt::format("{}: {}\n\n  {}\n\nExample\n{}", doc.name, doc.summary, doc.detail, doc.example));
      return 0;
    }
  if (const recipe::Policy* policy = recipe::find_policy(name)) {
    print(fmt::format("{}: {}\n\n  {}\n\nFields\n  {}\n\nA policy stands among the steps like an op: - {}\n", name, policy->summary,
                      policy->source, policy->fields, name));
    return 0;
  }
  if (name == "balance") {
    print(balance_help());
    return 0;
  }
  for (const recipe::BalanceMethodDoc& doc : recipe::balance_methods())
    if (doc.name == name) {
      print(std::string(doc.name) + ": " + std::string(doc.summary) + "\n\n" + std::string(doc.detail) + "\n\nA method of balance: see leaven help balance\n");
      return 0;
    }
  std::vector<std::string_view> names(commands.begin(), commands.end());
  for (const auto& op : table.all()) names.push_back(op->name);
  for (const recipe::ContainerDoc& doc : recipe::containers()) names.push_back(doc.name);
  for (const recipe::Policy& policy : recipe::policies()) names.push_back(policy.name);
  const std::string near = did_you_mean(name, names);
  throw usage_error("no command and no op is called " + name).with_hint(near.empty() ? "leaven help and leaven ops list them all" : near);
}

}  // namespace leaven::cli
