// The op table as a JSON Schema of recipes, for editors, forms and checkers.
#include <cmath>
#include <nlohmann/json.hpp>

#include "recipe/policies.hpp"
#include "recipe/recipe.hpp"

namespace leaven::recipe {

using Json = nlohmann::ordered_json;

namespace {

void put_range(Json& json, const FieldInfo& field) {
  if (std::isfinite(field.facts.lo)) json["minimum"] = field.facts.lo;
  if (std::isfinite(field.facts.hi)) json["maximum"] = field.facts.hi;
}

Json choices_of(const FieldInfo& field) {
  Json list = Json::array();
  for (const auto choice : field.facts.choices) list.push_back(choice);
  return list;
}

Json value_schema(const FieldInfo& field) {
  switch (field.type) {
    case FieldType::boolean: return {{"type", "boolean"}};
    case FieldType::text: return {{"type", "string"}};
    case FieldType::choice: return {{"enum", choices_of(field)}};
    case FieldType::integer:
    case FieldType::number: {
      Json json{{"type", field.type == FieldType::integer ? "integer" : "number"}};
      put_range(json, field);
      return json;
    }
    case FieldType::numbers: {
      Json items{{"type", "number"}};
      put_range(items, field);
      return {{"type", "array"}, {"items", std::move(items)}, {"minItems", field.facts.min_count}, {"maxItems", field.facts.max_count}};
    }
  }
  return {};
}

Json field_schema(const OpValue& defaults, const FieldInfo& field) {
  Json choice{{"type", "object"},
              {"properties", {{"choice", {{"type", "array"}, {"minItems", 1}, {"items", value_schema(field)}}},
                              {"weights", {{"$ref", "#/$defs/weights"}}}}},
              {"required", {"choice"}},
              {"additionalProperties", false}};
  Json any = Json::array({value_schema(field), std::move(choice)});
  const bool numeric = field.type == FieldType::number || field.type == FieldType::integer || field.type == FieldType::numbers;
  if (numeric) any.push_back({{"$ref", "#/$defs/law"}});
  Json json{{"description", field.facts.doc}, {"anyOf", std::move(any)}};
  const Value usual = field.get(defaults.data());
  const auto* number = std::get_if<double>(&usual);
  if (!number || std::isfinite(*number)) json["default"] = std::visit([](const auto& v) { return Json(v); }, usual);
  if (!field.facts.unit.empty()) json["x-unit"] = field.facts.unit;
  if (!std::isnan(field.facts.neutral)) json["x-neutral"] = field.facts.neutral;
  if (!std::isnan(field.facts.strong)) json["x-strong"] = field.facts.strong;
  if (field.facts.draw) json["x-draw"] = {{name_of(field.facts.draw.kind), {field.facts.draw.a, field.facts.draw.b}}};
  if (field.facts.resolved) json["x-resolved"] = true;
  if (field.facts.file) json["format"] = "path";
  return json;
}

Json op_schema(const OpInfo& op) {
  const OpValue defaults(op);
  Json properties = Json::object();
  for (const FieldInfo& field : op.fields) properties[std::string(field.name)] = field_schema(defaults, field);
  properties["p"] = {{"$ref", "#/$defs/probability"}};
  properties["on"] = {{"$ref", "#/$defs/words"}};
  properties["when"] = {{"$ref", "#/$defs/when"}};
  if (op.inside) properties["steps"] = {{"$ref", "#/$defs/steps"}};
  return {{"description", op.summary},
          {"x-detail", op.detail},
          {"type", op.inside ? Json("object") : Json{"object", "null"}},
          {"properties", std::move(properties)},
          {"required", op.inside ? Json{"steps"} : Json::array()},
          {"additionalProperties", false},
          {"x-family", op.family},
          {"x-domain", name_of(op.domain)},
          {"x-node", name_of(op.node)},
          {"x-labels", name_of(op.labels)},
          {"x-version", op.version},
          {"x-example", op.example}};
}

Json single(std::string_view name, Json body) {
  return {{"type", "object"}, {"properties", {{std::string(name), std::move(body)}}}, {"required", {name}}, {"additionalProperties", false}};
}

Json container_schema(std::string_view name, const Json& extra, const Json& required) {
  Json properties{{"steps", {{"$ref", "#/$defs/steps"}}}, {"p", {{"$ref", "#/$defs/probability"}}}, {"when", {{"$ref", "#/$defs/when"}}}};
  properties.update(extra);
  Json needs = Json::array({"steps"});
  for (const auto& key : required) needs.push_back(key);
  Json map{{"type", "object"}, {"properties", properties}, {"required", needs}, {"additionalProperties", false}};
  if (!required.empty()) return single(name, map);
  return single(name, {{"anyOf", {map, {{"$ref", "#/$defs/steps"}}}}});
}

Json law_schema() {
  Json any = Json::array();
  const auto law = [&](const char* name, int least, int most) {
    any.push_back(single(name, {{"type", "array"}, {"items", {{"type", "number"}}}, {"minItems", least}, {"maxItems", most}}));
  };
  law("uniform", 2, 2), law("int", 2, 2), law("log_uniform", 2, 2), law("normal", 2, 2), law("truncated_normal", 4, 4), law("beta", 2, 4);
  return {{"description", "A law from which the value is drawn for each copy"}, {"anyOf", any}};
}

Json object(Json properties) { return {{"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}}; }
Json whole(std::int64_t least) { return {{"type", "integer"}, {"minimum", least}}; }
Json share() { return {{"anyOf", {{{"type", "number"}, {"minimum", 0}, {"maximum", 1}}, {{"type", "string"}, {"pattern", "^[0-9.]+%$"}}}}}; }

Json balance_schema() {
  Json methods = Json::array(), about = Json::object();
  for (const BalanceMethodDoc& doc : balance_methods()) {
    methods.push_back(doc.name);
    about[std::string(doc.name)] = std::string(doc.summary) + ". " + std::string(doc.detail);
  }
  const Json unit{{"type", "number"}};
  const Json map = object({{"method", {{"enum", methods}, {"x-methods", about}}}, {"k", whole(1)}, {"m", whole(1)}, {"scale", {{"type", "boolean"}}},
                           {"search", {{"enum", kNeighbourSearchNames}}}, {"clusters", whole(1)}, {"levels", whole(1)},
                           {"theta", unit}, {"truncation", unit}, {"deformation", unit}, {"reach", unit}, {"alpha", unit}});
  return {{"anyOf", {{{"enum", methods}}, map}}};
}

Json constraints_schema() {
  const Json words{{"$ref", "#/$defs/words"}}, number{{"type", "number"}}, text{{"type", "string"}};
  Json any = Json::array();
  for (const std::string_view name : kConstraintNames) {
    Json properties{{"columns", words}, {"column", text}};
    if (name == "range") properties["lo"] = properties["hi"] = number;
    if (name == "match") properties["regex"] = text;
    if (name == "references") properties["table"] = text, properties["key"] = words;
    if (name == "sum") properties["to"] = {{"type", {"string", "number"}}};
    any.push_back(single(name, {{"anyOf", {words, object(properties)}}}));
  }
  return {{"type", "array"}, {"items", {{"anyOf", any}}}};
}

Json stage_schemas() {
  const Json text{{"type", "string"}}, truth{{"type", "boolean"}};
  Json p;
  p["leaven"] = {{"const", 1}};
  p["extends"] = {{"type", "string"}, {"description", "A preset's name or a recipe beside this one"}};
  p["seed"] = whole(0);
  p["epoch"] = whole(0);
  p["file"] = {{"type", "string"}, {"description", "The recipe that this one was written from: what steps name lies beside it"}};
  p["fuse"] = {{"enum", {"on", "off", true, false}}};
  p["decode"] = {{"enum", {"exact", "scaled"}}};
  p["max_bad"] = share();
  p["on_error"] = {{"enum", {"skip", "stop"}}};
  p["source"] = object({{"path", text}, {"format", text}, {"path_column", text}, {"label_column", text}, {"split_column", text}, {"limit", whole(0)}, {"append", {{"$ref", "#/$defs/words"}}}});
  const Json kind{{"enum", kColumnKindNames}};
  Json kind_or_target = kind;
  kind_or_target["enum"].push_back("target");
  p["schema"] = object({{"header", truth}, {"encoding", {{"enum", kTableEncodingNames}}}, {"decimal_comma", truth}, {"repair", truth}, {"missing", {{"$ref", "#/$defs/words"}}}, {"target", text},
                        {"columns", {{"type", "object"}, {"additionalProperties", {{"anyOf", {kind_or_target, object({{"kind", kind}, {"target", truth}})}}}}}}});
  p["clean"] = object({{"min_width", whole(0)}, {"min_height", whole(0)}, {"duplicates", truth}, {"missing", truth}, {"perceptual", {{"type", "integer"}, {"minimum", 0}, {"maximum", 32}}}});
  p["split"] = object({{"method", {{"enum", {"hash", "stratified", "group"}}}}, {"val", share()}, {"test", share()}, {"group", text}, {"column", text}});
  p["prepare"] = {{"$ref", "#/$defs/steps"}};
  p["balance"] = balance_schema();
  p["constraints"] = constraints_schema();
  p["augment"] = object({{"times", whole(0)}, {"total", whole(0)}, {"per_class", whole(0)}, {"originals", {{"enum", {"copy", "link", "none"}}}}, {"attempts", whole(1)}, {"together", text}});
  p["generate"] = object({{"kind", text}, {"per_class", whole(1)}, {"held_out", share()}, {"steps", whole(1)}, {"force", truth}});
  const Json number{{"type", "number"}, {"minimum", 0}};
  p["labels"] = object({{"tight_boxes", {{"enum", kTightBoxNames}}}, {"min_visibility", share()}, {"min_area", number}, {"min_side", number}, {"require", {{"enum", kRequireNames}}}, {"border", {{"enum", kFoldingNames}}}});
  p["sink"] = object({{"path", text}, {"layout", {{"enum", {"same", "folders", "npz", "webdataset", "yolo", "coco", "voc", "labelme", "masks"}}}},
                      {"image_format", {{"enum", {"same", "jpeg", "png", "webp", "tiff"}}}},
                      {"quality", {{"type", "integer"}, {"minimum", 1}, {"maximum", 100}}}, {"metadata", {{"enum", {"drop", "keep"}}}}, {"shard_mb", whole(1)}});
  p["steps"] = {{"$ref", "#/$defs/steps"}};
  return p;
}

}  // namespace

std::string json_schema(const OpTable& ops) {
  Json step_kinds = Json::array(), names = Json::array(), defs = Json::object();
  for (const auto& op : ops.all()) {
    const std::string name(op->name);
    if (!op->inside) names.push_back(name);
    defs["op_" + name] = op_schema(*op);
    step_kinds.push_back(single(name, {{"$ref", "#/$defs/op_" + name}}));
  }
  const Json count{{"anyOf", {whole(0), {{"$ref", "#/$defs/law"}}, {{"type", "object"}, {"required", {"choice"}}}}}};
  for (const Policy& policy : policies()) {
    names.push_back(policy.name);
    const std::string about = std::string(policy.summary) + " (" + std::string(policy.source) + "); " + std::string(policy.fields);
    step_kinds.push_back(single(policy.name, {{"type", {"object", "null"}}, {"description", about}}));
  }
  step_kinds.push_back({{"enum", names}});
  step_kinds.push_back(container_schema("sequence", Json::object(), Json::array()));
  step_kinds.push_back(container_schema("one_of", {{"weights", {{"$ref", "#/$defs/weights"}}}}, Json::array()));
  step_kinds.push_back(container_schema("some_of", {{"weights", {{"$ref", "#/$defs/weights"}}}, {"n", count}}, {"n"}));
  step_kinds.push_back(container_schema("random_order", Json::object(), Json::array()));
  step_kinds.push_back(container_schema("with_probability", Json::object(), {"p"}));
  step_kinds.push_back(container_schema("repeat", {{"times", count}}, {"times"}));
  defs["step"] = {{"anyOf", std::move(step_kinds)}};
  defs["steps"] = {{"type", "array"}, {"items", {{"$ref", "#/$defs/step"}}}};
  defs["law"] = law_schema();
  defs["weights"] = {{"type", "array"}, {"items", {{"type", "number"}, {"minimum", 0}}}};
  defs["probability"] = {{"type", "number"}, {"minimum", 0}, {"maximum", 1}};
  defs["words"] = {{"anyOf", {{{"type", "string"}}, {{"type", "array"}, {"items", {{"type", "string"}}}}}}};
  defs["when"] = object({{"class", {{"$ref", "#/$defs/words"}}}, {"not_class", {{"$ref", "#/$defs/words"}}}});
  Json schema{{"$schema", "https://json-schema.org/draft/2020-12/schema"},
              {"title", "Leaven recipe"},
              {"x-leaven-version", LEAVEN_VERSION},
              {"type", "object"},
              {"properties", stage_schemas()},
              {"required", {"leaven"}},
              {"additionalProperties", false}};
  schema["$defs"] = std::move(defs);
  return schema.dump(2) + "\n";
}

}  // namespace leaven::recipe
