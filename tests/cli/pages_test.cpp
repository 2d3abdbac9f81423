// The two pages that people look at: the report of a dataset and the explanation of one output.
#include <gtest/gtest.h>

#include <filesystem>

#include "flow/html.hpp"
#include "flow/replay.hpp"
#include "ops/families.hpp"
#include "tests/cli/program.hpp"
#include "tests/cli/samples.hpp"

namespace leaven::cli {
namespace {

namespace fs = std::filesystem;

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

void expect_self_contained(const std::string& page) {
  for (const char* outside : {"src=\"http", "href=", "url(", "@import", "<script", "<link", "<iframe"})
    EXPECT_EQ(page.find(outside), std::string::npos) << outside;
  for (const char* tag : {"section", "div", "table", "tr", "td", "figure", "svg", "p", "h2", "ul", "li", "details"})
    EXPECT_EQ(count_of(page, "<" + std::string(tag) + ">") + count_of(page, "<" + std::string(tag) + " "),
              count_of(page, "</" + std::string(tag) + ">"))
        << tag;
}

constexpr const char* kRecipe =
    "leaven: 1\nsteps:\n"
    "  - affine: {degrees: {uniform: [-20, 20]}, scale: 1, border: edge}\n"
    "  - resize: {width: 24, height: 20}\n"
    "  - repeat: {times: 2, steps: [{brightness: {by: {uniform: [0.5, 1.5]}}}]}\n"
    "  - one_of: {steps: [invert, {rotate90: {times: {choice: [1, 2, 3]}}}]}\n";

class Pages : public testing::Test {
 protected:
  void SetUp() override {
    write_class_folders(in_, {"cats & <dogs>", "birds"}, 4);
    write_text_file(in_ + "/birds/empty.jpg", "");
    write_text_file(in_ + "/birds/.DS_Store", "");
    write_text_file(scratch_ / "r.yaml", kRecipe);
    const Outcome outcome = run_leaven({"augment", in_, "-o", out_, "--times", "5", "--recipe", scratch_ / "r.yaml",
                                        "--seed", "11", "--max-bad", "20%", "--quiet"});
    ASSERT_EQ(outcome.code, 0) << outcome.err;
  }
  ScratchFolder scratch_{};
  std::string in_{scratch_ / "in"}, out_{scratch_ / "out"};
};

TEST_F(Pages, TheReportTellsTheWholeStory) {
  const std::string page = read_text_file(out_ + "/leaven.report.html");
  expect_self_contained(page);
  EXPECT_LT(page.size(), 2'000'000U);
  for (const std::string& part :
       {std::string("9 samples became 48"), std::string("What came in"), std::string("class folders"),
        std::string("What was set aside"), std::string("birds/empty.jpg"), std::string("cats &amp; &lt;dogs&gt;"),
        std::string("4 → 24"), std::string("Originals and their copies"),
        std::string("Rotate, scale, shear and shift in one map"), std::string("In 40 copies (100 %)"), std::string("°"),
        std::string("seed 11"), std::string("uniform: [-20, 20]"), "leaven augment " + in_ + " -o " + out_,
        "leaven run " + out_ + "/leaven.recipe.yaml", std::string("EXIF"), std::string("leaven " LEAVEN_VERSION),
        std::string(".DS_Store (1)")})
    EXPECT_TRUE(has(page, part)) << part;
  EXPECT_EQ(page.find("<dogs>"), std::string::npos);
  // Eight sources, each with four of its five copies.
  EXPECT_EQ(count_of(page, "src=\"data:image/png;base64,"), 8U * 5U);
  EXPECT_GE(count_of(page, "<svg "), 3U) << "degrees, by, times";
}

TEST_F(Pages, TheExplanationShowsEveryStep) {
  const std::string file = out_ + "/birds/2_aug3.jpg";
  const flow::FoundLineage found = flow::find_lineage(file, ops::op_table());
  const flow::Explanation told = flow::explain(found);
  expect_self_contained(told.page);
  const auto& steps = found.record.program.steps;
  ASSERT_EQ(steps.size(), 5U);
  EXPECT_EQ(count_of(told.page, "src=\"data:image/png;base64,"), steps.size() + 1);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const std::string head = std::to_string(i + 1) + ". " + std::string(steps[i].op.info().name);
    EXPECT_TRUE(has(told.page, "<h2>" + head + "</h2>")) << head;
    EXPECT_TRUE(has(told.page, flow::html_escaped(steps[i].op.info().summary)));
    EXPECT_TRUE(has(told.text, "\n" + head + "  " + std::string(steps[i].op.info().summary) + ".\n"));
  }
  // Drawn values are marked, those that the recipe fixes are not.
  EXPECT_TRUE(has(told.page, "degrees <span class=\"drawn\">"));
  EXPECT_TRUE(has(told.page, "scale <span class=\"fixed\">1</span>"));
  EXPECT_TRUE(has(told.page, "width <span class=\"fixed\">24 px</span>"));
  EXPECT_EQ(count_of(told.page, "by <span class=\"drawn\">"), 2U) << "both rounds of repeat";
  EXPECT_TRUE(has(told.text, "scale 1,"));
  EXPECT_TRUE(has(told.text, "then 24×20×3 u8"));
  for (const std::string& text : {told.page, told.text}) {
    EXPECT_TRUE(has(text, "the same bytes"));
    EXPECT_TRUE(has(text, found.record.digest));
    EXPECT_TRUE(has(text, "leaven replay " + file + " -o again.jpg"));
    EXPECT_TRUE(has(text, "Copy 3 of birds/2.jpg, class birds"));
  }
}

TEST_F(Pages, TheExplainCommandWritesItsPage) {
  const std::string file = out_ + "/birds/2_aug3.jpg";
  const Outcome outcome = run_leaven({"explain", file}, {.folder = scratch_ / ""});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_TRUE(has(outcome.out, "page    2_aug3.explain.html"));
  expect_self_contained(read_text_file(scratch_ / "2_aug3.explain.html"));
  const Outcome text_only = run_leaven({"explain", out_ + "/birds/2.jpg", "--no-page"}, {.folder = scratch_ / ""});
  EXPECT_EQ(text_only.code, 0) << text_only.err;
  EXPECT_TRUE(has(text_only.out, "this is the original"));
  EXPECT_FALSE(fs::exists(scratch_ / "2.explain.html"));
}

TEST_F(Pages, AnExplanationNeedsTheSource) {
  fs::rename(in_, scratch_ / "gone");
  const Outcome outcome = run_leaven({"explain", out_ + "/birds/2_aug3.jpg"}, {.folder = scratch_ / ""});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_NE(outcome.err.find("--source says where"), std::string::npos) << outcome.err;
}

}  // namespace
}  // namespace leaven::cli
