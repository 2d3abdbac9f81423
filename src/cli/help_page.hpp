// How a help page looks. A command's description is one phrase, an empty line, and its usage line.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace leaven::cli {

class HelpPage : public CLI::FormatterBase {
 public:
  std::string make_help(const CLI::App* app, std::string name, CLI::AppFormatMode mode) const override;
};

/// The help page of this very command; CLI::App::help() would print that of a command that was parsed below it.
std::string page_of(const CLI::App& command);
/// The first line of a command's description.
std::string phrase_of(const CLI::App& command);

}  // namespace leaven::cli
