// The flags that `augment` and `run` share.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "cli/commands.hpp"

namespace leaven::cli {

void add_output_flag(CLI::App& command, JobCommand& job);
void add_recipe_choice(CLI::App& command, JobCommand& job);
void add_job_flags(CLI::App& command, JobCommand& job);
/// Names of columns, of Parquet and Arrow files with pictures.
void add_column_flags(CLI::App& command, JobCommand& job);
/// Throws Error(usage) where one was given, for a dataset that is none of such files.
void refuse_column_flags(const JobCommand& job);
/// Those of `convert`, which changes no sample.
void add_convert_flags(CLI::App& command, JobCommand& job);

/// The command line as a shell would read it, for making the same again: without what only concerns one run (--resume,
/// --overwrite, --dry-run, --quiet, --progress).
std::string command_line_of(const std::vector<std::string>& arguments);

}  // namespace leaven::cli
