// A recipe as text again, and the digest of what decides the bytes.
#include <fmt/format.h>

#include "core/lineage.hpp"
#include "recipe/document.hpp"
#include "recipe/files_beside.hpp"

namespace leaven::recipe {

namespace {

const Recipe kDefaults{};

// Texts that would read back as something else are quoted; numbers print shortest-exact.
void emit(YAML::Emitter& out, const Value& value, bool as_text) {
  if (const auto* text = std::get_if<std::string>(&value)) {
    if (!as_text && std::holds_alternative<std::string>(scalar(YAML::Node(*text))) && !text->empty()) out << *text;
    else out << YAML::DoubleQuoted << *text;
  } else if (const auto* list = std::get_if<std::vector<double>>(&value)) {
    out << YAML::Flow << YAML::BeginSeq;
    for (const double entry : *list) out << to_text(entry);
    out << YAML::EndSeq;
  } else {
    out << to_text(value);
  }
}

void emit_numbers(YAML::Emitter& out, const std::vector<double>& numbers) { emit(out, numbers, false); }

void emit(YAML::Emitter& out, const Setting& setting, const FieldInfo* field) {
  const bool as_text = field && field->type == FieldType::text;
  if (!setting.is_drawn()) return emit(out, setting.fixed, as_text);
  out << YAML::Flow << YAML::BeginMap;
  if (!setting.choices.empty()) {
    out << YAML::Key << "choice" << YAML::Value << YAML::Flow << YAML::BeginSeq;
    for (const Value& choice : setting.choices) emit(out, choice, as_text);
    out << YAML::EndSeq;
    if (!setting.weights.empty()) {
      out << YAML::Key << "weights" << YAML::Value;
      emit_numbers(out, setting.weights);
    }
  } else {
    const Law& law = setting.law;
    std::vector<double> numbers{law.a, law.b};
    if (law.kind == Law::Kind::truncated_normal || (law.kind == Law::Kind::beta && (law.lo != 0 || law.hi != 1)))
      numbers.insert(numbers.end(), {law.lo, law.hi});
    out << YAML::Key << name_of(law.kind) << YAML::Value;
    emit_numbers(out, numbers);
  }
  out << YAML::EndMap;
}

void emit_words(YAML::Emitter& out, const char* key, const std::vector<std::string>& words) {
  if (words.empty()) return;
  out << YAML::Key << key << YAML::Value << YAML::Flow << YAML::BeginSeq;
  for (const auto& word : words) emit(out, word, false);
  out << YAML::EndSeq;
}

void emit(YAML::Emitter& out, const std::vector<Step>& steps);

void emit(YAML::Emitter& out, const Step& step) {
  const bool bare = step.op && step.settings.empty() && step.steps.empty() && step.p == 1 && step.on.empty() && step.when.classes.empty() &&
                    step.when.not_classes.empty();
  if (bare) {
    out << std::string(step.op->name);
    return;
  }
  out << YAML::BeginMap << YAML::Key << std::string(step.op ? step.op->name : name_of(step.container)) << YAML::Value << YAML::BeginMap;
  for (const auto& [field, setting] : step.settings) {
    out << YAML::Key << std::string(field->name) << YAML::Value;
    emit(out, setting, field);
  }
  if (step.p != 1 || step.container == Container::with_probability) out << YAML::Key << "p" << YAML::Value << to_text(step.p);
  if (step.container == Container::some_of || step.container == Container::repeat) {
    out << YAML::Key << (step.container == Container::some_of ? "n" : "times") << YAML::Value;
    emit(out, step.count, nullptr);
  }
  if (!step.weights.empty()) {
    out << YAML::Key << "weights" << YAML::Value;
    emit_numbers(out, step.weights);
  }
  emit_words(out, "on", step.on);
  if (!step.when.classes.empty() || !step.when.not_classes.empty()) {
    out << YAML::Key << "when" << YAML::Value << YAML::BeginMap;
    emit_words(out, "class", step.when.classes);
    emit_words(out, "not_class", step.when.not_classes);
    out << YAML::EndMap;
  }
  if (!step.op || step.op->inside) {
    out << YAML::Key << "steps" << YAML::Value;
    emit(out, step.steps);
  }
  out << YAML::EndMap << YAML::EndMap;
}

void emit(YAML::Emitter& out, const std::vector<Step>& steps) {
  if (steps.empty()) out << YAML::Flow;
  out << YAML::BeginSeq;
  for (const Step& step : steps) emit(out, step);
  out << YAML::EndSeq;
}

/// Writes `key: value` only where the value is not the default, so that what is printed is what somebody asked for.
class StageWriter {
 public:
  StageWriter(YAML::Emitter& out, const char* name) : out_(out), name_(name) {}
  ~StageWriter() {
    if (open_) out_ << YAML::EndMap;
  }
  template <class T>
  void add(const char* key, const T& value, const T& usual) {
    if (value == usual) return;
    begin();
    out_ << YAML::Key << key << YAML::Value;
    if constexpr (std::is_same_v<T, std::string>) emit(out_, value, false);
    else if constexpr (std::is_same_v<T, double>) out_ << to_text(value);
    else out_ << value;
  }
  void begin() {
    if (!open_) out_ << YAML::Key << name_ << YAML::Value << YAML::BeginMap;
    open_ = true;
  }

