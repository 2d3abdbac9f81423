#include "cli/help_page.hpp"

#include <fmt/format.h>

#include <string_view>
#include <vector>

namespace leaven::cli {

namespace {

constexpr std::size_t kTextColumn = 26, kWidth = 100;

/// "  left part      text", the text wrapped and kept in its column.
std::string row(const std::string& left, std::string_view text) {
  std::string lines = fmt::format("  {:<{}}", left, kTextColumn - 2);
  if (left.size() + 3 > kTextColumn) lines += "\n" + std::string(kTextColumn, ' ');
  std::size_t column = kTextColumn;
  while (!text.empty()) {
    const std::size_t length = std::min(text.find(' '), text.size());
    if (column > kTextColumn && column + 1 + length > kWidth) {
      lines += "\n" + std::string(kTextColumn, ' ');
      column = kTextColumn;
    } else if (column > kTextColumn) {
      lines += ' ';
      ++column;
    }
    lines += text.substr(0, length);
    column += length;
    text.remove_prefix(std::min(length + 1, text.size()));
  }
  return lines + "\n";
}

std::string left_of(const CLI::Option& option) {
  std::string left = option.get_positional() ? option.get_name(true) : option.get_name(false, true);
  // "-o,--output" reads better with a space.
  if (const std::size_t comma = left.find(','); comma != std::string::npos) left.insert(comma + 1, " ");
  if (!option.get_positional() && option.get_type_size() != 0) left += " " + option.get_type_name();
  return left;
}

}  // namespace

std::string page_of(const CLI::App& command) { return HelpPage().make_help(&command, "", CLI::AppFormatMode::Normal); }

std::string phrase_of(const CLI::App& command) {
  const std::string text = command.get_description();
  return text.substr(0, text.find('\n'));
}

std::string HelpPage::make_help(const CLI::App* app, std::string, CLI::AppFormatMode) const {
  std::string page = app->get_description() + "\n";
  const auto commands = app->get_subcommands([](const CLI::App* command) { return !command->get_group().empty(); });
  if (!commands.empty()) page += "\nCommands:\n";
  for (const CLI::App* command : commands) page += row(command->get_name(), phrase_of(*command));
  const auto positionals = app->get_options([](const CLI::Option* option) { return option->get_positional(); });
  if (!positionals.empty()) page += '\n';
  for (const CLI::Option* option : positionals) page += row(left_of(*option), option->get_description());
  for (const std::string& group : app->get_groups()) {
    const auto options = app->get_options(
        [&](const CLI::Option* option) { return option->get_group() == group && !option->get_positional(); });
    if (group.empty() || options.empty()) continue;
    page += "\n" + group + ":\n";
    for (const CLI::Option* option : options) page += row(left_of(*option), option->get_description());
  }
  if (!app->get_footer().empty()) page += "\n" + app->get_footer() + "\n";
  return page;
}

}  // namespace leaven::cli
