// Jobs that mix samples: who is mixed with whom, what the copies are labelled with, and the same bytes however they are made.
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "core/error.hpp"
#include "core/lineage.hpp"
#include "flow/job.hpp"
#include "flow/replay.hpp"
#include "flow/sample_task.hpp"
#include "ops/families.hpp"
#include "tests/flow/job_process.hpp"
#include "tests/flow/job_run.hpp"
#include "tests/flow/small_dataset.hpp"

namespace leaven::flow {
namespace {

namespace fs = std::filesystem;

std::vector<LineageRecord> copies_in(const fs::path& out) {
  std::vector<LineageRecord> copies;
  for (const std::string& line : lines_of(out / kLineageFile)) {
    copies.push_back(lineage_from_json(line, ops::op_table()));
    EXPECT_EQ(to_json_line(copies.back()), line);
    if (copies.back().copy == 0) copies.pop_back();
  }
  return copies;
}

std::string error_of(const JobOptions& options) {
  try {
    run(options);
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::usage);
    return error.what();
  }
  return "no error";
}

std::string class_of(const std::string& id) { return id.substr(0, id.find('/')); }

TEST(Mix, PartnersAreOthersOfTheClassThatWasAskedFor) {
  TestFolder folder;
  write_classes(folder / "in", {"cat", "dog", "owl"}, 5);
  for (const std::string rule : {"any", "same_class", "other_class"}) {
    JobOptions options = options_for(folder / "in", folder / rule, "sink: {layout: webdataset}\nsteps:\n  - mixup: {partners: " + rule + "}\n");
    options.recipe.augment.times = 8;
    run(options);
    std::set<std::string> sources;
    std::size_t same = 0, all = 0;
    for (const LineageRecord& record : copies_in(folder / rule)) {
      ASSERT_EQ(record.program.steps.at(0).partners.size(), 1U);
      const ProgramPartner& partner = record.program.steps[0].partners[0];
      EXPECT_NE(partner.source, record.source);
      EXPECT_EQ(partner.label, class_of(partner.source));
      EXPECT_EQ(partner.digest.size(), 32U);
      sources.insert(partner.source);
      ++all;
      same += partner.label == record.label;
    }
    EXPECT_EQ(sources.size(), 15U) << rule;
    EXPECT_EQ(all, 120U);
    const double expected = rule == "same_class" ? 120 : rule == "other_class" ? 0 : 120 * 4.0 / 14;
    EXPECT_NEAR(static_cast<double>(same), expected, rule == "any" ? 20 : 0) << rule;
  }
}

TEST(Mix, PartnersComeFromTrainAndNeverFromWhatIsSetAside) {
  TestFolder folder;
  write_classes(folder / "in" / "train", {"cat", "dog"}, 4);
  for (int i = 0; i < 4; ++i) write_image(folder / "in" / "val" / (i % 2 ? "cat" : "dog") / (std::to_string(i) + ".jpg"), picture(500 + i));
  fs::copy(folder / "in" / "train" / "cat" / "001.jpg", folder / "in" / "train" / "cat" / "copy.jpg");
  const std::string whole = read_text(folder / "in" / "train" / "dog" / "002.jpg");
  write_text(folder / "in" / "train" / "dog" / "002.jpg", whole.substr(0, whole.size() / 2));
  JobOptions options = options_for(folder / "in", folder / "out",
                                   "max_bad: 1\nclean: {duplicates: true}\nsink: {layout: webdataset}\nsteps:\n  - cutmix\n");
  options.recipe.augment.times = 20;
  run(options);
  std::set<std::string> partners;
  for (const LineageRecord& record : copies_in(folder / "out")) {
    EXPECT_EQ(record.split, "train");
    partners.insert(record.program.steps.at(0).partners.at(0).source);
  }
  const std::set<std::string> expected{"train/cat/000.jpg", "train/cat/001.jpg", "train/cat/002.jpg", "train/cat/003.jpg",
                                       "train/dog/000.jpg", "train/dog/001.jpg", "train/dog/003.jpg"};
  EXPECT_EQ(partners, expected);
}

TEST(Mix, AlonePictureIsItsOwnPartner) {
  TestFolder folder;
  write_image(folder / "in" / "one.png", picture(1));
  JobOptions options = options_for(folder / "in", folder / "out", "steps:\n  - mixup: {share: 0.25}\n");
  run(options);
  EXPECT_EQ(copies_in(folder / "out").at(0).program.steps.at(0).partners.at(0).source, "one.png");
  EXPECT_TRUE(same_pixels(decode_whole(load_source_file(folder / "out" / "one_aug1.png")).view(), picture(1).view()));
}

TEST(Mix, SharesBecomeWeights) {
  TestFolder folder;
  write_classes(folder / "in", {"cat", "dog"}, 3);
  const auto weights_with = [&](const std::string& name, const std::string& steps) {
    JobOptions options = options_for(folder / "in", folder / name, "sink: {layout: webdataset}\nsteps:\n  - resize: {width: 48, height: 40}\n" + steps);
    run(options);
    std::map<std::string, std::vector<std::pair<std::string, double>>> weights;
    for (const LineageRecord& record : copies_in(folder / name)) weights[record.source] = record.weights;
    return weights;
  };
  using Weights = std::vector<std::pair<std::string, double>>;
  EXPECT_EQ(weights_with("mixup", "  - mixup: {share: 0.7, partners: other_class}\n").at("cat/000.jpg"), (Weights{{"cat", 0.7}, {"dog", 0.3}}));
  // 48×40 px: a box of half the sides about the corner (0, 0) leaves a quarter of itself, 12×10 px of 1920.
  EXPECT_EQ(weights_with("cutmix", "  - cutmix: {share: 0.75, at_x: 0, at_y: 0, partners: other_class}\n").at("dog/001.jpg"),
            (Weights{{"cat", 0.0625}, {"dog", 0.9375}}));
  // The left half is cut away: of the box 12×20 px in the middle of the right half nothing is lost, of the rest half.
  const Weights cut = weights_with("cut", "  - cutmix: {share: 0.75, at_x: 0.75, at_y: 0.5, partners: other_class}\n"
                                          "  - crop: {x: 24, y: 0, width: 24, height: 40}\n").at("cat/002.jpg");
  ASSERT_EQ(cut.size(), 2U);
  EXPECT_NEAR(cut[1].second, 24.0 * 20 / (24 * 40), 2e-5);
  // Of one class again: nothing to weigh.
  EXPECT_EQ(weights_with("same", "  - cutmix: {partners: same_class}\n").at("cat/000.jpg"), Weights{});
}

/// The cell of a copy in the manifest that a job made of three pictures labelled so.
std::string cell_after_mixup(const TestFolder& folder, const std::string& name, const std::string& header, const std::vector<std::string>& labels) {
  std::string csv = "file," + header + "\n";
  for (std::size_t i = 0; i < labels.size(); ++i) {
    write_image(folder / name / (std::to_string(i) + ".png"), picture(static_cast<int>(i)));
    csv += std::to_string(i) + ".png," + labels[i] + "\n";
  }
  write_text(folder / name / "labels.csv", csv);
  JobOptions options = options_for(folder / name, folder / (name + "_out"), "augment: {times: 1}\nsteps:\n  - mixup: {share: 0.75}\n");
  run(options);
  for (const std::string& line : lines_of(folder / (name + "_out") / "labels.csv"))
    if (line.starts_with("0_aug1.png,")) return line.substr(line.find(',') + 1);
  return "no line";
}

TEST(Mix, ManifestsHoldSharesAndMeans) {
  TestFolder folder;
  EXPECT_EQ(cell_after_mixup(folder, "classes", "label", {"cat", "dog"}), "cat:0.75;dog:0.25");
  EXPECT_EQ(cell_after_mixup(folder, "several", "label", {"cat;owl", "dog;owl"}), "cat:0.75;dog:0.25;owl:1.0");
  EXPECT_EQ(cell_after_mixup(folder, "numbers", "target", {"2.5", "4.5"}), "3");
}

TEST(Mix, ClassFoldersRefuseSharesAtTheStart) {
  TestFolder folder;
  write_classes(folder / "in", {"cat", "dog"}, 2);
  const std::string error = error_of(options_for(folder / "in", folder / "out", "steps:\n  - mixup\n"));
  EXPECT_NE(error.find("class folders cannot hold shares of classes"), std::string::npos) << error;
  EXPECT_NE(error.find("npz or webdataset"), std::string::npos) << error;
  EXPECT_FALSE(fs::exists(folder / "out"));
  run(options_for(folder / "in", folder / "out", "steps:\n  - mixup: {partners: same_class}\n  - smote_pixels\n"));
  EXPECT_TRUE(fs::exists(folder / "out" / "cat" / "000_aug1.jpg"));
}

TEST(Mix, ClassesAreNeededWhereTheyAreAskedFor) {
  TestFolder folder;
  for (int i = 0; i < 3; ++i) write_image(folder / "in" / (std::to_string(i) + ".png"), picture(i));
  const std::string error = error_of(options_for(folder / "in", folder / "out", "steps:\n  - mixup: {partners: other_class}\n"));
  EXPECT_EQ(error.rfind("test.yaml:3:5: mixup: partners: other_class needs samples with classes, and this dataset has no labels", 0), 0U) << error;
}

TEST(Mix, StandsOnTopOrInAChoiceThere) {
  const auto error_in = [](const std::string& steps) {
    try {
      recipe::parse("leaven: 1\nsteps:\n" + steps, ops::op_table(), "test.yaml");
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(error_in("  - one_of: [mixup, cutmix]\n  - mosaic: {p: 0.5}\n"), "");
  const std::string error = error_in("  - sequence:\n    - horizontal_flip\n    - mixup\n");
  EXPECT_EQ(error.rfind("test.yaml:5:7: mixup: takes other samples, and must stand at the top level of the steps", 0), 0U) << error;
  EXPECT_NE(error_in("  - sequence:\n    - one_of: [mixup, hue]\n"), "");
}

TEST(Mix, PartnersGoThroughTheStepsBefore) {
  TestFolder folder;
  write_classes(folder / "in", {"cat", "dog"}, 3);
  JobOptions options = options_for(folder / "in", folder / "out",
                                   "sink: {layout: npz}\naugment: {originals: none}\nsteps:\n"
                                   "  - resize: {width: 20, height: 16}\n  - brightness: {by: {uniform: [0.5, 1.5]}}\n  - cutmix\n"
                                   "  - mixup\n  - invert\n");
  run(options);
  for (const LineageRecord& record : copies_in(folder / "out")) {
    ASSERT_EQ(record.program.steps.size(), 5U);
    const ProgramStep &cutmix = record.program.steps[2], &mixup = record.program.steps[3];
    for (const ProgramStep* step : {&cutmix, &mixup}) {
      ASSERT_EQ(step->partners.at(0).steps.size(), 2U);  // of the steps before, none that mixes
      EXPECT_EQ(step->partners[0].steps[1].path, "brightness");
    }
    const auto by = [](const std::vector<ProgramStep>& steps) { return as_number(steps.at(1).op.get("by")); };
    EXPECT_NE(by(cutmix.partners[0].steps), by(record.program.steps));
    EXPECT_NE(by(cutmix.partners[0].steps), by(mixup.partners[0].steps));
    double sum = 0;
    for (const auto& [label, weight] : record.weights) sum += weight;
    EXPECT_NEAR(sum, record.weights.empty() ? 0 : 1, 1e-9);
  }
}

constexpr const char* kSteps =
    "steps:\n  - resize: {width: 30, height: 26}\n  - horizontal_flip: {p: 0.5}\n  - one_of: [mixup, cutmix, fmix]\n  - gridmix: {p: 0.3}\n  - rotate: {degrees: "
    "{uniform: [-20, 20]}}\n  - augmix: {p: 0.3}\n";

TEST(Mix, TheSameBytesForAnyThreads) {
  TestFolder folder;
  write_classes(folder / "in", {"cat", "dog", "owl"}, 4);
  for (const int threads : {1, 2, 8}) {
    JobOptions options = options_for(folder / "in", folder / std::to_string(threads), std::string("sink: {layout: npz}\naugment: {times: 3, originals: none}\n") + kSteps);
    options.threads = threads;
    run(options);
  }
  EXPECT_EQ(tree_of(folder / "1"), tree_of(folder / "2"));
  EXPECT_EQ(tree_of(folder / "1"), tree_of(folder / "8"));
}

class MixRuns : public testing::TestWithParam<std::string> {
 protected:
  MixRuns() { write_classes(folder_ / "in", {"cat", "dog"}, 8); }
  JobArguments arguments(const std::string& out, std::initializer_list<std::string> more) const {
    JobArguments list{"in=" + (folder_ / "in").string(), "out=" + (folder_ / out).string(), "threads=2", "times=2",
                      "recipe=leaven: 1\naugment: {originals: none}\nsink: {layout: " + GetParam() + "}\n" + kSteps};
    list.insert(list.end(), more.begin(), more.end());
    return list;
  }
  TestFolder folder_;
};

TEST_P(MixRuns, ShardsJoinToTheWhole) {
  ASSERT_EQ(run_job_process(arguments("whole", {})), 0);
  for (const char* shard : {"shard=1/3", "shard=2/3", "shard=3/3"}) ASSERT_EQ(run_job_process(arguments("shards", {shard})), 0);
  ASSERT_EQ(run_job_process(arguments("shards", {"merge"})), 0);
  EXPECT_EQ(tree_of(folder_ / "whole"), tree_of(folder_ / "shards"));
}

TEST_P(MixRuns, AKilledRunGoesOnToTheSameBytes) {
  const auto whole = time_of(arguments("whole", {}));
  std::mt19937 random(5);
  int killed = 0;
  for (int round = 0; round < 3; ++round) {
    const std::string out = "killed" + std::to_string(round);
    ASSERT_EQ(kill_until_done(arguments(out, {"resume"}), whole, random, killed), 0) << out;
    EXPECT_EQ(tree_of(folder_ / "whole"), tree_of(folder_ / out));
  }
  EXPECT_GE(killed, 1);  // a run quicker than the one timed ends before its kill comes
}

TEST_P(MixRuns, ReplayMakesTheSameBytesAndRefusesAChangedPartner) {
  ASSERT_EQ(run_job_process(arguments("out", {})), 0);
  const recipe::Source source{.path = (folder_ / "in").string()};
  const std::vector<LineageRecord> copies = copies_in(folder_ / "out");
  for (const LineageRecord& record : copies) EXPECT_TRUE(replay(record, source).same_digest) << record.id;
  std::string partner;
  for (const ProgramStep& step : copies.at(0).program.steps)
    if (!step.partners.empty()) partner = step.partners[0].source;
  write_image(folder_ / "in" / partner, picture(99));
  try {
    replay(copies.at(0), source);
    ADD_FAILURE() << "a changed partner";
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::data);
    EXPECT_NE(std::string(error.what()).find(partner), std::string::npos) << error.what();
  }
}

INSTANTIATE_TEST_SUITE_P(Layouts, MixRuns, testing::Values("npz", "webdataset"), [](const auto& p) { return p.param; });

}  // namespace
}  // namespace leaven::flow
