// The stages of a recipe that concern tables: schema, balance, constraints.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <regex>

#include "recipe/document.hpp"

namespace leaven::recipe {

namespace {

template <class T, class U>
void assign(T& target, const std::optional<U>& value) {
  if (value) target = static_cast<T>(*value);
}

void read_column(TableRules& rules, const std::string& name, const YAML::Node& node, const std::string& file) {
  const auto kind_of = [&](const YAML::Node& word) {
    const std::string text = word.IsScalar() ? word.Scalar() : "";
    const auto at = std::ranges::find(kColumnKindNames, text);
    if (at != kColumnKindNames.end()) return static_cast<ColumnKind>(at - kColumnKindNames.begin());
    throw usage_error(fmt::format("schema: column {} must be one of {}, got {}", name, fmt::join(kColumnKindNames, ", "), text))
        .with_place(place_of(word, file).text())
        .with_hint(did_you_mean(text, kColumnKindNames));
  };
  if (node.IsScalar() && node.Scalar() == "target") return void(rules.target = name);
  if (node.IsScalar()) return void(rules.kinds[name] = kind_of(node));
  MapReader map(node, file, "schema: column " + name);
  if (const YAML::Node kind = map.find("kind"); kind.IsDefined()) rules.kinds[name] = kind_of(kind);
  if (map.truth("target").value_or(false)) rules.target = name;
  map.finish();
}

}  // namespace

void read_schema(TableRules& rules, const YAML::Node& node, const std::string& file) {
  MapReader map(node, file, "schema");
  if (const auto header = map.truth("header")) rules.header = *header;
  if (const auto encoding = map.choice("encoding", {"any", "utf8", "latin1"})) rules.encoding = static_cast<TableRules::Encoding>(*encoding);
  if (const auto comma = map.truth("decimal_comma")) rules.decimal_comma = *comma;
  rules.repair = map.truth("repair").value_or(false);
  if (const YAML::Node missing = map.find("missing"); missing.IsDefined()) rules.missing = map.texts("missing");
  assign(rules.target, map.text("target"));
  if (const YAML::Node columns = map.find("columns"); columns.IsDefined()) {
    if (!columns.IsMap()) throw map.wrong(columns, "columns", "a map from names of columns to what they are");
    for (const auto& column : columns) read_column(rules, column.first.Scalar(), column.second, file);
  }
  map.finish();
}

void read_balance(Balance& b, const YAML::Node& node, const std::string& file) {
  const auto method = [&](const YAML::Node& word) {
    try {
      b.method = balance_method(word.Scalar());
    } catch (Error& error) {
      error.with_place(place_of(word, file).text());
      throw;
    }
  };
  if (node.IsScalar()) return method(node);
  MapReader map(node, file, "balance");
  const YAML::Node word = map.find("method");
  if (!word.IsDefined()) b.method = BalanceMethod::automatic;
  else method(word);
  assign(b.k, map.whole("k", 1, 1000));
  assign(b.m, map.whole("m", 1, 1000));
  assign(b.scale, map.truth("scale"));
  if (const auto search = map.choice("search", {"auto", "exact", "approximate"})) b.search = static_cast<NeighbourSearch>(*search);
  assign(b.clusters, map.whole("clusters", 1, 10'000));
  assign(b.levels, map.whole("levels", 1, 100));
  assign(b.theta, map.number("theta", 0, 100));
  assign(b.truncation, map.number("truncation", -1, 1));
  assign(b.deformation, map.number("deformation", 0, 1));
  assign(b.reach, map.number("reach", 0, 10));
  assign(b.alpha, map.number("alpha", 0.01, 100));
  map.finish();
}

namespace {

Constraint read_constraint(Constraint::Kind kind, const YAML::Node& node, const std::string& file) {
  Constraint c{.kind = kind, .place = place_of(node, file)};
  const std::string name(name_of(kind));
  const auto refuse = [&](const std::string& rule) { throw usage_error("constraints: " + name + " " + rule).with_place(c.place.text()); };
  if (node.IsSequence() || node.IsScalar()) {
    if (node.IsScalar()) c.columns = {node.Scalar()};
    for (const auto& column : node) c.columns.push_back(column.Scalar());
  } else {
    MapReader map(node, file, "constraints: " + name);
    c.columns = map.texts("columns");
    if (const auto column = map.text("column")) c.columns = {*column};
    if (kind == Constraint::Kind::range) {
      assign(c.lo, map.number("lo", -1e300, 1e300));
      assign(c.hi, map.number("hi", -1e300, 1e300));
    } else if (kind == Constraint::Kind::match) {
      assign(c.text, map.text("regex"));
    } else if (kind == Constraint::Kind::sum) {
      if (const YAML::Node to = map.find("to"); !to.IsDefined()) refuse("needs to: a column, or a number");
      else if (const Value total = scalar(to); std::holds_alternative<std::string>(total)) c.text = std::get<std::string>(total);
      else c.total = as_number(total);
    } else if (kind == Constraint::Kind::references) {
      assign(c.text, map.text("table"));
      c.key = map.texts("key");
    }
    map.finish();
  }
  using Kind = Constraint::Kind;
  const std::size_t least = kind == Kind::order || kind == Kind::combinations ? 2 : 1;
  if (c.columns.size() < least) refuse(least == 2 ? "needs two columns or more" : "needs a column");
  if (kind == Kind::references && c.text.empty()) refuse("needs table: the file that holds the keys");
  if (kind == Kind::references && c.key.empty()) c.key = c.columns;
  if (kind == Kind::references && c.key.size() != c.columns.size()) refuse("needs as many columns in key: as in columns:");
  if (kind == Kind::range && !(c.lo <= c.hi)) refuse("needs lo ≤ hi");
  if (kind == Kind::sum && node.IsSequence()) refuse("needs columns: and to:");
  if (kind != Kind::match) return c;
  try {
    if (c.text.empty()) refuse("needs regex:");
    const std::regex expression(c.text);
  } catch (const std::regex_error& e) {
    refuse(std::string("is no regular expression: ") + e.what());
  }
  return c;
}

}  // namespace

std::vector<Constraint> read_constraints(const YAML::Node& list, const std::string& file) {
  if (!list.IsSequence()) throw usage_error("constraints must be a list").with_place(place_of(list, file).text());
  std::vector<Constraint> constraints;
  for (const auto& entry : list) {
    const std::string name = entry.IsMap() && entry.size() == 1 ? entry.begin()->first.Scalar() : "";
    const auto at = std::ranges::find(kConstraintNames, name);
    if (at == kConstraintNames.end())
      throw usage_error(fmt::format("constraints: each must be one of {}, got {}", fmt::join(kConstraintNames, ", "), name))
          .with_place(place_of(entry, file).text())
          .with_hint(did_you_mean(name, kConstraintNames));
    constraints.push_back(read_constraint(static_cast<Constraint::Kind>(at - kConstraintNames.begin()), entry.begin()->second, file));
  }
  return constraints;
}

}  // namespace leaven::recipe
