// Generators that begin with the numbers of others.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "core/error.hpp"
#include "learn/generate/generate.hpp"
#include "learn/torch/image_kinds.hpp"
#include "learn/torch/parameters.hpp"
#include "tests/learn/small_data.hpp"

namespace leaven::learn {
namespace {

const std::atomic<bool> kGoOn{false};

TEST(Parameters, BeginWithTheNumbersOfTheirClassesAndNewOnesWithTheMean) {
  const auto made = [](std::int64_t classes) {
    Parameters p(Key{1, static_cast<std::uint64_t>(classes)});
    p.add("shared", uniforms(p.key_of("shared"), 0, {3}));
    p.belongs_to_classes(p.add("told", uniforms(p.key_of("told"), 0, {2, 1 + classes})), 1, 1);
    p.belongs_to_classes(p.add("gains", uniforms(p.key_of("gains"), 0, {classes, 4})), 0, 0);
    return p;
  };
  const Parameters two = made(2);
  Parameters three = made(3);
  Beginning from{.tensors = {}, .classes_there = 2, .classes = {1, std::nullopt, 0}};
  two.save(from.tensors);
  three.begin_from(from);
  EXPECT_TRUE(torch::equal(three.w(0), two.w(0)));
  EXPECT_TRUE(torch::equal(three.w(1).select(1, 0), two.w(1).select(1, 0)));
  EXPECT_TRUE(torch::equal(three.w(1).select(1, 1), two.w(1).select(1, 2)));
  EXPECT_TRUE(torch::allclose(three.w(1).select(1, 2), (two.w(1).select(1, 1) + two.w(1).select(1, 2)) / 2));
  EXPECT_TRUE(torch::equal(three.w(2)[2], two.w(2)[0]));
  EXPECT_TRUE(torch::allclose(three.w(2)[1], two.w(2).mean(0)));
  EXPECT_TRUE(three.w(1).requires_grad());
  from.classes_there = 4;
  EXPECT_THROW(three.begin_from(from), Error);
}

/// Folders left/ and right/ of 30 bars each, and generators of them.
class Begin : public testing::Test {
 protected:
  Begin() { write_bars(scratch_ / "bars", 30); }
  Fitted fit(const std::string& out, FitOptions options = {}) {
    if (options.data.empty()) options.data = scratch_ / "bars";
    options.out = scratch_ / out;
    options.threads = 1;
    return fit_images(options, image_kinds(), {}, kGoOn);
  }
  nlohmann::json card(const std::string& out) const { return nlohmann::json::parse(read_text(scratch_ / (out + "/generator.json"))); }
  std::string refusal(const FitOptions& options) {
    try {
      fit("refused", options);
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::usage);
      return error.message();
    }
    return "it was fitted";
  }
  bool any_note(const Fitted& fitted, const std::string& words) const {
    return std::ranges::any_of(fitted.notes, [&](const std::string& note) { return note.find(words) != std::string::npos; });
  }
  ScratchFolder scratch_{};
};

class EveryKindBegins : public Begin, public testing::WithParamInterface<const char*> {};

TEST_P(EveryKindBegins, WithAnotherGenerator) {
  const std::string kind = GetParam();
  fit("first", {.kind = kind, .steps = kind == "flow" ? 30U : 60U});
  // Other classes, under other names and numbers: "a" is new, "right" is known.
  std::filesystem::create_directories(scratch_ / "more/a");
  for (int i = 0; i < 20; ++i) {
    write_png(scratch_ / ("more/a/" + std::to_string(i) + ".png"), bar_picture(i % 2 == 0, 200 + i));
    std::filesystem::create_directories(scratch_ / "more/right");
    write_png(scratch_ / ("more/right/" + std::to_string(i) + ".png"), bar_picture(true, 300 + i));
  }
  const Fitted begun = fit("begun", {.data = scratch_ / "more", .steps = 5, .from = scratch_ / "first"}), alone = fit("alone", {.data = scratch_ / "more", .kind = kind, .steps = 5});
  EXPECT_EQ(begun.kind, kind);
  EXPECT_TRUE(any_note(begun, "fitted on bars with 2 classes, of which 1 of the 2 here is known")) << begun.notes.front();
  EXPECT_EQ(card("begun")["begun_with"]["hash"], load_generator(scratch_ / "first").hash);
  EXPECT_EQ(card("begun")["begun_with"]["classes"], (std::vector<std::string>{"left", "right"}));
  EXPECT_FALSE(card("alone").contains("begun_with"));
  // Five steps are too few to learn anything, but not to keep it: the side on which the class is, or, of kinds that have not learnt
  // that much in so few, the numbers themselves.
  const SavedGenerator first = load_generator(scratch_ / "first");
  const auto way_from_first = [&](const std::string& name) {
    const SavedGenerator saved = load_generator(scratch_ / name);
    double sum = 0;
    for (const Tensor& tensor : first.tensors.all()) {
      if (tensor.floats.empty()) continue;
      const std::vector<float>& now = saved.tensors.floats(tensor.name, tensor.floats.size());
      for (std::size_t i = 0; i < now.size(); ++i) sum += std::pow(now[i] - tensor.floats[i], 2);
    }
    return std::sqrt(sum);
  };
  const auto lean = [&](const std::string& name) {
    const SavedGenerator saved = load_generator(scratch_ / name);
    const std::vector<float> made = kind_named(image_kinds(), kind).load(saved, {12, 12, 1}, 2)->draw(1, 0, 0, 32);
    double sum = 0;
    for (std::size_t i = 0; i < made.size(); ++i) sum += (i % 12 >= 6 ? 1 : -1) * made[i];
    return sum / static_cast<double>(made.size());
  };
  if (kind == "flow" || kind == "wgan_gp") EXPECT_LT(way_from_first("begun"), way_from_first("alone") / 2);
  else EXPECT_GT(lean("begun"), lean("alone") + 0.03);
}

INSTANTIATE_TEST_SUITE_P(Kinds, EveryKindBegins, testing::Values("cvae", "conv_cvae", "flow", "gan", "gan_r1", "wgan_gp"));

TEST_F(Begin, WithPicturesWithoutClassesButNeverWithThoseThatAreHeldOut) {
  std::filesystem::create_directories(scratch_ / "flat");
  for (int i = 0; i < 40; ++i) write_png(scratch_ / ("flat/" + std::to_string(i) + ".png"), bar_picture(i % 2 == 0, 700 + i));
  for (const auto& entry : std::filesystem::directory_iterator(scratch_ / "bars/left")) std::filesystem::copy(entry.path(), scratch_ / ("flat/copy_" + entry.path().filename().string()));
  const Fitted with = fit("with", {.kind = "cvae", .steps = 100, .pretrain = scratch_ / "flat"}), without = fit("without", {.kind = "cvae", .steps = 100});
  EXPECT_EQ(card("with")["begun_with"]["pictures"], 64);  // 40 and those 24 of 30 copies that are not held out
  EXPECT_TRUE(any_note(with, "6 pictures of flat are held out here"));
  EXPECT_TRUE(any_note(with, "learnt first from 64 pictures of flat, without classes"));
  EXPECT_LT(card("with")["loss"][0][1], card("without")["loss"][0][1]);
  EXPECT_EQ(card("with")["loss"].size(), card("without")["loss"].size());
  EXPECT_EQ(load_generator(scratch_ / "with").tensors.all().size(), load_generator(scratch_ / "without").tensors.all().size());
}

TEST_F(Begin, OnlyWithWhatFits) {
  fit("first", {.kind = "cvae", .steps = 5});
  EXPECT_NE(refusal({.kind = "flow", .steps = 5, .from = scratch_ / "first"}).find("is a generator of kind cvae, and one of kind flow"), std::string::npos);
  EXPECT_NE(refusal({.kind = "pca", .pretrain = scratch_ / "bars"}).find("has no steps of training"), std::string::npos);
  EXPECT_NE(refusal({.steps = 5, .side = 16, .from = scratch_ / "first"}).find("makes grey pictures of 12×12 px, and these are grey pictures of 16×16 px"), std::string::npos);
  EXPECT_NE(refusal({.seed = 1, .steps = 5, .from = scratch_ / "first"}).find("has seen what is to be held out now"), std::string::npos);
  EXPECT_EQ(refusal({.steps = 5, .from = scratch_ / "first"}), "it was fitted");  // the same part of the same data
  std::string series;
  for (int i = 0; i < 20; ++i) series += (i % 2 == 0 ? "1" : "2") + std::string("\t1\t2\t3\t4\t5\t6\t7\t8\t9\t1\t1\t") + std::to_string(i) + "\n";
  write_text(scratch_ / "s.tsv", series);
  const auto fit_series = [&](const FitOptions& options) { return fit_images(options, series_kinds(), {}, kGoOn); };
  EXPECT_THROW(fit_series({.data = scratch_ / "s.tsv", .out = scratch_ / "s", .steps = 5, .pretrain = scratch_ / "bars"}), Error);
  fit_series({.data = scratch_ / "s.tsv", .out = scratch_ / "s", .steps = 5});
  EXPECT_EQ(fit_series({.data = scratch_ / "s.tsv", .out = scratch_ / "s2", .steps = 5, .from = scratch_ / "s"}).kind, "series_vae");
  EXPECT_THROW(fit_images({.data = scratch_ / "bars", .out = scratch_ / "x", .from = scratch_ / "s"}, image_kinds(), {}, kGoOn), Error);
}

}  // namespace
}  // namespace leaven::learn
