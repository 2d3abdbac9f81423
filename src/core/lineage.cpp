#include "core/lineage.hpp"

#include <xxhash.h>

#include <nlohmann/json.hpp>

#include "core/error.hpp"

namespace leaven {

using Json = nlohmann::ordered_json;

namespace {

Json to_json(const Value& value) {
  return std::visit([](const auto& v) { return Json(v); }, value);
}

Value value_from(const Json& json) {
  if (json.is_boolean()) return json.get<bool>();
  if (json.is_number_integer()) return json.get<std::int64_t>();
  if (json.is_number()) return json.get<double>();
  if (json.is_string()) return json.get<std::string>();
  if (json.is_array()) return json.get<std::vector<double>>();
  throw data_error("lineage holds a value that is neither number, text, truth nor list: " + json.dump());
}

Json steps_to_json(const std::vector<ProgramStep>& steps);

Json partner_to_json(const ProgramPartner& partner) {
  Json json{{"source", partner.source}};
  if (!partner.label.empty()) json["label"] = partner.label;
  json["source_digest"] = partner.digest;
  json["steps"] = steps_to_json(partner.steps);
  return json;
}

Json step_to_json(const ProgramStep& step) {
  Json values = Json::object();
  for (const FieldInfo& field : step.op.info().fields)
    values[std::string(field.name)] = to_json(field.get(step.op.data()));
  Json json{{"op", step.op.info().name}, {"version", step.op.info().version}, {"path", step.path}};
  if (!step.on.empty()) json["on"] = step.on;
  json["key"] = to_hex(step.key);
  json["values"] = std::move(values);
  if (!step.partners.empty()) {
    Json partners = Json::array();
    for (const ProgramPartner& partner : step.partners) partners.push_back(partner_to_json(partner));
    json["partners"] = std::move(partners);
  }
  if (!step.inside.empty()) {
    Json inside = Json::array();
    for (const std::vector<ProgramStep>& steps : step.inside) inside.push_back(steps_to_json(steps));
    json["inside"] = std::move(inside);
  }
  return json;
}

Json steps_to_json(const std::vector<ProgramStep>& steps) {
  Json json = Json::array();
  for (const ProgramStep& step : steps) json.push_back(step_to_json(step));
  return json;
}

std::vector<ProgramStep> steps_from_json(const Json& json, const OpTable& ops);

ProgramStep step_from_json(const Json& json, const OpTable& ops) {
  ProgramStep step;
  const OpInfo& info = ops.at(json.at("op").get<std::string>());
  if (const int version = json.at("version").get<int>(); version != info.version)
    throw usage_error("lineage was made by version " + std::to_string(version) + " of " + std::string(info.name) +
                      ", this build has version " + std::to_string(info.version));
  step.path = json.at("path").get<std::string>();
  step.key = key_from_hex(json.at("key").get<std::string>());
  step.op = OpValue(info);
  for (const auto& [name, value] : json.at("values").items()) step.op.set(name, value_from(value));
  if (json.contains("on")) step.on = json.at("on").get<std::vector<std::string>>();
  if (const auto found = json.find("partners"); found != json.end())
    for (const Json& partner : *found)
      step.partners.push_back({partner.at("source").get<std::string>(), partner.at("source_digest").get<std::string>(),
                               partner.value("label", std::string()), steps_from_json(partner.at("steps"), ops)});
  if (const auto found = json.find("inside"); found != json.end())
    for (const Json& steps : *found) step.inside.push_back(steps_from_json(steps, ops));
  return step;
}

std::vector<ProgramStep> steps_from_json(const Json& json, const OpTable& ops) {
  std::vector<ProgramStep> steps;
  for (const Json& step : json) steps.push_back(step_from_json(step, ops));
  return steps;
}

constexpr const char* kCopiedWithoutMetadata = "copied without metadata";

Json encoding_to_json(const EncodingRecord& e) {
  Json json{{"format", e.format}};
  if (e.quality) json["quality"] = e.quality;
  if (!e.subsampling.empty()) json["subsampling"] = e.subsampling;
  if (e.lossless) json["lossless"] = true;
  if (e.icc) json["icc"] = true;
  if (e.channels) json["channels"] = e.channels;
  return json;
}

EncodingRecord encoding_from_json(const Json& json) {
  return {json.at("format").get<std::string>(), json.value("quality", 0), json.value("subsampling", std::string()),
          json.value("lossless", false),        json.value("icc", false), json.value("channels", 0)};
}

Json synthesis_to_json(const SynthesisRecord& s) {
  Json json{{"method", s.method}, {"parents", s.parents}, {"parent_digests", s.parent_digests}};
  if (!s.lambda.empty()) json["lambda"] = s.lambda;
  if (!s.voters.empty()) json["voters"] = s.voters;
  if (s.key != Key{}) json["key"] = to_hex(s.key);
  return json;
}

SynthesisRecord synthesis_from_json(const Json& json) {
  SynthesisRecord s;
  s.method = json.at("method").get<std::string>();
  s.parents = json.at("parents").get<std::vector<std::string>>();
  s.parent_digests = json.at("parent_digests").get<std::vector<std::string>>();
  if (json.contains("lambda")) s.lambda = json.at("lambda").get<std::vector<double>>();
  if (json.contains("voters")) s.voters = json.at("voters").get<std::vector<std::string>>();
  if (json.contains("key")) s.key = key_from_hex(json.at("key").get<std::string>());
  return s;
}

}  // namespace

std::string to_json_line(const LineageRecord& r) {
  Json json{{"id", r.id}, {"source", r.source}};
  if (!r.label.empty()) json["label"] = r.label;
  if (!r.weights.empty()) {
    Json weights = Json::object();
    for (const auto& [label, weight] : r.weights) weights[label] = weight;
    json["weights"] = std::move(weights);
  }
  if (!r.split.empty()) json["split"] = r.split;
  json["copy"] = r.copy;
  if (r.attempt) json["attempt"] = r.attempt;
  if (!r.fuse) json["fuse"] = false;
  if (r.decode_scaled) json["decode"] = "scaled";
  if (r.instances) json["instances"] = {{"kept", r.instances->kept}, {"dropped", r.instances->dropped}};
  json["steps"] = steps_to_json(r.program.steps);
  if (r.synthesis) json["synthesis"] = synthesis_to_json(*r.synthesis);
  if (!r.generated.empty()) {
    json["synthetic"] = true;
    json["generated"] = Json::parse(r.generated);
  }
  if (!r.repairs.empty()) json["repairs"] = r.repairs;
  json["encoding"] = !r.encoding.format.empty()    ? encoding_to_json(r.encoding)
                     : r.encoding.without_metadata ? Json(kCopiedWithoutMetadata)
                                                   : Json("copied");
  json["source_digest"] = r.source_digest;
  json["digest"] = r.digest;
  json["leaven"] = LEAVEN_VERSION;
  // Ids are paths, and a path on Linux need not be UTF-8: a bad byte becomes U+FFFD in the text, never a failed run.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

LineageRecord lineage_from_json(std::string_view line, const OpTable& ops) {
  try {
    const Json json = Json::parse(line);
    LineageRecord r;
    r.id = json.at("id").get<std::string>();
    if (!json.contains("source") && json.value("synthetic", false)) {  // a line of generate sample: all that it says is where it is from
      r.generated = json.dump();
      r.label = json.at("condition").value("class", std::string());
      r.digest = json.value("digest", std::string());
      return r;
    }
    r.source = json.at("source").get<std::string>();
    r.label = json.value("label", std::string());
    r.split = json.value("split", std::string());
    r.copy = json.at("copy").get<std::uint32_t>();
    r.attempt = json.value("attempt", 0U);
    r.fuse = json.value("fuse", true);
    r.decode_scaled = json.value("decode", std::string()) == "scaled";
    if (const auto found = json.find("weights"); found != json.end())
      for (const auto& [label, weight] : found->items()) r.weights.emplace_back(label, weight.get<double>());
    r.program.steps = steps_from_json(json.at("steps"), ops);
    if (const auto found = json.find("instances"); found != json.end())
      r.instances = {found->at("kept").get<std::size_t>(), found->at("dropped").get<std::size_t>()};
    if (json.contains("synthesis")) r.synthesis = synthesis_from_json(json.at("synthesis"));
    if (json.contains("generated")) r.generated = json.at("generated").dump();
    if (json.contains("repairs")) r.repairs = json.at("repairs").get<std::vector<std::string>>();
    if (json.at("encoding").is_object())
      r.encoding = encoding_from_json(json.at("encoding"));
    else
      r.encoding.without_metadata = json.at("encoding") == kCopiedWithoutMetadata;
    r.source_digest = json.at("source_digest").get<std::string>();
    r.digest = json.at("digest").get<std::string>();
    return r;
  } catch (const Json::exception& e) {
    const std::string said = e.what();  // "[json.exception.out_of_range.403] key 'source' not found"
    throw data_error("malformed lineage line: " + said.substr(said.find("] ") == std::string::npos ? 0 : said.find("] ") + 2));
  }
}

std::string digest_of(const void* data, std::size_t size) {
  const XXH128_hash_t hash = XXH3_128bits(data, size);
  return to_hex({hash.low64, hash.high64});
}

}  // namespace leaven
