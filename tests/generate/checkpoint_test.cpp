// What a stopped fit leaves: written and given back, refused where it is of another fit or broken.
#include "learn/generate/checkpoint.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <filesystem>
#include <limits>

#include "core/error.hpp"
#include "learn/generate/training_curve.hpp"
#include "tests/learn/small_data.hpp"

namespace leaven::learn {
namespace {

using Json = nlohmann::ordered_json;

/// A training of one float tensor, a count and a sum.
struct Training {
  std::vector<float> weights{1, 2, 3};
  std::uint32_t step{7};
  std::int64_t seen{-5};
  double sum{0.1};
  bool any{true};
  void walk(Carried& state) {
    state.values("weights", std::span(weights));
    state.value("step", step), state.value("seen", seen), state.value("sum", sum), state.value("any", any);
  }
  bool operator==(const Training&) const = default;
};

class CheckpointFile : public testing::Test {
 protected:
  Checkpoint made(const Json& identity) const { return {folder_, identity}; }
  void write(Training training, Checkpoint& checkpoint, const std::string& machinery = "libtorch") {
    checkpoint.write(machinery, [&](Carried& state) { training.walk(state); });
  }
  Training given_back(Checkpoint& checkpoint, const std::string& machinery = "libtorch") const {
    Training training{{0, 0, 0}, 0, 0, 0, false};
    checkpoint.give_back(machinery, [&](Carried& state) { training.walk(state); });
    return training;
  }
  template <class F>
  std::string refusal(F&& doing, Fault fault) const {
    try {
      doing();
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), fault) << error.what();
      return error.what();
    }
    return "was taken";
  }
  ScratchFolder scratch_{};
  std::filesystem::path folder_{scratch_ / "gen"};
  Json identity_{{"kind", "vae"}, {"seed", 3}, {"steps", 0}, {"recipe", "a"}};
};

