// Commands that make no dataset: what they print, and how they refuse.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "ops/families.hpp"
#include "recipe/recipe.hpp"
#include "tests/cli/program.hpp"
#include "tests/cli/samples.hpp"

namespace leaven::cli {
namespace {

/// Runs a command line that must be refused as wrong, and returns what it said.
std::string refused(const std::vector<std::string>& arguments) {
  const Outcome outcome = run_leaven(arguments);
  EXPECT_EQ(outcome.code, 2) << outcome.err;
  EXPECT_EQ(outcome.out, "");
  EXPECT_TRUE(outcome.err.starts_with("leaven: ")) << outcome.err;
  EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
  return outcome.err;
}

TEST(Version, IsOneLineAndTheCodecsWhenAsked) {
  EXPECT_EQ(run_leaven({"--version"}).out, "leaven " LEAVEN_VERSION "\n");
  for (const std::vector<std::string>& verbose : {std::vector<std::string>{"--version", "--verbose"}, {"version"}}) {
    const Outcome outcome = run_leaven(verbose);
    EXPECT_EQ(outcome.code, 0);
    EXPECT_TRUE(outcome.out.starts_with("leaven " LEAVEN_VERSION "\nlibjpeg-turbo "));
    EXPECT_TRUE(has(outcome.out, ", libpng 1."));
  }
}

TEST(Help, NamesEveryCommand) {
  for (const std::vector<std::string>& asked : {std::vector<std::string>{}, {"--help"}, {"-h"}, {"help"}}) {
    const Outcome outcome = run_leaven(asked);
    EXPECT_EQ(outcome.code, 0);
    for (const char* command : {"augment", "run", "check", "plan", "explain", "replay", "verify", "merge", "ops",
                                "presets", "preview", "gallery"})
      EXPECT_TRUE(has(outcome.out, std::string("\n  ") + command + " "));
  }
}

TEST(Help, TellsOfACommandAndOfAnOp) {
  const std::string page = run_leaven({"help", "augment"}).out;
  EXPECT_EQ(page, run_leaven({"augment", "--help"}).out);
  for (const char* flag :
       {"--times",     "--total",        "--per-class", "--recipe",       "--preset",  "--seed",      "--threads",
        "--shard",     "--input-format", "--layout",    "--image-format", "--quality", "--originals", "--resume",
        "--overwrite", "--limit",        "--dry-run",   "--on-error",     "--max-bad", "--progress",  "--quiet"})
    EXPECT_TRUE(has(page, std::string("  ") + flag));
  EXPECT_TRUE(has(run_leaven({"help", "gaussian_blur"}).out, "sigma"));
  for (const char* name : {"sequence", "one_of", "some_of", "random_order", "with_probability", "repeat", "rand_augment"}) {
    EXPECT_TRUE(has(run_leaven({"help", name}).out, name));
    EXPECT_TRUE(has(run_leaven({"ops"}).out, std::string("  ") + name + " "));
  }
  EXPECT_TRUE(has(refused({"help", "gausian_blur"}), "did you mean gaussian_blur?"));
  EXPECT_TRUE(has(refused({"help", "augmnt"}), "did you mean augment?"));
}

TEST(Help, EveryLineFitsATerminal) {
  const std::string page = run_leaven({"help", "--markdown"}).out;
  std::size_t begin = 0;
  for (std::size_t end; (end = page.find('\n', begin)) != std::string::npos; begin = end + 1)
    EXPECT_LE(end - begin, 104U) << page.substr(begin, end - begin);
}

TEST(Help, IsTheDocumentation) {
  EXPECT_EQ(read_text_file(LEAVEN_SOURCE_DIR "/docs/command_line.md"), run_leaven({"help", "--markdown"}).out)
      << "print it anew: build/leaven help --markdown > docs/command_line.md";
}

TEST(CommandLine, NamesTheNearestCommandAndFlag) {
  EXPECT_EQ(refused({"agument", "in"}), "leaven: unknown command agument (did you mean augment?)\n");
  EXPECT_EQ(refused({"frobnicate"}), "leaven: unknown command frobnicate (leaven help lists them all)\n");
  EXPECT_EQ(refused({"augment", "in", "-o", "out", "--tims", "3"}),
            "leaven: unknown flag --tims (did you mean --times?)\n");
  EXPECT_EQ(refused({"augment", "in", "-o", "out", "--tims=3"}),
            "leaven: unknown flag --tims (did you mean --times?)\n");
  EXPECT_EQ(refused({"--verson"}), "leaven: unknown flag --verson (did you mean --version?)\n");
  EXPECT_TRUE(has(refused({"augment", "in", "-o", "out", "more"}), "does not know what to do with more"));
}

TEST(CommandLine, SaysWhatAValueMustBe) {
  const auto augment = [](std::vector<std::string> more) {
    more.insert(more.begin(), {"augment", "in", "-o", "out"});
    return refused(more);
  };
  EXPECT_EQ(augment({"--times", "many"}), "leaven: --times must be a whole number in [0, 1000000], got many\n");
  EXPECT_EQ(augment({"--quality", "101"}), "leaven: --quality must be a whole number in [1, 100], got 101\n");
  EXPECT_EQ(augment({"--seed", "-1"}), "leaven: --seed must be a whole number in [0, 9223372036854775807], got -1\n");
  EXPECT_EQ(augment({"--seed", "18446744073709551616"}),
            "leaven: --seed must be a whole number in [0, 9223372036854775807], got 18446744073709551616\n");
  EXPECT_TRUE(has(augment({"--shard", "4/3"}), "--shard must be I/N with I from 1 to N, got 4/3"));
  EXPECT_TRUE(has(augment({"--max-bad", "12"}), "--max-bad must be a share from 0% to 100%, got 12"));
  EXPECT_TRUE(has(augment({"--layout", "folder"}), "got folder (did you mean folders?)"));
  EXPECT_TRUE(has(augment({"--input-format", "foldres"}), "did you mean folders?"));
  EXPECT_EQ(augment({"--times"}), "leaven: --times needs a value\n");
  EXPECT_EQ(augment({"--times", "2", "--total", "9"}), "leaven: --times and --total exclude each other\n");
  EXPECT_TRUE(has(augment({"--resume", "--overwrite"}), "--resume and --overwrite exclude each other"));
  EXPECT_TRUE(has(augment({"--preset", "mediun"}), "did you mean medium?"));
}

TEST(CommandLine, SaysWhatIsMissing) {
  EXPECT_TRUE(has(refused({"augment"}), "augment needs the dataset IN"));
  EXPECT_TRUE(has(refused({"augment", "in"}), "augment needs the new folder: -o OUT"));
  EXPECT_TRUE(has(refused({"run"}), "run needs the RECIPE"));
  EXPECT_TRUE(has(refused({"explain"}), "explain needs the FILE"));
  const ScratchFolder scratch;
  std::ofstream(std::string(scratch / "overlay.yaml")) << "leaven: 1\nsteps:\n  - overlay_image: {path: nowhere.png}\n";
  EXPECT_TRUE(has(refused({"check", scratch / "overlay.yaml"}), "overlay.yaml:3:5: "));
  std::ofstream(std::string(scratch / "floats.yaml")) << "leaven: 1\nsink: {image_format: jpeg}\nsteps:\n  - normalize: {p: 0.01}\n";
  EXPECT_TRUE(has(refused({"check", scratch / "floats.yaml"}), "floats.yaml:4:5: normalize: JPEG"));
  EXPECT_TRUE(has(refused({"plan", "light", "--image", "nowhere.jpg"}), "--image: there is no file nowhere.jpg"));
  EXPECT_TRUE(has(refused({"replay", "--line", "{}"}), "--line needs --source"));
}

TEST(CommandLine, AFolderMayBeCalledLikeACommand) {
  const ScratchFolder scratch;
  write_class_folders(scratch / "plan", {"a"}, 2);
  const Outcome outcome =
      run_leaven({"augment", "plan", "-o", "out", "--times", "1", "--quiet"}, {.folder = scratch / ""});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_TRUE(std::filesystem::exists(scratch / "out/a/0_aug1.jpg"));
}

TEST(CommandLine, AFullDiskIsNoSuccess) {
  const Outcome outcome = run_leaven({"ops"}, {.output = "/dev/full"});
  EXPECT_EQ(outcome.code, 3);
  EXPECT_TRUE(has(outcome.err, "standard output cannot be written"));
}

TEST(Ops, AreListedInEveryForm) {
  const std::string list = run_leaven({"ops"}).out, pages = run_leaven({"ops", "--markdown"}).out;
  const std::string schema = run_leaven({"ops", "--json"}).out;
  EXPECT_TRUE(nlohmann::json::accept(schema));
  for (const auto& op : ops::op_table().all()) {
    EXPECT_TRUE(has(list, std::string(op->name) + " "));
    EXPECT_TRUE(has(list, std::string(op->summary)));
    EXPECT_TRUE(has(pages, std::string(op->name)));
    EXPECT_TRUE(has(schema, "\"" + std::string(op->name) + "\""));
  }
}

TEST(Presets, ArePrintedAsRecipesThatReadBack) {
  const std::string list = run_leaven({"presets"}).out;
  for (const char* name : {"light", "medium", "strong"}) {
    EXPECT_TRUE(has(list, name));
    const std::string text = run_leaven({"presets", name}).out;
    EXPECT_EQ(recipe::digest(recipe::parse(text, ops::op_table())),
              recipe::digest(recipe::preset(name, ops::op_table())));
  }
  EXPECT_TRUE(has(refused({"presets", "strnog"}), "did you mean strong?"));
}

TEST(Check, SaysWhatItUnderstood) {
  const ScratchFolder scratch;
  const std::string file = scratch / "mine.yaml";
  write_text_file(file,
                  "leaven: 1\nseed: 7\nclean: {min_width: 64, duplicates: true}\nsplit: {method: hash, val: 0.1}\n"
                  "augment: {per_class: 50, originals: none}\nsink: {image_format: webp, quality: 80}\nsteps:\n"
                  "  - rotate: {degrees: {uniform: [-5, 5]}, p: 0.25}\n"
                  "  - one_of:\n      weights: [1, 3]\n      steps: [invert, {posterize: {bits: 4}}]\n");
  const Outcome outcome = run_leaven({"check", file});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  for (const char* part :
       {"seed     7", "narrower than 64 px", "byte-identical duplicates", "by hash of the id: 10 % val",
        "50 samples of each class; originals left out", "as webp, quality 80",
        "1. rotate: degrees uniform in [-5, 5] degrees", "in 25 % of cases", "2. one of these", "1. invert, weight 1",
        "2. posterize: bits 4 bits, weight 3", "a valid recipe"})
    EXPECT_TRUE(has(outcome.out, part));
}

TEST(Check, NamesThePlaceAndTheNearestOp) {
  const ScratchFolder scratch;
  const std::string file = scratch / "typo.yaml";
  write_text_file(file, "leaven: 1\nsteps:\n  - horizontal_flp: {p: 0.5}\n");
  const std::string expected = "leaven: " + file + ":3:5: unknown op horizontal_flp (did you mean horizontal_flip?)\n";
  EXPECT_EQ(refused({"check", file}), expected);
  EXPECT_EQ(refused({"augment", "in", "-o", "out", "--recipe", file}), expected);
  EXPECT_EQ(refused({"run", file}), expected);
  EXPECT_EQ(refused({"plan", file}), expected);
}

TEST(Check, NamesFieldAndRange) {
  const ScratchFolder scratch;
  const std::string file = scratch / "wrong.yaml";
  write_text_file(file, "leaven: 1\nsteps:\n  - gaussian_blur:\n      sigma: 99\n");
  const std::string said = refused({"check", file});
  EXPECT_TRUE(has(said, file + ":4:"));
  EXPECT_TRUE(has(said, "sigma must be in [0, 32] px, got 99"));
}

TEST(Plan, ShowsEachPassAndTheBytes) {
  const ScratchFolder scratch;
  write_picture_file(scratch / "x.png", drawn_picture(3, 64, 48));
  write_text_file(scratch / "r.yaml", "leaven: 1\nsteps: [horizontal_flip, {rotate: {degrees: 10}}, invert]\n");
  const Outcome outcome = run_leaven({"plan", scratch / "r.yaml", "--image", scratch / "x.png"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  for (const char* part : {"64×48×3 u8", "degrees=10", "after lower", "after fuse geometry", "after fuse pointwise",
                           "after fold into decode", "after tile", "warp 2 maps", "moves "})
    EXPECT_TRUE(has(outcome.out, part));
  const std::string unfused = run_leaven({"plan", scratch / "r.yaml", "--size", "64x48", "--no-fuse"}).out;
  EXPECT_EQ(unfused.find("warp 2 maps"), std::string::npos);
  EXPECT_TRUE(has(unfused, "pass 3"));
  EXPECT_TRUE(has(run_leaven({"plan", "medium"}).out, "affine"));
}

TEST(Commands, ProfileTellsOfSeriesWhatAugmentTakesThemFor) {
  const ScratchFolder scratch;
  std::string series;
  for (int i = 0; i < 6; ++i) series += std::to_string(1 + i % 2) + "\t1\t2\t3\t4\t5\t6\t7\t8\t9\t8\n";
  write_text_file(scratch / "Two_TRAIN.tsv", series);
  write_text_file(scratch / "Two_TEST.tsv", series);
  for (const std::string& in : {scratch / "Two_TRAIN.tsv", scratch / "."}) {
    const Outcome told = run_leaven({"profile", in});
    EXPECT_EQ(told.code, 0) << told.err;
    EXPECT_TRUE(has(told.out, "series of 1 channel"));
    EXPECT_TRUE(has(told.out, "class 1: "));
    EXPECT_FALSE(has(told.out, "column_1"));
    EXPECT_TRUE(has(run_leaven({"profile", in, "--json"}).out, "\"classes\""));
  }
  write_text_file(scratch / "in.csv", "x,word\n1,a\n2,b\n3,a\n");
  EXPECT_TRUE(has(run_leaven({"profile", scratch / "in.csv", "--target", "word", "--json"}).out, "\"target\": \"word\""));
}

TEST(Plan, OfSeriesAndTablesToo) {
  const ScratchFolder scratch;
  std::string series, table = "age,city,class\n";
  for (int i = 0; i < 6; ++i) series += std::to_string(1 + i % 2) + "\t1\t2\t3\t4\t5\t6\t7\t8\t9\t8\n";
  for (int i = 0; i < 40; ++i) table += (i == 0 ? "" : std::to_string(20 + i)) + (i % 2 ? ",Rome,a\n" : ",Ulm,b\n");
  write_text_file(scratch / "Two_TRAIN.tsv", series);
  write_text_file(scratch / "in.csv", table);
  write_text_file(scratch / "series.yaml", "leaven: 1\nsteps: [series_reverse, {series_resize: {size: 20}}, {series_jitter: {sigma: 0.1}}]\n");
  write_text_file(scratch / "table.yaml", "leaven: 1\nprepare: [{table_fill: {with: constant, value: 33}}]\nsteps: [{table_jitter: {sigma: 0.5, on: age}}]\n");
  const Outcome of_series = run_leaven({"plan", scratch / "series.yaml", "--image", scratch / "Two_TRAIN.tsv"});
  EXPECT_EQ(of_series.code, 0) << of_series.err;
  for (const char* part : {"Two_TRAIN.tsv#000000 (10 × 1)", "time: 2 maps to one interpolation", "values, channel by channel: series_jitter", "out: 20 × 1"})
    EXPECT_TRUE(has(of_series.out, part));
  EXPECT_TRUE(has(run_leaven({"plan", scratch / "series.yaml"}).out, "a series of 128 samples"));
  const Outcome of_table = run_leaven({"plan", scratch / "table.yaml", "--image", scratch / "in.csv"});
  EXPECT_EQ(of_table.code, 0) << of_table.err;
  for (const char* part : {"every row first: table_fill", "in.csv#0 (3 columns)", "sigma=0.5", "age:  → 33 → "}) EXPECT_TRUE(has(of_table.out, part));
  EXPECT_EQ(run_leaven({"plan", scratch / "table.yaml"}).code, 2) << "columns must be known";
}

}  // namespace
}  // namespace leaven::cli
