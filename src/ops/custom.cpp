// Ops that somebody declares at run time: one whole-image function each, lowered to an opaque node.
#include "leaven/custom_op.hpp"

#include <algorithm>
#include <cmath>
#include <memory>

#include "core/all_channels.hpp"
#include "core/error.hpp"
#include "ops/families.hpp"

namespace leaven {

namespace {

/// The declaration and what the table's views point to.
struct Definition {
  CustomOp op{};
  std::string name{}, example{};
  std::vector<FieldInfo> fields{};
};

/// What the struct of a built-in op is: concrete values, in the order of the fields.
struct Values {
  std::shared_ptr<const Definition> definition{};
  std::vector<double> values{};
};

std::size_t place_of(const Values& op, const FieldInfo& field) {
  const auto& fields = op.definition->fields;
  return static_cast<std::size_t>(std::ranges::find(fields, field.name, &FieldInfo::name) - fields.begin());
}

Value read(const FieldInfo& field, const void* op) {
  const auto& values = *static_cast<const Values*>(op);
  const double value = values.values[place_of(values, field)];
  if (field.type == FieldType::integer) return static_cast<std::int64_t>(value);
  return value;
}

void write(const FieldInfo& field, void* op, const Value& value) {
  auto& values = *static_cast<Values*>(op);
  values.values[place_of(values, field)] = as_number(value);
}

std::shared_ptr<void> make(const OpInfo& info) {
  auto definition = std::static_pointer_cast<const Definition>(info.definition);
  auto made = std::make_shared<Values>();
  for (const CustomField& field : definition->op.fields) made->values.push_back(field.usual);
  made->definition = std::move(definition);
  return made;
}

std::shared_ptr<void> copy(const void* op) { return std::make_shared<Values>(*static_cast<const Values*>(op)); }

Nodes lower(const void* op, const Site& site) {
  const auto apply = [values = *static_cast<const Values*>(op), seed = site.key.low](const RasterView& in) {
    const RasterShape& s = in.shape;
    Raster out(s);
    const ImageView image{in.data, s.width, s.height, s.channels, static_cast<PixelType>(s.dtype), in.stride, s.alpha, s.bounded};
    values.definition->op.work({image, values.values, seed}, out.data());
    return out;
  };
  // It may join channels, for all that is known of it.
  return {Opaque{AllChannels{apply}, static_cast<const Values*>(op)->definition->op.labels == CustomLabels::keep}};
}

void require_word(const std::string& name, const char* what) {
  const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  if (name.empty() || !std::ranges::all_of(name, fits) || (name[0] >= '0' && name[0] <= '9'))
    throw usage_error(std::string(what) + " must be a word of a to z, 0 to 9 and _, got \"" + name + "\"");
}

void require_field(const CustomOp& op, const CustomField& field) {
  require_word(field.name, "the name of a field");
  for (const std::string_view taken : {"p", "on", "when"})
    if (field.name == taken) throw usage_error("custom." + op.name + ": no field may be called " + field.name + ", as every step has it");
  if (!(field.lo <= field.usual && field.usual <= field.hi) || !std::isfinite(field.usual))
    throw usage_error("custom." + op.name + ": the usual value of " + field.name + " must lie in its range");
  if (std::ranges::count(op.fields, field.name, &CustomField::name) > 1)
    throw usage_error("custom." + op.name + ": two fields are called " + field.name);
}

}  // namespace

void add_custom_op(CustomOp op) {
  require_word(op.name, "the name of an op");
  if (!op.work) throw usage_error("custom." + op.name + ": there is no work to do");
  for (const CustomField& field : op.fields) require_field(op, field);
  auto definition = std::make_shared<Definition>();
  definition->op = std::move(op);
  definition->name = std::string(kCustomPrefix) + definition->op.name;
  definition->example = definition->name + (definition->op.fields.empty() ? "" : ": {" + definition->op.fields[0].name + ": " + to_text(definition->op.fields[0].usual) + "}");
  if (definition->op.summary.empty()) definition->op.summary = "An op of this process";
  for (const CustomField& f : definition->op.fields)
    definition->fields.push_back({f.name, f.whole ? FieldType::integer : FieldType::number,
                                  {.doc = f.doc, .lo = f.lo, .hi = f.hi, .unit = f.unit}, read, write});
  OpInfo info;
  info.name = definition->name;
  info.summary = definition->op.summary;
  info.family = "custom";
  info.example = definition->example;
  info.labels = definition->op.labels == CustomLabels::keep ? LabelRule::keeps : LabelRule::loses;
  info.node = NodeKind::opaque;
  info.version = definition->op.version;
  info.fields = definition->fields;
  info.make = make;
  info.copy = copy;
  info.lower = lower;
  info.definition = std::move(definition);
  ops::add_op(std::move(info));
}

}  // namespace leaven
