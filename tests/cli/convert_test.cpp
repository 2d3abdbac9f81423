// `leaven convert`, and marked images through whole jobs: shards, resuming, verifying.
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "tests/cli/program.hpp"
#include "tests/cli/samples.hpp"

namespace leaven::cli {
namespace {

namespace fs = std::filesystem;

void write_yolo(const ScratchFolder& folder) {
  for (int i = 0; i < 6; ++i) {
    const std::string place = (i < 4 ? "train/" : "val/") + std::to_string(i);
    write_picture_file(folder / ("in/images/" + place + ".png"), drawn_picture(i));
    if (i != 3)
      write_text_file(folder / ("in/labels/" + place + ".txt"),
                      "1 0.5 0.5 0.25 0.5\n0 0.2 0.3 0.1 0.1" + std::to_string(i) + "\n");
  }
  write_text_file(folder / "in/data.yaml", "train: images/train\nval: images/val\nnames: [cat, dog]\n");
}

/// Everything but reports and job files, which tell times.
std::map<std::string, std::string> dataset_in(const std::string& out) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(out)) {
    const std::string name = fs::path(entry.path()).lexically_relative(out);
    if (entry.is_regular_file() && !name.starts_with("leaven.job") && !name.starts_with("leaven.report") &&
        !name.starts_with("leaven.recipe"))
      files[name] = read_text_file(entry.path());
  }
  return files;
}

TEST(Convert, YoloToCocoKeepsEveryByteOfImages) {
  const ScratchFolder folder;
  write_yolo(folder);
  const Outcome outcome = run_leaven({"convert", folder / "in", "-o", folder / "out", "--layout", "coco", "--quiet"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(read_text_file(folder / "out/images/train/2.png"), read_text_file(folder / "in/images/train/2.png"));
  const auto json = nlohmann::json::parse(read_text_file(folder / "out/annotations/instances_train.json"));
  EXPECT_EQ(json["images"].size(), 4U);
  EXPECT_EQ(json["annotations"].size(), 6U);
  EXPECT_EQ(json["annotations"][0]["bbox"], (nlohmann::json{15, 8, 10, 16}));
  const Outcome verified = run_leaven({"verify", folder / "out"});
  EXPECT_EQ(verified.code, 0) << verified.out << verified.err;
  const Outcome back = run_leaven({"convert", folder / "out", "-o", folder / "back", "--layout", "yolo", "--quiet"});
  ASSERT_EQ(back.code, 0) << back.err;
  EXPECT_EQ(read_text_file(folder / "back/labels/val/5.txt"), read_text_file(folder / "in/labels/val/5.txt"));
}

TEST(Convert, NeedsALayoutThatCanHoldIt) {
  const ScratchFolder folder;
  write_yolo(folder);
  const Outcome none = run_leaven({"convert", folder / "in", "-o", folder / "out"});
  EXPECT_EQ(none.code, 2);
  EXPECT_TRUE(has(none.err, "convert needs the new layout"));
  const Outcome masks = run_leaven({"convert", folder / "in", "-o", folder / "out", "--layout", "masks"});
  EXPECT_EQ(masks.code, 2);
  EXPECT_TRUE(has(masks.err, "layout masks cannot hold boxes"));
  EXPECT_FALSE(fs::exists(folder / "out/images"));
}

TEST(MarkedJobs, ShardsThreadsAndGrowthMakeTheSameBytes) {
  for (const std::string layout : {"same", "coco", "voc", "labelme"}) {
    const ScratchFolder folder;
    write_yolo(folder);
    const auto augment = [&](const std::string& out, std::vector<std::string> more) {
      std::vector<std::string> words{"augment", folder / "in", "-o", folder / out, "--layout", layout, "--quiet"};
      words.insert(words.end(), more.begin(), more.end());
      const Outcome outcome = run_leaven(words);
      EXPECT_EQ(outcome.code, 0) << layout << ": " << outcome.err;
    };
    augment("one", {"--times", "3", "--threads", "1"});
    augment("four", {"--times", "3", "--threads", "4"});
    EXPECT_EQ(dataset_in(folder / "four"), dataset_in(folder / "one")) << layout;
    augment("grown", {"--times", "1"});
    augment("grown", {"--times", "3", "--resume"});
    EXPECT_EQ(dataset_in(folder / "grown"), dataset_in(folder / "one")) << layout;
    for (const char* shard : {"1/3", "2/3", "3/3"}) augment("shards", {"--times", "3", "--shard", shard});
    const Outcome merged = run_leaven({"merge", folder / "shards", "--quiet"});
    EXPECT_EQ(merged.code, 0) << merged.err;
    EXPECT_EQ(dataset_in(folder / "shards"), dataset_in(folder / "one")) << layout;
    augment("one", {"--times", "1", "--overwrite"});
    augment("fresh", {"--times", "1"});
    EXPECT_EQ(dataset_in(folder / "one"), dataset_in(folder / "fresh"))
        << layout << ": nothing of the earlier run is left";
  }
}

}  // namespace
}  // namespace leaven::cli
