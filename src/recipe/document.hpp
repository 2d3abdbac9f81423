// A YAML (or JSON) text with places: every complaint says file, line and column.
#pragma once

#include <yaml-cpp/yaml.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "core/value.hpp"
#include "recipe/recipe.hpp"

namespace leaven::recipe {

/// Where `node` stands in `file`.
Place place_of(const YAML::Node& node, const std::string& file);

/// A scalar by its spelling: true/false, whole number, number, else text; quoted is always text.
Value scalar(const YAML::Node& node);

/// A map whose keys are asked for by name; finish() complains about the ones nobody asked for, with the nearest name.
/// Duplicate keys are refused at once.
class MapReader {
 public:
  /// `what` names the map in messages: "clean", "gaussian_blur".
  MapReader(YAML::Node map, std::string file, std::string what);

  /// Null when absent. Marks the key as known either way.
  YAML::Node find(std::string_view key);
  std::optional<std::string> text(std::string_view key);
  std::optional<bool> truth(std::string_view key);
  /// Numbers may be written with a percent sign where `percent` is set. Throws with the range.
  std::optional<double> number(std::string_view key, double lo, double hi, bool percent = false);
  std::optional<std::int64_t> whole(std::string_view key, std::int64_t lo, std::int64_t hi);
  /// Index into `choices`.
  std::optional<std::size_t> choice(std::string_view key, std::initializer_list<std::string_view> choices);
  /// A text or a list of texts.
  std::vector<std::string> texts(std::string_view key);
  /// A key that is known but read elsewhere.
  void know(std::string_view key) { known_.push_back(key); }
  /// A key that stands inside another one here: what helps who writes it outside.
  void belongs(std::string_view key, std::string_view inside) { elsewhere_.emplace_back(key, inside); }
  void finish();

  Error wrong(const YAML::Node& at, std::string_view key, const std::string& rule) const;
  const std::string& file() const { return file_; }

 private:
  YAML::Node map_;
  std::string file_, what_;
  std::vector<std::string_view> known_;
  std::vector<std::pair<std::string_view, std::string_view>> elsewhere_;
};

/// Parses one document; syntax errors become Error(usage) with a place.
YAML::Node parse_document(std::string_view text, const std::string& file);

// steps.cpp
std::vector<Step> read_steps(const YAML::Node& list, const OpTable& ops, const std::string& file, int depth = 0);
// table_stages.cpp
void read_schema(TableRules& rules, const YAML::Node& node, const std::string& file);
void read_balance(Balance& balance, const YAML::Node& node, const std::string& file);
std::vector<Constraint> read_constraints(const YAML::Node& list, const std::string& file);
// stages.cpp: every key of the top level into `recipe`, over what is there already.
void read_stages(Recipe& recipe, MapReader& top, const OpTable& ops);

}  // namespace leaven::recipe
