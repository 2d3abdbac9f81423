// A table job in a folder of its own, and its table as cells.
#pragma once

#include <sstream>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "flow/job.hpp"
#include "ops/families.hpp"
#include "tests/flow/small_dataset.hpp"

namespace leaven::flow {

using Cells = std::vector<std::vector<std::string>>;

/// Of a CSV without quotes; the header line is row 0.
inline Cells cells_of(const std::string& csv) {
  Cells rows;
  std::istringstream in(csv);
  for (std::string line; std::getline(in, line);) {
    std::istringstream row(line);
    std::vector<std::string>& cells = rows.emplace_back();
    for (std::string cell; std::getline(row, cell, ',');) cells.push_back(cell);
    if (line.ends_with(',')) cells.emplace_back();
  }
  return rows;
}

inline std::vector<std::string> lines_of(const std::filesystem::path& file) {
  std::istringstream in(read_text(file));
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

/// `recipe`: what stands below "leaven: 1".
inline JobSummary make_table(const std::filesystem::path& in, const std::filesystem::path& out, const std::string& recipe, int threads = 2) {
  JobOptions options;
  options.recipe = recipe::parse("leaven: 1\n" + recipe, ops::op_table());
  options.recipe.source.path = in;
  options.recipe.sink.path = out;
  options.threads = threads;
  options.report = false;
  const std::atomic<bool> stop{false};
  return run_job(options, [](const Progress&) {}, stop);
}

/// The error's text, or "made".
inline std::string table_refusal(const std::filesystem::path& in, const std::filesystem::path& out, const std::string& recipe) {
  try {
    make_table(in, out, recipe);
  } catch (const Error& error) {
    return error.what();
  }
  return "made";
}

}  // namespace leaven::flow
