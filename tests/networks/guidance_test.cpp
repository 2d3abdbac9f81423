// Generators that go past what they would draw without a class.
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "core/error.hpp"
#include "learn/generate/gate_file.hpp"
#include "learn/generate/generate.hpp"
#include "learn/torch/image_kinds.hpp"
#include "learn/torch/picture_classifier.hpp"
#include "tests/cli/program.hpp"
#include "tests/learn/small_data.hpp"

namespace leaven::learn {
namespace {

const std::atomic<bool> kGoOn{false};

/// Folders left/ and right/ of bars on that side, and a generator of them in gen/.
class Guidance : public testing::Test {
 protected:
  Guidance() { write_bars(scratch_ / "bars", 40); }
  Fitted fit(const FitOptions& options) {
    FitOptions all = options;
    all.data = scratch_ / "bars", all.out = scratch_ / "gen", all.threads = 1, all.overwrite = true;
    return fit_images(all, image_kinds(), {}, kGoOn);
  }
  std::vector<float> drawn(std::uint32_t label, std::optional<double> guidance) const {
    return kind_named(image_kinds(), "flow").load(load_generator(scratch_ / "gen", guidance), {12, 12, 1}, 2)->draw(label, 0, 0, 64);
  }
  /// How much brighter pictures of "right" are on the right than those of "left" are.
  double apart(std::optional<double> guidance) const {
    double sum = 0;
    for (std::uint32_t label = 0; label < 2; ++label) {
      const std::vector<float> made = drawn(label, guidance);
      for (std::size_t i = 0; i < made.size(); ++i) sum += (label == 1 ? 1 : -1) * (i % 12 >= 6 ? 1 : -1) * made[i] / static_cast<double>(made.size());
    }
    return sum;
  }
  ScratchFolder scratch_{};
};

TEST_F(Guidance, TakesPicturesFartherTowardsTheirClass) {
  fit({.kind = "flow", .steps = 60, .guidance = 2});
  const double without = apart(0), plain = apart(1), guided = apart(2), far = apart(4);
  EXPECT_LT(std::abs(without), plain / 2);
  EXPECT_GT(guided, plain + 0.01);
  EXPECT_GT(far, guided + 0.01);
  EXPECT_EQ(drawn(1, std::nullopt), drawn(1, 2));  // as it was fitted
}

TEST_F(Guidance, OfOneIsAFitLikeAnyOther) {
  fit({.kind = "flow", .steps = 5});
  const SavedGenerator plain = load_generator(scratch_ / "gen");
  fit({.kind = "flow", .steps = 5, .guidance = 1});
  EXPECT_EQ(load_generator(scratch_ / "gen").hash, plain.hash);
  EXPECT_FALSE(plain.card.contains("guidance"));
  EXPECT_THROW(load_generator(scratch_ / "gen", 2), Error);
  EXPECT_THROW(fit({.kind = "cvae", .steps = 5, .guidance = 2}), Error);
}

TEST_F(Guidance, HasAVerdictOfItsOwn) {
  // Of a kind that draws at once and heeds no guidance: what is tested is who remembers which it was.
  fit({.kind = "pca", .held_out = 0.5});
  SavedGenerator saved = load_generator(scratch_ / "gen");
  saved.card["guidance"] = 2;
  save_generator(scratch_ / "gen", saved);
  check_images({.generator = scratch_ / "gen", .data = scratch_ / "bars", .threads = 2, .steps = 5, .seeds = 2, .guidance = 3}, image_kinds(), picture_classifier(), kGoOn);
  const auto verdict = [&](std::optional<double> guidance) { return gate_of(scratch_ / "gen", load_generator(scratch_ / "gen", guidance)).word; };
  EXPECT_EQ(verdict(3), kRefused);  // trainings of five steps show no gain
  EXPECT_EQ(verdict(2), kUnchecked);
  EXPECT_EQ(verdict(std::nullopt), kUnchecked);
  const SampleOptions draw{.generator = scratch_ / "gen", .out = scratch_ / "more", .per_class = 2, .guidance = 3};
  EXPECT_THROW(sample_images(draw, image_kinds(), kGoOn), Error);
  sample_images({.generator = scratch_ / "gen", .out = scratch_ / "more", .per_class = 2, .force = true, .guidance = 3}, image_kinds(), kGoOn);
  EXPECT_TRUE(cli::has(read_text(scratch_ / "more/leaven.lineage.jsonl"), R"("condition":{"class":"left","guidance":3.0})"));
}

TEST_F(Guidance, IsRefusedWhereItMakesNoSense) {
  const auto refusal = [&](std::vector<std::string> words) {
    words.insert(words.begin(), "generate");
    const cli::Outcome outcome = cli::run_leaven(words);
    EXPECT_EQ(outcome.code, 2) << outcome.out;
    return outcome.err;
  };
  const std::string data = scratch_ / "bars", gen = scratch_ / "gen";
  EXPECT_TRUE(cli::has(refusal({"fit", "--data", data, "-o", gen, "--kind", "flow", "--guidance", "0.5"}), "--guidance of a fit must be at least 1"));
  EXPECT_TRUE(cli::has(refusal({"fit", "--data", data, "-o", gen, "--kind", "flow", "--guidance", "far"}), "--guidance must be a number in [0, 20], got far"));
  EXPECT_TRUE(cli::has(refusal({"fit", "--data", data, "-o", gen, "--kind", "gan", "--guidance", "2"}), "--guidance is not for gan"));
  fit({.kind = "pca"});
  EXPECT_TRUE(cli::has(refusal({"sample", gen, "-o", scratch_ / "more", "--guidance", "2"}), "was fitted without guidance"));
}

}  // namespace
}  // namespace leaven::learn
