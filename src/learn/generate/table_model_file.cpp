// A table model as a card and tensors, and back with everything checked.
#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "learn/generate/table_model.hpp"

namespace leaven::learn {

using Json = nlohmann::ordered_json;
using Role = TableColumn::Role;

namespace {

/// A word that the column has, or missing; a number that is finite, or missing.
void check_value(const TableColumn& column, double value) {
  if (column.role == Role::word && (!(value >= TableColumn::kMissing) || value >= static_cast<double>(column.dictionary.size()) || value != std::floor(value)))
    throw data_error("the generator's file names a word that column " + column.name + " has not");
  if (column.role == Role::number && std::isinf(value)) throw data_error("the generator's file has a value of column " + column.name + " that is not finite");
}

void save_copula(const Copula& copula, const std::string& name, Tensors& to) {
  std::vector<std::int32_t> latents;
  std::vector<double> edges, values, constants;
  for (const Copula::Latent& latent : copula.latents) {
    const Marginal& m = latent.marginal;
    for (const std::size_t number : {std::size_t{latent.column}, std::size_t{latent.flag}, std::size_t{m.steps}, m.edges.size(), m.values.size()})
      latents.push_back(static_cast<std::int32_t>(number));
    edges.insert(edges.end(), m.edges.begin(), m.edges.end());
    values.insert(values.end(), m.values.begin(), m.values.end());
  }
  for (const Copula::Constant& constant : copula.constants) constants.push_back(constant.column), constants.push_back(constant.value);
  to.add(name + "latents", std::move(latents));
  to.add(name + "edges", std::move(edges));
  to.add(name + "values", std::move(values));
  to.add(name + "constants", std::move(constants));
  to.add(name + "factor", copula.factor);
}

constexpr std::size_t kNumbersALatent = 5;

Marginal marginal_from(std::span<const std::int32_t> numbers, std::span<const double>& edges, std::span<const double>& values) {
  const auto [steps, edge_count, value_count] = std::tuple(numbers[2], numbers[3], numbers[4]);
  const bool fits = steps == 1 ? edge_count + 1 == value_count : edge_count == value_count && value_count > 1;
  if (!fits || edge_count < 0 || edge_count > 65535 || static_cast<std::size_t>(edge_count) > edges.size() || static_cast<std::size_t>(value_count) > values.size())
    throw data_error("the generator's file has a broken marginal");
  Marginal made;
  made.steps = steps == 1;
  made.edges.assign(edges.begin(), edges.begin() + edge_count);
  made.values.assign(values.begin(), values.begin() + value_count);
  edges = edges.subspan(static_cast<std::size_t>(edge_count));
  values = values.subspan(static_cast<std::size_t>(value_count));
  for (std::size_t i = 0; i < made.edges.size(); ++i)
    if (!std::isfinite(made.edges[i]) || (i > 0 && !(made.edges[i] > made.edges[i - 1]))) throw data_error("the generator's file has a marginal out of order");
  return made;
}

Copula copula_from(const Tensors& from, const std::string& name, const TableData& shape) {
  Copula copula;
  const std::vector<std::int32_t>& latents = from.integers(name + "latents");
  std::span<const double> edges = from.doubles(name + "edges"), values = from.doubles(name + "values");
  if (latents.size() % kNumbersALatent != 0) throw data_error("the generator's file has a broken copula");
  const auto column_of = [&](double number) -> const TableColumn& {
    if (!(number >= 0) || number >= static_cast<double>(shape.columns.size())) throw data_error("the generator's file speaks of a column that its card has not");
    return shape.columns[static_cast<std::size_t>(number)];
  };
  for (std::size_t i = 0; i < latents.size(); i += kNumbersALatent) {
    const TableColumn& column = column_of(latents[i]);
    const bool flag = latents[i + 1] == 1;
    if (column.role == Role::left_out || (flag && column.role != Role::number)) throw data_error("the generator's file has a law for column " + column.name + ", which is not made up");
    copula.latents.push_back({static_cast<std::uint32_t>(latents[i]), flag, marginal_from(std::span(latents).subspan(i, kNumbersALatent), edges, values)});
    for (const double value : copula.latents.back().marginal.values)
      if (!flag) check_value(column, value);
  }
  const std::vector<double>& constants = from.doubles(name + "constants");
  for (std::size_t i = 0; i + 1 < constants.size(); i += 2) {
    const TableColumn& column = column_of(constants[i]);
    check_value(column, constants[i + 1]);
    copula.constants.push_back({static_cast<std::uint32_t>(constants[i]), constants[i + 1]});
  }
  const std::size_t n = copula.latents.size();
  copula.factor = from.doubles(name + "factor", n * (n + 1) / 2);
  if (!std::ranges::all_of(copula.factor, [](double v) { return std::isfinite(v); })) throw data_error("the generator's file has a correlation that is not finite");
  return copula;
}

void save_rows(const SmoothedRows& smoothed, const std::string& name, Tensors& to) {
  for (std::size_t c = 0; c < smoothed.rows.columns.size(); ++c) {
    const TableColumn& column = smoothed.rows.columns[c];
    if (column.role == Role::number) to.add(name + "column." + std::to_string(c), column.numbers);
    if (column.role == Role::word) to.add(name + "column." + std::to_string(c), column.words);
  }
  to.add(name + "mean", smoothed.mean);
  to.add(name + "deviation", smoothed.deviation);
  to.add(name + "width", std::vector<double>{smoothed.width});
}

SmoothedRows rows_from(const Tensors& from, const std::string& name, const TableData& shape, std::uint64_t count) {
  SmoothedRows made{.rows = shape};
  made.rows.rows = count;
  if (count == 0) throw data_error("the generator's file has a class without rows");
  for (std::size_t c = 0; c < shape.columns.size(); ++c) {
    TableColumn& column = made.rows.columns[c];
    if (column.role == Role::number) column.numbers = from.doubles(name + "column." + std::to_string(c), count);
    if (column.role == Role::word) column.words = from.integers(name + "column." + std::to_string(c), count);
    for (const double v : column.numbers) check_value(column, v);
    for (const std::int32_t w : column.words) check_value(column, w);
  }
  made.mean = from.doubles(name + "mean", shape.columns.size());
  made.deviation = from.doubles(name + "deviation", shape.columns.size());
  made.width = from.doubles(name + "width", 1).front();
  return made;
}

}  // namespace

void TableModel::save(SavedGenerator& to) const {
  Json groups = Json::array();
  for (std::size_t g = 0; g < groups_.size(); ++g) {
    groups.push_back({{"class", groups_[g].label}, {"rows", groups_[g].count}, {"smoothed", groups_[g].smoothed.has_value()}});
    if (groups_[g].smoothed) groups.back()["held"] = groups_[g].smoothed->rows.rows;
    const std::string name = "group." + std::to_string(g) + ".";
    if (groups_[g].smoothed)
      save_rows(*groups_[g].smoothed, name, to.tensors);
    else
      save_copula(groups_[g].copula, name, to.tensors);
  }
  to.card["kind"] = name_of(method_);
  to.card["columns"] = columns_json(shape_);
  to.card["groups"] = std::move(groups);
}

TableModel TableModel::load(const SavedGenerator& from) {
  const std::string kind = from_card<std::string>(from.card, "kind");
  if (kind != "copula" && kind != "bootstrap") throw data_error("the generator is of kind " + kind + ", which makes no tables");
  TableModel model = load_groups(from);
  model.method_ = kind == "copula" ? TableMethod::copula : TableMethod::bootstrap;
  return model;
}

TableModel TableModel::load_groups(const SavedGenerator& from) {
  TableModel model;
  model.shape_ = shape_from(from.card);
  model.labels_ = classes_of(model.shape_);
  const Json groups = from_card<Json>(from.card, "groups");
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const auto label = from_card<std::uint64_t>(groups[g], "class"), rows = from_card<std::uint64_t>(groups[g], "rows");
    if (label >= model.labels_.size() || rows == 0 || rows > (1ULL << 32)) throw data_error("the generator's card has a broken group");
    const std::string name = "group." + std::to_string(g) + ".";
    TableGroup group{.label = static_cast<std::uint32_t>(label), .count = rows};
    // As many as it learnt from, or those that lie about the only one.
    if (from_card<bool>(groups[g], "smoothed"))
      group.smoothed = rows_from(from.tensors, name, model.shape_, from_card<std::uint64_t>(groups[g], "held"));
    else
      group.copula = copula_from(from.tensors, name, model.shape_);
    model.groups_.push_back(std::move(group));
  }
  if (model.groups_.empty()) throw data_error("the generator's card has no group");
  model.prepare();
  return model;
}

}  // namespace leaven::learn
