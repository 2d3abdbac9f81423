// The op table's machinery on a made-up op: values in and out, error texts, nearest names, lineage lines.
#include <gtest/gtest.h>

#include <cmath>

#include "core/error.hpp"
#include "core/lineage.hpp"
#include "core/op.hpp"

namespace leaven {
namespace {

namespace smear {
enum class Mode { soft, hard };
constexpr std::array<std::string_view, 2> kModes{"soft", "hard"};
struct Op {
  float sigma = 1.5f;
  int rounds = 2;
  bool twice = false;
  Mode mode = Mode::soft;
  std::string note{};
  std::array<float, 2> pair{0.1f, 0.2f};
  std::vector<double> list{};
};
constexpr auto fields = std::array{
    field<&Op::sigma>("sigma", {.doc = "Standard deviation", .lo = 0, .hi = 32, .unit = "px", .neutral = 0, .strong = 8}),
    field<&Op::rounds>("rounds", {.doc = "How often", .lo = 1, .unit = "1"}),
    field<&Op::twice>("twice", {.doc = "Once more"}),
    field<&Op::mode>("mode", {.doc = "How", .choices = kModes}),
    field<&Op::note>("note", {.doc = "A word"}),
    field<&Op::pair>("pair", {.doc = "Two numbers", .lo = 0, .hi = 1, .unit = "fraction"}),
    field<&Op::list>("list", {.doc = "Some numbers", .unit = "px", .min_count = 0, .max_count = 3, .resolved = true}),
};
Nodes lower(const Op& op, const Site&) { return {Table::all({Curve::Form::affine, op.sigma, 0, nullptr})}; }
void resolve(Op& op, const Site& at) {
  if (op.list.empty()) op.list = {static_cast<double>(at.image.width)};
}
}  // namespace smear

OpTable table() {
  OpTable ops;
  ops.add(op<smear::Op, smear::lower, smear::resolve>({.name = "smear", .summary = "Smears", .family = "blur", .example = "smear", .node = NodeKind::table, .fields = smear::fields}));
  ops.add(op<smear::Op, smear::lower>({.name = "horizontal_flip", .summary = "Flips", .family = "flip", .example = "horizontal_flip", .node = NodeKind::geometry, .fields = smear::fields}));
  return ops;
}

std::string error_of(const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& e) {
    return e.what();
  }
  return "no error";
}

TEST(OpTable, DefaultsComeFromTheStruct) {
  const OpTable ops = table();
  const OpValue value(ops.at("smear"));
  EXPECT_EQ(to_text(value.get("sigma")), "1.5");
  EXPECT_EQ(to_text(value.get("mode")), "soft");
  EXPECT_EQ(to_text(value.get("pair")), "[0.1, 0.2]");  // a float 0.1 reads as a person wrote it
  EXPECT_EQ(to_text(value.get("twice")), "false");
}

TEST(OpTable, SetChecksTypeRangeChoiceAndCount) {
  const OpTable ops = table();
  OpValue value(ops.at("smear"));
  EXPECT_EQ(error_of([&] { value.set("sigma", 99.0); }), "smear: sigma must be in [0, 32] px, got 99");
  EXPECT_EQ(error_of([&] { value.set("sigma", std::nan("")); }), "smear: sigma must be in [0, 32] px, got nan");
  EXPECT_EQ(error_of([&] { value.set("sigma", std::string("wide")); }), "smear: sigma must be a number in [0, 32] px, got wide");
  EXPECT_EQ(error_of([&] { value.set("rounds", std::int64_t{0}); }), "smear: rounds must be at least 1, got 0");
  EXPECT_EQ(error_of([&] { value.set("rounds", 1.5); }), "smear: rounds must be a whole number at least 1, got 1.5");
  EXPECT_EQ(error_of([&] { value.set("mode", std::string("hrad")); }), "smear: mode must be one of soft, hard, got hrad (did you mean hard?)");
  EXPECT_EQ(error_of([&] { value.set("twice", 1.0); }), "smear: twice must be true or false, got 1");
  EXPECT_EQ(error_of([&] { value.set("pair", std::vector<double>{1}); }), "smear: pair must be a list of 2 numbers, got [1]");
  EXPECT_EQ(error_of([&] { value.set("pair", std::vector<double>{0, 2}); }), "smear: pair must be a list of numbers in [0, 1] fraction, got [0, 2]");
  EXPECT_EQ(error_of([&] { value.set("sigmo", 1.0); }), "smear: unknown field sigmo (did you mean sigma?)");
  value.set("rounds", 3.0);
  EXPECT_EQ(to_text(value.get("rounds")), "3");
}

TEST(OpTable, UnknownOpNamesTheNearest) {
  const OpTable ops = table();
  EXPECT_EQ(error_of([&] { ops.at("horizontal_flp"); }), "horizontal_flp: unknown op horizontal_flp (did you mean horizontal_flip?)");
  EXPECT_EQ(error_of([&] { ops.at("zzzz"); }), "zzzz: unknown op zzzz (leaven ops lists them all)");
}

TEST(OpTable, TwoOpsOfOneNameAreABug) {
  OpTable ops = table();
  EXPECT_THROW(ops.add(op<smear::Op, smear::lower>({.name = "smear"})), Error);
}

TEST(OpTable, ResolveFillsOnlyWhatNobodyGave) {
  const OpTable ops = table();
  Site site;
  site.image.width = 77;
  OpValue open(ops.at("smear")), given(ops.at("smear"));
  given.set("list", std::vector<double>{5});
  open.resolve(site), given.resolve(site);
  EXPECT_EQ(to_text(open.get("list")), "[77]");
  EXPECT_EQ(to_text(given.get("list")), "[5]");
}

TEST(OpTable, CopiesAreIndependent) {
  const OpTable ops = table();
  OpValue a(ops.at("smear"));
  OpValue b = a;
  b.set("sigma", 9.0);
  EXPECT_EQ(to_text(a.get("sigma")), "1.5");
}

TEST(NearestNames, SwappedLettersAndPartsAreNear) {
  constexpr std::array<std::string_view, 4> names{"gaussian_blur", "gaussian_noise", "rotate", "rotate90"};
  EXPECT_EQ(did_you_mean("gausian_blur", names), "did you mean gaussian_blur?");
  EXPECT_EQ(did_you_mean("roatte", names), "did you mean rotate?");
  EXPECT_EQ(did_you_mean("blur", names), "did you mean gaussian_blur?");
  EXPECT_EQ(did_you_mean("xyz", names), "");
}

TEST(Lineage, LineRoundTripIsExact) {
  const OpTable ops = table();
  LineageRecord r;
  r.id = "cat/x_aug1.jpg", r.source = "cat/x.jpg", r.label = "cat", r.copy = 1, r.attempt = 2;
  OpValue value(ops.at("smear"));
  value.set("sigma", 0.1);
  value.set("note", std::string("a \"quoted\" word"));
  value.set("list", std::vector<double>{1, 0.30000000000000004});
  r.program.steps.push_back({"one_of/smear#2", value, {1, 2}, {"image"}});
  r.encoding = {"jpeg", 92, "4:2:0", false, true};
  r.digest = r.source_digest = std::string(32, 'a');
  const std::string line = to_json_line(r);
  EXPECT_EQ(line.find('\n'), std::string::npos);
  EXPECT_EQ(to_json_line(lineage_from_json(line, ops)), line);
  EXPECT_NE(line.find("0.30000000000000004"), std::string::npos);
}

TEST(Lineage, BadLinesAreDataErrors) {
  const OpTable ops = table();
  for (const char* line : {"", "{", "[]", "{\"id\":1}", "{\"id\":\"a\",\"source\":\"b\",\"copy\":-1}"})
    EXPECT_THROW(lineage_from_json(line, ops), Error) << line;
}

TEST(Errors, PartsStandInOrderAndTheFirstWriterWins) {
  Error e = usage_error("sigma must be in [0, 32] px, got 99");
  e.with_op("gaussian_blur").with_place("train.yaml:14:9").with_op("other").with_hint("try less");
  EXPECT_STREQ(e.what(), "train.yaml:14:9: gaussian_blur: sigma must be in [0, 32] px, got 99 (try less)");
  EXPECT_EQ(exit_code(Fault::usage), 2);
  EXPECT_EQ(exit_code(Fault::interrupted), 130);
}

}  // namespace
}  // namespace leaven
