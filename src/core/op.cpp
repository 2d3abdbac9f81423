#include "core/op.hpp"

#include <algorithm>

#include "core/error.hpp"

namespace leaven {

std::string_view name_of(Domain domain) {
  switch (domain) {
    case Domain::raster: return "raster";
    case Domain::columns: return "columns";
    case Domain::series: return "series";
  }
  return "";
}

std::string_view samples_of(Domain domain) {
  switch (domain) {
    case Domain::raster: return "images";
    case Domain::columns: return "tables";
    case Domain::series: return "series";
  }
  return "";
}

std::string_view name_of(LabelRule rule) {
  switch (rule) {
    case LabelRule::keeps: return "keeps";
    case LabelRule::moves: return "moves";
    case LabelRule::hides: return "hides";
    case LabelRule::loses: return "loses";
    case LabelRule::splits: return "splits";
    case LabelRule::mixes: return "mixes";
  }
  return "";
}

const FieldInfo* OpInfo::find(std::string_view field) const {
  for (const FieldInfo& f : fields)
    if (f.name == field) return &f;
  return nullptr;
}

const FieldInfo& OpInfo::at(std::string_view field) const {
  if (const FieldInfo* f = find(field)) return *f;
  std::vector<std::string_view> names;
  for (const FieldInfo& f : fields) names.push_back(f.name);
  Error error = usage_error("unknown field " + std::string(field));
  error.with_op(name).with_field(field).with_hint(did_you_mean(field, names));
  throw error;
}

OpValue::OpValue(const OpValue& other) : info_(other.info_), data_(other.info_ ? other.info_->copy(other.data()) : nullptr) {}

OpValue& OpValue::operator=(const OpValue& other) {
  if (this != &other) *this = OpValue(other);
  return *this;
}

void OpValue::set(std::string_view field, const Value& value) {
  try {
    info_->at(field).set(data_.get(), value);
  } catch (Error& error) {
    error.with_op(info_->name);
    throw;
  }
}

Nodes OpValue::lower(const Site& site) const {
  try {
    return info_->lower(data_.get(), site);
  } catch (Error& error) {
    error.with_op(info_->name);
    throw;
  }
}

void OpValue::resolve(const Site& site) {
  if (!info_->resolve) return;
  try {
    info_->resolve(data_.get(), site);
  } catch (Error& error) {
    error.with_op(info_->name);
    throw;
  }
}

void OpTable::add(OpInfo info) {
  if (find(info.name)) throw bug("two ops are called " + std::string(info.name));
  ops_.push_back(std::make_shared<const OpInfo>(std::move(info)));
  by_name_[ops_.back()->name] = ops_.back().get();
}

OpTable OpTable::with(OpInfo info) const {
  OpTable table;
  for (const auto& op : ops_)
    if (op->name != info.name) {
      table.ops_.push_back(op);
      table.by_name_[op->name] = op.get();
    }
  table.add(std::move(info));
  return table;
}

const OpInfo* OpTable::find(std::string_view name) const {
  const auto at = by_name_.find(name);
  return at == by_name_.end() ? nullptr : at->second;
}

const OpInfo& OpTable::at(std::string_view name) const {
  if (const OpInfo* info = find(name)) return *info;
  std::vector<std::string_view> names;
  for (const auto& info : ops_) names.push_back(info->name);
  Error error = usage_error("unknown op " + std::string(name));
  error.with_op(name).with_hint(unknown_op_hint(name, names));
  throw error;
}

std::string unknown_op_hint(std::string_view wanted, std::span<const std::string_view> names) {
  if (wanted.starts_with(kCustomPrefix))
    return "an op of somebody's own: in Python import the module that declares it, elsewhere name its library in LEAVEN_OPS";
  const std::string near = did_you_mean(wanted, names);
  return near.empty() ? "leaven ops lists them all" : near;
}

// Optimal string alignment: Levenshtein with neighbours swapped counted once, the commonest slip of fingers.
static std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i)
    for (std::size_t j = 1; j <= b.size(); ++j) {
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  return d[a.size()][b.size()];
}

std::vector<std::string> nearest_names(std::string_view wanted, std::span<const std::string_view> names, std::size_t most) {
  std::vector<std::pair<std::size_t, std::string_view>> near;
  for (const auto name : names) {
    std::size_t distance = edit_distance(wanted, name);
    const bool part = wanted.size() >= 3 && name.find(wanted) != std::string_view::npos;
    if (part) distance = std::min<std::size_t>(distance, 2);
    if (distance <= std::max<std::size_t>(2, wanted.size() / 3)) near.emplace_back(distance, name);
  }
  std::stable_sort(near.begin(), near.end(), [](const auto& x, const auto& y) { return x.first < y.first; });
  std::vector<std::string> best;
  for (std::size_t i = 0; i < near.size() && i < most && near[i].first == near[0].first; ++i) best.emplace_back(near[i].second);
  return best;
}

std::string did_you_mean(std::string_view wanted, std::span<const std::string_view> names) {
  const auto near = nearest_names(wanted, names);
  std::string text;
  for (std::size_t i = 0; i < near.size(); ++i) text += (i == 0 ? "did you mean " : i + 1 == near.size() ? " or " : ", ") + near[i];
  return text.empty() ? text : text + "?";
}

}  // namespace leaven