 private:
  YAML::Emitter& out_;
  const char* name_;
  bool open_{};
};

const char* name_of(Originals o) { return o == Originals::copy ? "copy" : o == Originals::link ? "link" : "none"; }
const char* name_of(SplitStage::Method m) {
  return m == SplitStage::Method::hash ? "hash" : m == SplitStage::Method::group ? "group" : "stratified";
}

void emit_source(YAML::Emitter& out, const Source& s) {
  StageWriter stage(out, "source");
  stage.add("path", s.path, {});
  stage.add("format", s.format, {});
  stage.add("path_column", s.path_column, {});
  stage.add("label_column", s.label_column, {});
  stage.add("split_column", s.split_column, {});
  stage.add("limit", s.limit, std::uint64_t{0});
  if (!s.append.empty()) stage.begin();
  emit_words(out, "append", s.append);
}

void emit_schema(YAML::Emitter& out, const TableRules& t) {
  StageWriter stage(out, "schema");
  if (t.header) stage.add("header", *t.header, !*t.header);
  stage.add("encoding", std::string(kTableEncodingNames[static_cast<std::size_t>(t.encoding)]), std::string("any"));
  if (t.decimal_comma) stage.add("decimal_comma", *t.decimal_comma, !*t.decimal_comma);
  stage.add("repair", t.repair, false);
  if (!t.missing.empty()) stage.begin();
  emit_words(out, "missing", t.missing);
  stage.add("target", t.target, {});
  if (t.kinds.empty()) return;
  stage.begin();
  out << YAML::Key << "columns" << YAML::Value << YAML::BeginMap;
  for (const auto& [column, kind] : t.kinds) {
    out << YAML::Key;
    emit(out, column, false);
    out << YAML::Value << std::string(leaven::name_of(kind));
  }
  out << YAML::EndMap;
}

void emit_clean(YAML::Emitter& out, const Clean& c) {
  StageWriter stage(out, "clean");
  stage.add("min_width", c.min_width, 0);
  stage.add("min_height", c.min_height, 0);
  stage.add("duplicates", c.duplicates, false);
  stage.add("missing", c.missing, false);
  if (c.perceptual) stage.add("perceptual", *c.perceptual, -1);
}

void emit_split(YAML::Emitter& out, const Recipe& r) {
  if (!r.has_split) return;
  StageWriter stage(out, "split");
  stage.add("method", std::string(name_of(r.split.method)), {});
  stage.add("val", r.split.val, 0.0);
  stage.add("test", r.split.test, 0.0);
  if (r.split.method != SplitStage::Method::group) return;
  stage.add("group", r.split.group, {});
  stage.add("column", r.split.column, {});
}

void emit_balance(YAML::Emitter& out, const Balance& b) {
  if (b.method == BalanceMethod::none) return;
  const Balance usual;
  StageWriter stage(out, "balance");
  stage.add("method", std::string(leaven::recipe::name_of(b.method)), {});
  stage.add("k", b.k, usual.k);
  stage.add("m", b.m, usual.m);
  stage.add("scale", b.scale, usual.scale);
  stage.add("search", std::string(kNeighbourSearchNames[static_cast<std::size_t>(b.search)]), std::string(kNeighbourSearchNames[0]));
  stage.add("clusters", b.clusters, usual.clusters);
  stage.add("levels", b.levels, usual.levels);
  stage.add("theta", b.theta, usual.theta);
  stage.add("truncation", b.truncation, usual.truncation);
  stage.add("deformation", b.deformation, usual.deformation);
  stage.add("reach", b.reach, usual.reach);
  stage.add("alpha", b.alpha, usual.alpha);
}

void emit_constraint(YAML::Emitter& out, const Constraint& c) {
  using Kind = Constraint::Kind;
  out << YAML::BeginMap << YAML::Key << std::string(leaven::recipe::name_of(c.kind)) << YAML::Value << YAML::Flow << YAML::BeginMap;
  emit_words(out, "columns", c.columns);
  const auto put = [&](const char* key, const Value& value) {
    out << YAML::Key << key << YAML::Value;
    emit(out, value, std::holds_alternative<std::string>(value));
  };
  if (c.kind == Kind::range && c.lo > -kInfinity) put("lo", c.lo);
  if (c.kind == Kind::range && c.hi < kInfinity) put("hi", c.hi);
  if (c.kind == Kind::match) put("regex", c.text);
  if (c.kind == Kind::references) put("table", c.text), emit_words(out, "key", c.key);
  if (c.kind == Kind::sum && !c.text.empty()) put("to", c.text);
  else if (c.kind == Kind::sum) put("to", c.total);
  out << YAML::EndMap << YAML::EndMap;
}

void emit_amount(YAML::Emitter& out, const Augment& a) {
  StageWriter stage(out, "augment");
  if (a.times) stage.add("times", std::uint64_t{*a.times}, UINT64_MAX);
  if (a.total) stage.add("total", *a.total, UINT64_MAX);
  if (a.per_class) stage.add("per_class", *a.per_class, UINT64_MAX);
  stage.add("originals", std::string(name_of(a.originals)), std::string("copy"));
  stage.add("attempts", a.attempts, kDefaults.augment.attempts);
  stage.add("together", a.together, {});
}

void emit_generate(YAML::Emitter& out, const Generate& g) {
  StageWriter stage(out, "generate");
  stage.add("kind", g.kind, {});
  if (g.per_class) stage.add("per_class", *g.per_class, UINT64_MAX);
  const Generate usual;
  stage.add("held_out", g.held_out, usual.held_out);
  stage.add("steps", g.steps, usual.steps);
  stage.add("force", g.force, usual.force);
}

void emit_labels(YAML::Emitter& out, const AnnotationRules& l) {
  const AnnotationRules& usual = kDefaults.labels;
  const auto name_of = [](const auto& names, auto value) { return std::string(names[static_cast<std::size_t>(value)]); };
  StageWriter stage(out, "labels");
  stage.add("tight_boxes", name_of(kTightBoxNames, l.tight), name_of(kTightBoxNames, usual.tight));
  stage.add("min_visibility", l.min_visibility, usual.min_visibility);
  stage.add("min_area", l.min_area, usual.min_area);
  stage.add("min_side", l.min_side, usual.min_side);
  stage.add("require", name_of(kRequireNames, l.require), name_of(kRequireNames, usual.require));
  stage.add("border", name_of(kFoldingNames, l.border), name_of(kFoldingNames, usual.border));
}

void emit_sink(YAML::Emitter& out, const Sink& s) {
  StageWriter stage(out, "sink");
  stage.add("path", s.path, {});
  stage.add("layout", s.layout, kDefaults.sink.layout);
  stage.add("image_format", s.image_format, kDefaults.sink.image_format);
  stage.add("quality", s.quality, 0);
  stage.add("metadata", std::string(s.keep_metadata ? "keep" : "drop"), std::string("drop"));
  stage.add("shard_mb", s.shard_mb, kDefaults.sink.shard_mb);
}

}  // namespace

std::string to_yaml(const Recipe& r) {
  YAML::Emitter out;
  out << YAML::BeginMap << YAML::Key << "leaven" << YAML::Value << 1;
  if (r.seed) out << YAML::Key << "seed" << YAML::Value << r.seed;
  if (r.epoch) out << YAML::Key << "epoch" << YAML::Value << r.epoch;
  if (!r.file.empty() && names_files_beside(r)) {
    out << YAML::Key << "file" << YAML::Value;
    emit(out, r.file, true);
  }
  if (!r.fuse) out << YAML::Key << "fuse" << YAML::Value << "off";
  if (r.decode_scaled) out << YAML::Key << "decode" << YAML::Value << "scaled";
  if (r.max_bad != kDefaults.max_bad) out << YAML::Key << "max_bad" << YAML::Value << to_text(r.max_bad);
  if (r.stop_on_error) out << YAML::Key << "on_error" << YAML::Value << "stop";
  emit_source(out, r.source);
  emit_schema(out, r.source.schema);
  emit_clean(out, r.clean);
  if (!r.prepare.empty()) {
    out << YAML::Key << "prepare" << YAML::Value;
    emit(out, r.prepare);
  }
  emit_split(out, r);
  emit_balance(out, r.balance);
  emit_amount(out, r.augment);
  if (r.generate) emit_generate(out, *r.generate);
  emit_labels(out, r.labels);
  emit_sink(out, r.sink);
  if (!r.constraints.empty()) {
    out << YAML::Key << "constraints" << YAML::Value << YAML::BeginSeq;
    for (const Constraint& c : r.constraints) emit_constraint(out, c);
    out << YAML::EndSeq;
  }
  out << YAML::Key << "steps" << YAML::Value;
  emit(out, r.steps);
  out << YAML::EndMap;
  return std::string(out.c_str()) + "\n";
}

std::string digest(const Recipe& recipe) {
  Recipe essence = recipe;
  essence.file.clear();  // what lies there has its own digest
  essence.source = {};
  essence.source.schema = recipe.source.schema;
  essence.augment.times.reset(), essence.augment.total.reset(), essence.augment.per_class.reset();
  essence.sink.path.clear();
  essence.sink.layout = kDefaults.sink.layout;
  essence.sink.shard_mb = kDefaults.sink.shard_mb;
  essence.max_bad = kDefaults.max_bad;
  essence.stop_on_error = false;
  const std::string text = to_yaml(essence);
  return digest_of(text.data(), text.size());
}

}  // namespace leaven::recipe
