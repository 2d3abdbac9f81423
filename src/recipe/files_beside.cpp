#include "recipe/files_beside.hpp"

#include <algorithm>
#include <functional>

namespace leaven::recipe {

namespace {

namespace fs = std::filesystem;

void each_path(std::vector<Step>& steps, const std::function<void(std::string&)>& visit) {
  const auto one = [&](Value& value) {
    if (auto* path = std::get_if<std::string>(&value); path && !path->empty()) visit(*path);
  };
  for (Step& step : steps) {
    for (auto& [field, setting] : step.settings) {
      if (!field->facts.file) continue;
      if (!setting.is_drawn()) one(setting.fixed);
      for (Value& choice : setting.choices) one(choice);
    }
    each_path(step.steps, visit);
  }
}

}  // namespace

std::vector<std::string> named_files(const std::vector<Step>& steps) {
  std::vector<std::string> found;
  std::vector<Step> read = steps;
  each_path(read, [&](const std::string& path) { found.push_back(path); });
  return found;
}

bool names_files_beside(const Recipe& recipe) {
  return std::ranges::any_of(named_files(recipe.steps), [](const std::string& path) { return fs::path(path).is_relative(); });
}

void name_from(std::vector<Step>& steps, const std::string& from, const std::string& to) {
  const auto folder_of = [](const std::string& file) { return fs::absolute(file.empty() ? "recipe" : file).lexically_normal().parent_path(); };
  const fs::path there = folder_of(from), here = folder_of(to);
  if (there == here) return;
  each_path(steps, [&](std::string& path) {
    if (fs::path(path).is_relative()) path = (there / path).lexically_normal().lexically_relative(here).generic_string();
  });
}

}  // namespace leaven::recipe
