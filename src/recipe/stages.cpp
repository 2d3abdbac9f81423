// Everything in a recipe that is not a step, and how one recipe extends another.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <regex>
#include <sstream>
#include <utility>

#include "recipe/document.hpp"
#include "recipe/files_beside.hpp"
#include "recipe/presets.hpp"

namespace leaven::recipe {

namespace {

constexpr int kMaxExtends = 16;

template <class T, class U>
void assign(T& target, const std::optional<U>& value) {
  if (value) target = static_cast<T>(*value);
}

void read_source(Source& s, const YAML::Node& node, const std::string& file) {
  MapReader map(node, file, "source");
  assign(s.path, map.text("path"));
  assign(s.format, map.text("format"));
  assign(s.path_column, map.text("path_column"));
  assign(s.label_column, map.text("label_column"));
  assign(s.split_column, map.text("split_column"));
  assign(s.limit, map.whole("limit", 0, INT64_MAX));
  if (const YAML::Node more = map.find("append"); more.IsDefined()) s.append = map.texts("append");
  map.finish();
}

void read_clean(Clean& c, const YAML::Node& node, const std::string& file) {
  MapReader map(node, file, "clean");
  assign(c.min_width, map.whole("min_width", 0, 65536));
  assign(c.min_height, map.whole("min_height", 0, 65536));
  assign(c.duplicates, map.truth("duplicates"));
  assign(c.missing, map.truth("missing"));
  if (const auto distance = map.whole("perceptual", 0, 32)) c.perceptual = static_cast<int>(*distance);
  map.finish();
}

void read_split(Recipe& r, const YAML::Node& node, const std::string& file) {
  MapReader map(node, file, "split");
  const auto method = map.choice("method", {"hash", "stratified", "group"});
  if (method) r.split.method = static_cast<SplitStage::Method>(*method);
  assign(r.split.val, map.number("val", 0, 0.99, true));
  assign(r.split.test, map.number("test", 0, 0.99, true));
  const auto group = map.text("group"), column = map.text("column");
  assign(r.split.group, group);
  assign(r.split.column, column);
  const std::string place = place_of(node, file).text();
  if (r.split.val + r.split.test >= 1) throw usage_error("split: val and test together must leave something for train").with_place(place);
  if (!method && (group || column)) r.split.method = SplitStage::Method::group;
  if (r.split.method != SplitStage::Method::group && (group || column)) throw usage_error("split: group and column are for method: group").with_place(place);
  if (r.split.method == SplitStage::Method::group && r.split.column.empty()) {
    if (r.split.group.empty()) throw usage_error("split: method group needs group, a regular expression on the id").with_place(place);
    require_group_expression("split: group", r.split.group, place);
  }
  map.finish();
  r.has_split = true;
}

void read_augment(Augment& a, const YAML::Node& node, const std::string& file) {
  MapReader map(node, file, "augment");
  const auto times = map.whole("times", 0, 1'000'000), total = map.whole("total", 0, INT64_MAX), per_class = map.whole("per_class", 0, INT64_MAX);
  if (times.has_value() + total.has_value() + per_class.has_value() > 1)
    throw usage_error("augment takes one of times, total and per_class").with_place(place_of(node, file).text());
  if (times || total || per_class) {
    a.times.reset(), a.total.reset(), a.per_class.reset();
    if (times) a.times = static_cast<std::uint32_t>(*times);
    if (total) a.total = static_cast<std::uint64_t>(*total);
    if (per_class) a.per_class = static_cast<std::uint64_t>(*per_class);
  }
  if (const auto originals = map.choice("originals", {"copy", "link", "none"})) a.originals = static_cast<Originals>(*originals);
  assign(a.attempts, map.whole("attempts", 1, 1000));
  assign(a.together, map.text("together"));
  if (!a.together.empty()) require_group_expression("augment: together", a.together_expression(), place_of(node, file).text());
  map.finish();
}

void read_generate(std::optional<Generate>& generate, const YAML::Node& node, const std::string& file) {
  MapReader map(node, file, "generate");
  Generate& g = generate ? *generate : generate.emplace();
  assign(g.kind, map.text("kind"));
  if (const auto count = map.whole("per_class", 1, INT64_MAX)) g.per_class = static_cast<std::uint64_t>(*count);
  assign(g.held_out, map.number("held_out", 0.01, 0.9, true));
  assign(g.steps, map.whole("steps", 1, 10'000'000));
  assign(g.force, map.truth("force"));
  map.finish();
}

void read_labels(AnnotationRules& l, const YAML::Node& node, const std::string& file) {
  MapReader map(node, file, "labels");
  if (const auto tight = map.choice("tight_boxes", {"corners", "ellipse", "outline"})) l.tight = static_cast<TightBox>(*tight);
  assign(l.min_visibility, map.number("min_visibility", 0, 1, true));
  assign(l.min_area, map.number("min_area", 0, 1e9));
  assign(l.min_side, map.number("min_side", 0, 65536));
  if (const auto require = map.choice("require", {"none", "any", "all"})) l.require = static_cast<AnnotationRules::Require>(*require);
  if (const auto border = map.choice("border", {"as_drawn", "edge", "constant", "refuse"})) l.border = static_cast<AnnotationRules::Folding>(*border);
  map.finish();
}

void read_sink(Sink& s, const YAML::Node& node, const std::string& file) {
  static const std::initializer_list<std::string_view> kLayouts{"same", "folders", "npz",     "webdataset", "yolo",
                                                                "coco", "voc",     "labelme", "masks"};
  static constexpr std::string_view kFormats[]{"same", "jpeg", "png", "webp", "tiff"};
  MapReader map(node, file, "sink");
  assign(s.path, map.text("path"));
  if (const auto layout = map.choice("layout", kLayouts)) s.layout = kLayouts.begin()[*layout];
  if (const auto format = map.choice("image_format", {"same", "jpeg", "png", "webp", "tiff"})) s.image_format = kFormats[*format];
  assign(s.quality, map.whole("quality", 1, 100));
  if (const auto metadata = map.choice("metadata", {"drop", "keep"})) s.keep_metadata = *metadata == 1;
  assign(s.shard_mb, map.whole("shard_mb", 1, 1 << 20));
  map.finish();
}

std::string read_file(const std::filesystem::path& file) {
  std::error_code ignored;
  if (std::filesystem::is_directory(file, ignored)) throw usage_error("a recipe must be a file, this is a folder").with_place(file.string());
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  if (!in || !(text << in.rdbuf())) {
    if (in && std::filesystem::file_size(file, ignored) == 0) return {};
    throw usage_error("cannot read the recipe").with_place(file.string());
  }
  return text.str();
}

void read_into(Recipe& recipe, std::string_view text, const OpTable& ops, const std::string& file, int depth);

/// What its steps name lies beside the base.
void read_base(Recipe& recipe, std::string_view text, const OpTable& ops, const std::string& file, int depth) {
  const std::string own = std::exchange(recipe.file, file);
  read_into(recipe, text, ops, file, depth + 1);
  name_from(recipe.steps, recipe.file, own);
  recipe.file = own;
}

void extend(Recipe& recipe, const YAML::Node& node, const OpTable& ops, const std::string& file, int depth) {
  const std::string place = place_of(node, file).text();
  if (!node.IsScalar()) throw usage_error("extends must be a preset's name or a file").with_place(place);
  if (depth >= kMaxExtends) throw usage_error(fmt::format("extends goes {} files deep: does it go round in a circle?", depth)).with_place(place);
  const std::string& base = node.Scalar();
  const std::filesystem::path beside = std::filesystem::path(file).parent_path() / base;
  std::error_code ignored;
  if (std::filesystem::is_regular_file(beside, ignored)) return read_base(recipe, read_file(beside), ops, beside.string(), depth);
  if (base.find('/') != std::string::npos || base.ends_with(".yaml") || base.ends_with(".yml") || base.ends_with(".json"))
    throw usage_error(fmt::format("extends: there is no file {}", beside.string())).with_place(place);
  try {
    const PresetText preset = find_preset(base);
    read_base(recipe, preset.text, ops, preset.file, depth);
  } catch (Error& error) {
    error.with_place(place);
    throw;
  }
}

void read_into(Recipe& recipe, std::string_view text, const OpTable& ops, const std::string& file, int depth) {
  const YAML::Node document = parse_document(text, file);
  MapReader top(document, file, "recipe");
  const YAML::Node version = top.find("leaven");
  if (!version.IsDefined())
    throw usage_error("a recipe begins with leaven: 1").with_place(Place{file, 1, 1}.text()).with_field("leaven");
  if (!version.IsScalar() || version.Scalar() != "1") throw top.wrong(version, "leaven", "1, the only version of recipes that there is");
  if (const YAML::Node base = top.find("extends"); base.IsDefined()) extend(recipe, base, ops, file, depth);
  read_stages(recipe, top, ops);
  for (const std::string_view key : {"target", "columns", "missing", "header"}) top.belongs(key, "schema");
  for (const std::string_view key : {"times", "total", "originals"}) top.belongs(key, "augment");
  top.finish();
}

}  // namespace

void read_stages(Recipe& r, MapReader& top, const OpTable& ops) {
  assign(r.seed, top.whole("seed", 0, INT64_MAX));
  assign(r.epoch, top.whole("epoch", 0, INT64_MAX));
  assign(r.file, top.text("file"));
  if (const auto fuse = top.choice("fuse", {"on", "off", "true", "false"})) r.fuse = *fuse == 0 || *fuse == 2;
  if (const auto decode = top.choice("decode", {"exact", "scaled"})) r.decode_scaled = *decode == 1;
  assign(r.max_bad, top.number("max_bad", 0, 1, true));
  if (const auto on_error = top.choice("on_error", {"skip", "stop"})) r.stop_on_error = *on_error == 1;
  const auto stage = [&](std::string_view key, auto&& read) {
    if (const YAML::Node node = top.find(key); node.IsDefined()) read(node);
  };
  stage("source", [&](const YAML::Node& n) { read_source(r.source, n, top.file()); });
  stage("schema", [&](const YAML::Node& n) { read_schema(r.source.schema, n, top.file()); });
  stage("clean", [&](const YAML::Node& n) { read_clean(r.clean, n, top.file()); });
  stage("prepare", [&](const YAML::Node& n) { r.prepare = read_steps(n, ops, top.file()); });
  stage("balance", [&](const YAML::Node& n) { read_balance(r.balance, n, top.file()); });
  stage("constraints", [&](const YAML::Node& n) { r.constraints = read_constraints(n, top.file()); });
  stage("split", [&](const YAML::Node& n) { read_split(r, n, top.file()); });
  // What says which rows belong together is no number and no category, whatever it looks like: no step changes it.
  if (!r.split.column.empty() && r.split.column != r.source.schema.target) r.source.schema.kinds.try_emplace(r.split.column, ColumnKind::id);
  stage("augment", [&](const YAML::Node& n) { read_augment(r.augment, n, top.file()); });
  stage("generate", [&](const YAML::Node& n) { read_generate(r.generate, n, top.file()); });
  stage("labels", [&](const YAML::Node& n) { read_labels(r.labels, n, top.file()); });
  stage("sink", [&](const YAML::Node& n) { read_sink(r.sink, n, top.file()); });
  stage("steps", [&](const YAML::Node& n) { r.steps = read_steps(n, ops, top.file()); });
}

void require_group_expression(const std::string& what, const std::string& expression, const std::string& place) {
  try {
    if (std::regex(expression).mark_count() < 1) throw usage_error(what + " needs a pair of brackets around the part that names the group").with_place(place);
  } catch (const std::regex_error& e) {
    throw usage_error(fmt::format("{} is no regular expression: {}", what, e.what())).with_place(place);
  }
}

std::string Augment::together_expression() const { return together == kFramesTogether ? R"((.*)\.[0-9]+\.(?:png|tif)$)" : together; }

Recipe parse(std::string_view text, const OpTable& ops, const std::string& file_name) {
  Recipe recipe;
  recipe.file = file_name;
  recipe.name = std::filesystem::path(file_name).stem().string();
  read_into(recipe, text, ops, file_name, 0);
  // Found from wherever the program stands when it opens them.
  if (names_files_beside(recipe)) recipe.file = std::filesystem::absolute(recipe.file.empty() ? "recipe" : recipe.file).lexically_normal().string();
  return recipe;
}

Recipe load(const std::filesystem::path& file, const OpTable& ops) {
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) throw usage_error("there is no such recipe").with_place(file.string());
  return parse(read_file(file), ops, file.string());
}

std::string preset_summary(std::string_view name) {
  const std::string text = find_preset(name).text;
  if (!text.starts_with("# ")) return {};
  return text.substr(2, text.find('\n') - 2);
}

Recipe preset(std::string_view name, const OpTable& ops) {
  const PresetText found = find_preset(name);
  Recipe recipe = parse(found.text, ops, found.file);
  if (!names_files_beside(recipe)) recipe.file.clear();
  recipe.name = name;
  return recipe;
}

}  // namespace leaven::recipe