TEST_F(CheckpointFile, GivesBackEveryBit) {
  const Training training{{1.0f / 3, -0.0f, std::numeric_limits<float>::denorm_min()}, 4'000'000'000U, -(1LL << 52), 0.1 + 0.2, true};
  TrainingCurve curve, back;
  curve.add({250, 1000, 1.0 / 3}), curve.add({500, 1000, 0.1, 2.0 / 3});
  Checkpoint first = made(identity_);
  EXPECT_FALSE(first.take_up());
  first.carries([&](Carried& state) { curve.carry(state); });
  write(training, first);
  Checkpoint second = made(identity_);
  second.carries([&](Carried& state) { back.carry(state); });
  ASSERT_TRUE(second.take_up());
  EXPECT_TRUE(second.stands_in(FitPart::training));
  const Training again = given_back(second);
  EXPECT_EQ(again, training);
  EXPECT_EQ(std::bit_cast<std::uint32_t>(again.weights[1]), std::bit_cast<std::uint32_t>(-0.0f));
  Json card, card_before;
  back.write(card), curve.write(card_before);
  EXPECT_EQ(card.dump(), card_before.dump());
  EXPECT_EQ(card["validation"].dump(), "[[500,0.6666666666666666]]");
  EXPECT_FALSE(second.stands_in(FitPart::training));  // once
  EXPECT_EQ(given_back(second).step, 0U);
  second.remove();
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

TEST_F(CheckpointFile, BelongsToOnePartOfTheFit) {
  Checkpoint first = made(identity_);
  first.enter(FitPart::pretraining);
  write({}, first);
  Checkpoint second = made(identity_);
  second.take_up();
  EXPECT_TRUE(second.stands_in(FitPart::pretraining));
  EXPECT_EQ(given_back(second).step, 0U);  // the training is another part
  second.enter(FitPart::pretraining);
  EXPECT_EQ(given_back(second).step, 7U);
}

TEST_F(CheckpointFile, OfAnotherFitIsRefusedByWhatDiffers) {
  Checkpoint first = made(identity_);
  write({}, first, "libtorch AVX2");
  const auto taken = [&](Json identity) {
    return refusal([&] { made(identity).take_up(); }, Fault::usage);
  };
  Json other = identity_;
  other["seed"] = 4;
  EXPECT_NE(taken(other).find("holds a fit that was begun with --seed 3, and now it is 4"), std::string::npos);
  other = identity_, other["steps"] = 50;
  EXPECT_NE(taken(other).find("with --steps the usual, and now it is 50"), std::string::npos);
  other = identity_, other["recipe"] = "b";
  EXPECT_NE(taken(other).find("with another recipe"), std::string::npos);
  other = identity_, other["begun_with"] = {{"hash", "1"}};
  EXPECT_NE(taken(other).find("another beginning"), std::string::npos);
  Checkpoint same = made(identity_);
  ASSERT_TRUE(same.take_up());
  EXPECT_NE(refusal([&] { given_back(same, "libtorch AVX512"); }, Fault::usage).find("was begun by libtorch AVX2, and here is libtorch AVX512"), std::string::npos);
}

TEST_F(CheckpointFile, ThatDoesNotFitIsRefused) {
  const auto given = [&](Training training) {
    Checkpoint first = made(identity_);
    write(std::move(training), first);
    Checkpoint second = made(identity_);
    second.take_up();
    return refusal([&] { given_back(second); }, Fault::data);
  };
  EXPECT_EQ(given({}), "was taken");
  EXPECT_NE(given({{1, 2}}).find("is damaged"), std::string::npos);
  EXPECT_NE(given({{1, 2, NAN}}).find("not finite"), std::string::npos);
  EXPECT_NE(given({.sum = INFINITY}).find("not finite"), std::string::npos);
  // Tensors of a training that carries more, or less.
  Checkpoint first = made(identity_);
  Training training;
  double more = 1;
  first.write("libtorch", [&](Carried& state) { training.walk(state), state.value("more", more); });
  Checkpoint second = made(identity_);
  second.take_up();
  EXPECT_NE(refusal([&] { given_back(second); }, Fault::data).find("tensors of another training"), std::string::npos);
  first.write("libtorch", [&](Carried& state) { state.value("step", training.step); });
  Checkpoint third = made(identity_);
  third.take_up();
  EXPECT_NE(refusal([&] { given_back(third); }, Fault::data).find("no tensor weights"), std::string::npos);
  // A number that is none of its type.
  for (const double step : {0.5, -1.0, 5e9}) {
    Tensors tensors;
    tensors.add("step", std::vector<double>{step});
    Carried state(tensors);
    std::uint32_t into = 9;
    EXPECT_NE(refusal([&] { state.value("step", into); }, Fault::data).find("cannot be"), std::string::npos);
    EXPECT_EQ(into, 9U);
  }
}

TEST_F(CheckpointFile, IsLeftAsItWasWhereAnotherCannotBeWritten) {
  Checkpoint first = made(identity_);
  write({}, first);
  const std::string before = read_text(folder_ / kCheckpointFile);
  std::filesystem::create_directories(folder_ / (std::string(kCheckpointFile) + ".next/full"));
  EXPECT_NE(refusal([&] { write({.step = 8}, first); }, Fault::environment).find("--resume goes on"), std::string::npos);
  EXPECT_EQ(read_text(folder_ / kCheckpointFile), before);
}

TEST(Difference, AsksACardOnlyForWhatItSays) {
  const Json card{{"kind", "vae"}, {"seed", 3}, {"loss", {1, 2}}}, asked{{"kind", "vae"}, {"seed", 3}, {"steps", 50}};
  EXPECT_EQ(difference(asked, card), "");
  Json guided = card;
  guided["guidance"] = 2.0;
  EXPECT_EQ(difference(asked, guided), "with --guidance 2.0, and now it is the usual");
  EXPECT_EQ(difference({{"kind", "gan"}, {"seed", 3}}, card), "with --kind vae, and now it is gan");
}

}  // namespace
}  // namespace leaven::learn
