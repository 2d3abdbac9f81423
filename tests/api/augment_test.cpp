// The public door for folders: the job of `leaven augment`, called by a program.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>

#include "core/lineage.hpp"
#include "io/codec.hpp"
#include "leaven/leaven.hpp"
#include "tests/api/refusal.hpp"

namespace leaven {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSteps = "leaven: 1\nseed: 3\nmax_bad: 0.5\nsteps:\n  - rotate: {degrees: {uniform: [-20, 20]}}\n"
                               "  - gaussian_noise: {sigma: 0.05}\n";

class ApiAugment : public testing::Test {
 protected:
  ApiAugment() {
    int number = 0;
    for (const char* label : {"cat", "dog"})
      for (int i = 0; i < 3; ++i) {
        Raster image({.width = 24 + i, .height = 20, .channels = 3});
        for (std::size_t b = 0; b < image.shape().bytes(); ++b)
          image.data()[b] = static_cast<std::byte>(b * static_cast<std::size_t>(++number) / 7);
        const io::Bytes bytes = io::encode(image.view(), {.format = io::ImageFormat::png});
        write(folder_ / "in" / label / (std::to_string(i) + ".png"), bytes);
      }
  }

  static void write(const fs::path& file, io::BytesView bytes) {
    fs::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary).write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  }
  /// Path → digest, but of what holds times.
  std::map<std::string, std::string> tree(const std::string& out) const {
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(folder_ / out)) {
      const std::string name = entry.path().lexically_relative(folder_ / out);
      if (!entry.is_regular_file() || name == "leaven.report.html" || name == "leaven.job.json" || name == "leaven.recipe.yaml") continue;
      std::ostringstream text;
      text << std::ifstream(entry.path(), std::ios::binary).rdbuf();
      files[name] = digest_of(text.str().data(), text.str().size());
    }
    return files;
  }
  AugmentOptions to(const std::string& out) const {
    AugmentOptions options;
    options.in = folder_ / "in";
    options.out = folder_ / out;
    return options;
  }

  TemporaryFolder folder_;
  Recipe recipe_ = Recipe::from_text(kSteps);
};

TEST_F(ApiAugment, MakesTheLargerDataset) {
  write(folder_ / "in" / "dog" / "broken.png", {});
  AugmentOptions options = to("out");
  options.times = 2;
  std::uint64_t last = 0, most = 0;
  const AugmentResult result = augment(recipe_, options, [&](std::uint64_t done, std::uint64_t total) {
    last = done;
    most = total;
    return true;
  });
  EXPECT_LE(last, most);
  EXPECT_EQ(result.sources, 7U);
  EXPECT_EQ(result.outputs, 18U);
  EXPECT_EQ(result.set_aside, (std::map<std::string, std::uint64_t>{{"broken", 1}}));
  EXPECT_EQ(result.report, folder_ / "out" / "leaven.report.html");
  EXPECT_TRUE(fs::exists(result.report));
  const auto files = tree("out");
  EXPECT_TRUE(files.contains("cat/0.png") && files.contains("cat/0_aug1.png") && files.contains("dog/2_aug2.png"));
  EXPECT_EQ(files.size(), 18U + 2U);  // lineage and set aside
}

TEST_F(ApiAugment, AnyNumberOfThreadsMakesTheSameBytes) {
  for (const int threads : {1, 2, 8}) {
    AugmentOptions options = to("out" + std::to_string(threads));
    options.threads = threads;
    augment(recipe_, options);
  }
  EXPECT_EQ(tree("out1"), tree("out2"));
  EXPECT_EQ(tree("out1"), tree("out8"));
}

TEST_F(ApiAugment, AFalseStopsAndResumeGoesOn) {
  AugmentOptions options = to("whole");
  options.times = 20;
  options.threads = 1;
  augment(recipe_, options);
  options.out = folder_ / "stopped";
  const auto stop_when_making = [](std::uint64_t, std::uint64_t total) { return total < 100; };
  EXPECT_NE(refusal([&] { augment(recipe_, options, stop_when_making); },
                    Fault::interrupted).find("interrupted"), std::string::npos);
  EXPECT_LT(tree("stopped").size(), tree("whole").size());
  EXPECT_NE(refusal([&] { augment(recipe_, options); }).find("unfinished run"), std::string::npos);
  options.resume = true;
  augment(recipe_, options);
  EXPECT_EQ(tree("stopped"), tree("whole"));
}

TEST_F(ApiAugment, RefusalsAreErrorsOfTheCaller) {
  EXPECT_NE(refusal([&] { augment(recipe_, to("in/out")); }).find("must lie outside the input"), std::string::npos);
  AugmentOptions nowhere = to("out");
  nowhere.in = folder_ / "nowhere";
  EXPECT_NE(refusal([&] { augment(recipe_, nowhere); }).find("nowhere"), std::string::npos);
  EXPECT_FALSE(fs::exists(folder_ / "out"));
  augment(recipe_, to("out"));
  EXPECT_NE(refusal([&] { augment(recipe_, to("out")); }).find("finished run"), std::string::npos);
  AugmentOptions again = to("out");
  again.overwrite = true;
  again.times = 1;
  EXPECT_EQ(augment(recipe_, again).outputs, 12U);
  EXPECT_FALSE(tree("out").contains("cat/0_aug2.png"));
}

TEST_F(ApiAugment, TheOptionsReplaceWhatTheRecipeAsks) {
  const Recipe total = Recipe::from_text("leaven: 1\naugment: {total: 1000}\nsteps: [invert]\n");
  AugmentOptions options = to("out");
  options.times = 1;
  EXPECT_EQ(augment(total, options).outputs, 12U);
}

}  // namespace
}  // namespace leaven
