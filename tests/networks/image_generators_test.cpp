// Generators of pictures that libtorch trains.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/value.hpp"
#include "learn/torch/image_kinds.hpp"
#include "learn/torch/picture_classifier.hpp"

namespace leaven::learn {
namespace {

const std::atomic<bool> kGoOn{false};

/// Class 0 is bright above, class 1 below; how bright differs from picture to picture.
ImageData halves(int width, int height, int channels) {
  ImageData data{.shape = {width, height, channels}, .classes = {"above", "below"}};
  for (std::uint32_t i = 0; i < 80; ++i) {
    const auto bright = static_cast<float>(0.6 + 0.4 * draw_unit(Key{1, 2}, i));
    std::vector<float> picture;
    for (int c = 0; c < channels; ++c)
      for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x) picture.push_back((2 * y < height) == (i % 2 == 0) ? bright : 0.05f);
    data.add(picture, i % 2, std::to_string(i));
  }
  return data;
}

std::unique_ptr<ImageModel> fitted(const ImageKind& kind, const ImageData& data, std::uint32_t steps, std::uint64_t seed = 0) {
  std::vector<std::string> notes;
  const FitWatch watch = [](const FitProgress&) {};
  return kind.fit({data, nullptr, seed, steps, watch, kGoOn, notes});
}

double leaning(std::span<const float> picture) {
  double sum = 0;
  for (std::size_t i = 0; i < picture.size(); ++i) sum += (2 * i < picture.size() ? 1 : -1) * picture[i];
  return sum / static_cast<double>(picture.size());
}

class EveryImageGenerator : public testing::TestWithParam<const char*> {
 protected:
  ImageKind kind() const { return kind_named(kinds_, GetParam()); }
  std::vector<ImageKind> kinds_{image_kinds()};
};

TEST_P(EveryImageGenerator, LearnsWhatTellsClassesApart) {
  const ImageData data = halves(8, 8, 1);
  const auto model = fitted(kind(), data, kind().name == "cvae" ? 150 : kind().name == "gan" || kind().name == "gan_r1" ? 200 : 80);
  for (std::uint32_t label = 0; label < 2; ++label) {
    const std::vector<float> made = model->draw(label, 0, 0, 16);
    for (std::size_t i = 0; i < 16; ++i) EXPECT_GT((label == 0 ? 1 : -1) * leaning(std::span(made).subspan(i * 64, 64)), 0.1) << label << " " << i;
    for (const float v : made) EXPECT_TRUE(v >= 0 && v <= 1);
  }
}

TEST_P(EveryImageGenerator, EqualSeedsGiveEqualBitsHoweverManyAreAskedFor) {
  const ImageData data = halves(8, 8, 1);
  const auto a = fitted(kind(), data, 3), b = fitted(kind(), data, 3), c = fitted(kind(), data, 3, 1);
  const std::vector<float> all = a->draw(1, 4, 0, 75);
  EXPECT_EQ(b->draw(1, 4, 0, 75), all);
  EXPECT_EQ(a->draw(1, 4, 62, 10), (std::vector<float>(all.begin() + 62 * 64, all.begin() + 72 * 64)));
  EXPECT_NE(a->draw(1, 5, 0, 75), all);
  EXPECT_NE(c->draw(1, 4, 0, 75), all);
}

TEST_P(EveryImageGenerator, SavedAndLoadedItDrawsTheSame) {
  const ImageData data = halves(8, 8, 1);
  const auto model = fitted(kind(), data, 5);
  SavedGenerator saved;
  model->save(saved);
  const SavedGenerator read{.tensors = from_safetensors(to_safetensors(saved.tensors))};
  EXPECT_EQ(kind().load(read, data.shape, 2)->draw(0, 1, 0, 3), model->draw(0, 1, 0, 3));
  EXPECT_THROW(kind().load(read, {9, 8, 1}, 3), Error);
  EXPECT_THROW(kind().load(SavedGenerator{}, data.shape, 2), Error);
}

TEST_P(EveryImageGenerator, TakesOddSizesAndColours) {
  for (const auto& [width, height, channels] : {std::tuple(7, 5, 3), std::tuple(1, 1, 1), std::tuple(13, 4, 1)}) {
    const ImageData data = halves(width, height, channels);
    EXPECT_EQ(fitted(kind(), data, 3)->draw(1, 0, 0, 2).size(), 2 * data.shape.values());
  }
}

TEST_P(EveryImageGenerator, WalksFromOnePictureToAnother) {
  const ImageData data = halves(8, 8, 1);
  const auto model = fitted(kind(), data, 30);
  const std::vector<float> walk = model->walk(1, 3, 9);
  if (std::string(GetParam()) == "pca") {
    EXPECT_TRUE(walk.empty());
    return;
  }
  ASSERT_EQ(walk.size(), 9 * 64U);
  EXPECT_EQ(model->walk(1, 3, 9), walk);
  const auto apart = [&](std::size_t i, std::size_t j) {
    double sum = 0;
    for (std::size_t v = 0; v < 64; ++v) sum += std::abs(walk[64 * i + v] - walk[64 * j + v]);
    return sum;
  };
  // No step is a jump: none is as long as the way from end to end and half of it.
  for (std::size_t i = 0; i + 1 < 9; ++i) EXPECT_LT(apart(i, i + 1), 0.75 * (apart(0, 4) + apart(4, 8)) + 1e-6) << i;
  EXPECT_GT(apart(0, 8), 0);
}

TEST_P(EveryImageGenerator, StopsWhenAsked) {
  if (std::string(GetParam()) == "pca") return;  // is there at once
  const std::atomic<bool> stop{true};
  const ImageData data = halves(8, 8, 1);
  std::vector<std::string> notes;
  const FitWatch watch = [](const FitProgress&) {};
  EXPECT_THROW(kind().fit({data, nullptr, 0, 50, watch, stop, notes}), Error);
}

INSTANTIATE_TEST_SUITE_P(ImageGenerators, EveryImageGenerator, testing::Values("cvae", "conv_cvae", "flow", "gan", "wgan_gp", "gan_r1", "deep_smote", "pca"));

std::vector<std::string> notes_of(const char* kind, const ImageData& data, std::uint32_t steps) {
  std::vector<std::string> notes;
  const FitWatch watch = [](const FitProgress&) {};
  kind_named(image_kinds(), kind).fit({data, nullptr, 0, steps, watch, kGoOn, notes});
  return notes;
}

bool any_holds(const std::vector<std::string>& notes, const std::string& words) {
  return std::ranges::any_of(notes, [&](const std::string& note) { return note.find(words) != std::string::npos; });
}

TEST(Collapse, OfAPosteriorIsSaid) {
  ImageData equal{.shape = {8, 8, 1}, .classes = {"grey", "white"}};
  for (int i = 0; i < 40; ++i) equal.add(std::vector<float>(64, i % 2 ? 0.9f : 0.4f), i % 2, std::to_string(i));
  EXPECT_TRUE(any_holds(notes_of("cvae", equal, 300), "the posterior collapsed"));
  // Black or white as a whole: that much is left to be told.
  ImageData apart{.shape = {8, 8, 1}, .classes = {"either"}};
  for (int i = 0; i < 80; ++i) apart.add(std::vector<float>(64, i % 2 ? 1.0f : 0.0f), 0, std::to_string(i));
  EXPECT_FALSE(any_holds(notes_of("cvae", apart, 300), "collapse"));
}

TEST(DeepSmote, TwoPicturesAreEnoughAndOneIsSaidToBeOne) {
  ImageData data{.shape = {8, 8, 1}, .classes = {"two", "one"}};
  data.add(std::vector<float>(64, 0.2f), 0, "a");
  data.add(std::vector<float>(64, 0.8f), 0, "b");
  data.add(std::vector<float>(64, 0.5f), 1, "c");
  std::vector<std::string> notes;
  const FitWatch watch = [](const FitProgress&) {};
  const auto model = kind_named(image_kinds(), "deep_smote").fit({data, nullptr, 0, 150, watch, kGoOn, notes});
  const std::vector<float> between = model->draw(0, 0, 0, 64), same = model->draw(1, 0, 0, 64);
  float lo = 1, hi = 0;
  for (std::size_t i = 0; i < 64; ++i) {
    lo = std::min(lo, between[64 * i + 27]), hi = std::max(hi, between[64 * i + 27]);
    EXPECT_EQ(same[64 * i + 27], same[27]) << i;
  }
  EXPECT_GT(hi - lo, 0.1);
  EXPECT_TRUE(lo > 0.05 && hi < 0.95) << lo << " " << hi;
  ASSERT_EQ(notes.size(), 1U);
  EXPECT_NE(notes[0].find("class one has 1 picture"), std::string::npos);
}

TEST(SeriesVae, DrawsWhatItDoesNotExplainAsNoise) {
  ImageData data{.shape = {16, 1, 1}, .classes = {"up", "down"}};
  for (std::uint32_t i = 0; i < 120; ++i) {
    std::vector<float> series;
    for (std::uint64_t t = 0; t < 16; ++t) series.push_back(static_cast<float>((i % 2 == 0 ? 0.3 : 0.7) + 0.05 * draw(normal(0, 1), Key{8, 9}, 16 * i + t)));
    data.add(series, i % 2, std::to_string(i));
  }
  std::vector<std::string> notes;
  const FitWatch watch = [](const FitProgress&) {};
  const auto model = kind_named(series_kinds(), "series_vae").fit({data, nullptr, 0, 300, watch, kGoOn, notes});
  for (std::uint32_t label = 0; label < 2; ++label) {
    const std::vector<float> made = model->draw(label, 0, 0, 200);
    double sum = 0, squares = 0;
    for (std::size_t i = 0; i < 200; ++i) sum += made[16 * i + 5], squares += made[16 * i + 5] * made[16 * i + 5];
    EXPECT_NEAR(sum / 200, label == 0 ? 0.3 : 0.7, 0.03);
    EXPECT_NEAR(std::sqrt(squares / 200 - sum / 200 * sum / 200), 0.05, 0.02);
  }
  SavedGenerator saved;
  model->save(saved);
  EXPECT_EQ(kind_named(series_kinds(), "series_vae").load(saved, data.shape, 2)->draw(1, 2, 0, 5), model->draw(1, 2, 0, 5));
}

TEST(PictureClassifier, TellsClassesApartAndShowsItsFeatures) {
  const ImageData data = halves(9, 7, 1);
  const auto one = picture_classifier().make(data.shape, 2, Key{1, 2}), two = picture_classifier().make(data.shape, 2, Key{1, 2});
  for (int step = 0; step < 40; ++step) {
    one->train({data.pixels, data.labels}, 1);
    two->train({data.pixels, data.labels}, 1);
  }
  const std::vector<float> p = one->predict(data.pixels);
  EXPECT_EQ(two->predict(data.pixels), p);
  for (std::size_t i = 0; i < data.size(); ++i) EXPECT_EQ(p[2 * i + 1] > 0.5f, data.labels[i] == 1) << i;
  EXPECT_EQ(one->features(data.pixels).size(), 64 * data.size());
}

TEST(ImageGenerators, WhatIsNoNumberIsTold) {
  ImageData data = halves(8, 8, 1);
  data.pixels[5] = std::numeric_limits<float>::quiet_NaN();
  try {
    fitted(image_kinds().front(), data, 40);
    FAIL() << "it went on";
  } catch (const Error& error) {
    EXPECT_NE(error.message().find("training broke down"), std::string::npos);
  }
}

}  // namespace
}  // namespace leaven::learn
