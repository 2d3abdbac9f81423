// The public door for single images: what a program that includes nothing but <leaven/leaven.hpp> sees.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "leaven/leaven.hpp"
#include "tests/api/refusal.hpp"

namespace leaven {
namespace {

using Json = nlohmann::json;

Recipe steps(const std::string& list, const std::string& more = "") {
  return Recipe::from_text("leaven: 1\n" + more + "steps:\n" + list);
}

template <class T>
ImageView view_of(const std::vector<T>& pixels, int width, int height, int channels) {
  constexpr PixelType type = sizeof(T) == 1 ? PixelType::u8 : sizeof(T) == 2 ? PixelType::u16 : PixelType::f32;
  return {.data = pixels.data(), .width = width, .height = height, .channels = channels, .type = type};
}

template <class T>
std::vector<T> pixels_of(const Image& image) {
  std::vector<T> pixels(image.data.size() / sizeof(T));
  std::memcpy(pixels.data(), image.data.data(), image.data.size());
  return pixels;
}

std::vector<std::uint8_t> counting(int count) {
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i * 37 + 11);
  return bytes;
}

constexpr const char* kBusy =
    "  - horizontal_flip: {p: 0.5}\n  - rotate: {degrees: {uniform: [-30, 30]}}\n"
    "  - one_of:\n      - gaussian_noise: {sigma: {uniform: [0.01, 0.1]}}\n      - gamma: {gamma: {uniform: [0.5, 2]}}\n";

TEST(ApiApply, PixelsGoThroughTheRecipe) {
  const Recipe flip = steps("  - horizontal_flip\n");
  const std::vector<std::uint8_t> rgb{1, 2, 3, 4, 5, 6, 11, 12, 13, 14, 15, 16};
  const Applied made = flip.apply(view_of(rgb, 2, 2, 3));
  EXPECT_EQ(pixels_of<std::uint8_t>(made.image), (std::vector<std::uint8_t>{4, 5, 6, 1, 2, 3, 14, 15, 16, 11, 12, 13}));
  EXPECT_EQ(made.image.width, 2);
  EXPECT_EQ(made.image.height, 2);
  EXPECT_EQ(made.image.channels, 3);
  EXPECT_EQ(made.image.type, PixelType::u8);
  EXPECT_FALSE(made.image.alpha);

  const std::vector<std::uint16_t> grey{1000, 2000, 65535};
  EXPECT_EQ(pixels_of<std::uint16_t>(flip.apply(view_of(grey, 3, 1, 1)).image), (std::vector<std::uint16_t>{65535, 2000, 1000}));
  const std::vector<float> wide{-1.5f, 0.25f, 7.0f};
  ImageView unbounded = view_of(wide, 3, 1, 1);
  unbounded.bounded = false;
  const Applied kept = flip.apply(unbounded);
  EXPECT_EQ(pixels_of<float>(kept.image), (std::vector<float>{7.0f, 0.25f, -1.5f}));
  EXPECT_FALSE(kept.image.bounded);
  const std::vector<std::uint8_t> grey_alpha{10, 255, 20, 128};
  ImageView with_alpha = view_of(grey_alpha, 2, 1, 2);
  with_alpha.alpha = true;
  const Applied clear = flip.apply(with_alpha);
  EXPECT_EQ(pixels_of<std::uint8_t>(clear.image), (std::vector<std::uint8_t>{20, 128, 10, 255}));
  EXPECT_TRUE(clear.image.alpha);
}

TEST(ApiApply, NoStepsGiveThePixelsBack) {
  const std::vector<std::uint8_t> pixels = counting(5 * 4 * 4);
  ImageView rgba = view_of(pixels, 5, 4, 4);
  rgba.alpha = true;
  const Applied made = Recipe::from_text("leaven: 1\nsteps: []\n").apply(rgba);
  EXPECT_EQ(pixels_of<std::uint8_t>(made.image), pixels);
  EXPECT_EQ(Json::parse(made.steps), Json::array());
}

// Of whole factors, centres lie on the edges of pixels: each belongs to the one that begins there, as in Pillow and torch.
TEST(ApiApply, Case10NearestTakesThePixelUnderTheCentreToTheLastOne) {
  for (const auto& [from, to] : {std::pair{90, 45}, {8, 4}, {200, 50}, {10, 5}, {12, 4}, {300, 120}, {7, 3}, {6, 1}}) {
    std::vector<std::uint8_t> pixels(static_cast<std::size_t>(from * from));
    for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::uint8_t>(i % static_cast<std::size_t>(from) + i / static_cast<std::size_t>(from));
    const Recipe recipe = Recipe::from_text("leaven: 1\nsteps:\n  - resize: {width: " + std::to_string(to) + ", height: " + std::to_string(to) + ", filter: nearest}\n");
    const Applied made = recipe.apply(view_of(pixels, from, from, 1));
    std::vector<std::uint8_t> expected;
    for (int y = 0; y < to; ++y)
      for (int x = 0; x < to; ++x) {
        const int column = (2 * x + 1) * from / (2 * to), row = (2 * y + 1) * from / (2 * to);
        expected.push_back(static_cast<std::uint8_t>(column + row));
      }
    EXPECT_EQ(pixels_of<std::uint8_t>(made.image), expected) << from << " to " << to;
  }
}

TEST(ApiApply, RowsMayHaveGapsOrRunUpwards) {
  const Recipe recipe = steps(kBusy);
  constexpr int kWidth = 7, kHeight = 5, kGap = 13;
  const std::vector<std::uint8_t> packed = counting(kWidth * kHeight * 3);
  std::vector<std::uint8_t> gaps((kWidth * 3 + kGap) * kHeight, 0xEE), upwards(packed.size());
  for (std::size_t y = 0; y < kHeight; ++y) {
    std::memcpy(&gaps[y * (kWidth * 3 + kGap)], &packed[y * kWidth * 3], kWidth * 3);
    std::memcpy(&upwards[(kHeight - 1 - y) * kWidth * 3], &packed[y * kWidth * 3], kWidth * 3);
  }
  ImageView with_gaps = view_of(gaps, kWidth, kHeight, 3), from_below = view_of(upwards, kWidth, kHeight, 3);
  with_gaps.stride = kWidth * 3 + kGap;
  from_below.data = &upwards[(kHeight - 1) * kWidth * 3];
  from_below.stride = -kWidth * 3;
  for (std::uint32_t copy = 1; copy <= 8; ++copy) {
    const DrawKey key{.key = "a.jpg", .copy = copy};
    const Image expected = recipe.apply(view_of(packed, kWidth, kHeight, 3), key).image;
    EXPECT_EQ(recipe.apply(with_gaps, key).image.data, expected.data) << copy;
    EXPECT_EQ(recipe.apply(from_below, key).image.data, expected.data) << copy;
  }
}

TEST(ApiApply, EveryPartOfTheKeyCounts) {
  Recipe recipe = steps(kBusy);
  const std::vector<std::uint8_t> pixels = counting(16 * 16 * 3);
  const ImageView image = view_of(pixels, 16, 16, 3);
  const auto drawn = [&](const DrawKey& key) { return recipe.apply(image, key).steps; };
  const std::string first = drawn({.key = "a"});
  EXPECT_EQ(drawn({.key = "a"}), first);
  EXPECT_EQ(drawn({.key = "a", .label = "cat"}), first) << "only steps with `when:` look at the label";
  EXPECT_NE(drawn({.key = "b"}), first);
  EXPECT_NE(drawn({.key = "a", .copy = 2}), first);
  EXPECT_NE(drawn({.key = "a", .epoch = 1}), first);
  recipe.seed(9);
  EXPECT_EQ(recipe.seed(), 9U);
  EXPECT_NE(drawn({.key = "a"}), first);
}

TEST(ApiApply, StepsHoldEveryValueOfWhatRan) {
  const Recipe recipe = steps("  - rotate: {degrees: {uniform: [-30, 30]}, when: {class: [cat]}}\n  - invert\n");
  const std::vector<std::uint8_t> pixels = counting(9 * 9 * 3);
  const ImageView image = view_of(pixels, 9, 9, 3);
  const Json cat = Json::parse(recipe.apply(image, {.key = "x", .label = "cat"}).steps);
  ASSERT_EQ(cat.size(), 2U);
  EXPECT_EQ(cat[0].at("op"), "rotate");
  EXPECT_EQ(cat[1].at("op"), "invert");
  const Json& values = cat[0].at("values");
  EXPECT_LE(std::abs(values.at("degrees").get<double>()), 30);
  const Json schema = Json::parse(ops_schema());
  EXPECT_NE(schema.dump().find("\"rotate\""), std::string::npos);
  EXPECT_TRUE(values.contains("border")) << "a value that nobody gave: " << values;
  const Json dog = Json::parse(recipe.apply(image, {.key = "x", .label = "dog"}).steps);
  ASSERT_EQ(dog.size(), 1U);
  EXPECT_EQ(dog[0].at("op"), "invert");
}

TEST(ApiApply, OneRecipeServesManyThreads) {
  const Recipe recipe = steps(kBusy);
  const std::vector<std::uint8_t> pixels = counting(64 * 48 * 3);
  const ImageView image = view_of(pixels, 64, 48, 3);
  constexpr std::uint32_t kCopies = 24;
  std::vector<Applied> alone(kCopies);
  for (std::uint32_t c = 0; c < kCopies; ++c) alone[c] = recipe.apply(image, {.key = "s", .copy = c + 1});
  std::vector<std::thread> threads;
  std::vector<int> equal(8, 0);
  for (std::size_t t = 0; t < equal.size(); ++t)
    threads.emplace_back([&, t] {
      for (std::uint32_t k = 0; k < kCopies; ++k) {
        const std::uint32_t c = static_cast<std::uint32_t>(k * 5 + t) % kCopies;  // each thread in another order
        const Applied made = recipe.apply(image, {.key = "s", .copy = c + 1});
        equal[t] += made.image.data == alone[c].image.data && made.steps == alone[c].steps;
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(equal, std::vector<int>(equal.size(), static_cast<int>(kCopies)));
  std::set<std::vector<std::byte>> different;
  for (const Applied& made : alone) different.insert(made.image.data);
  EXPECT_GT(different.size(), kCopies / 2);
}

TEST(ApiApplyChw, PlanesOfTheSameValues) {
  const Recipe recipe = steps("  - horizontal_flip: {p: 0.5}\n  - random_resized_crop: {width: 6, height: 5}\n  - normalize\n");
  const std::vector<std::uint8_t> pixels = counting(20 * 14 * 3);
  const ImageView image = view_of(pixels, 20, 14, 3);
  for (std::uint32_t copy = 1; copy <= 5; ++copy) {
    const DrawKey key{.key = "k", .copy = copy};
    const Applied made = recipe.apply(image, key);
    ASSERT_EQ(made.image.type, PixelType::f32);
    const std::vector<float> interleaved = pixels_of<float>(made.image);
    constexpr float kUntouched = -12345.0f;
    std::vector<float> planes(3 * 5 * 6 + 1, kUntouched);
    recipe.apply_chw(image, key, planes.data(), 6, 5);
    for (std::size_t c = 0; c < 3; ++c)
      for (std::size_t i = 0; i < 30; ++i) ASSERT_EQ(planes[c * 30 + i], interleaved[i * 3 + c]) << c << " " << i;
    EXPECT_EQ(planes.back(), kUntouched) << "writes behind the planes";
  }
}

TEST(ApiApplyChw, OtherSizesAndTypesAreRefused) {
  const std::vector<std::uint8_t> pixels = counting(8 * 8 * 3);
  const ImageView image = view_of(pixels, 8, 8, 3);
  std::vector<float> planes(3 * 8 * 8);
  const Recipe floats = steps("  - normalize\n");
  EXPECT_EQ(refusal([&] { floats.apply_chw(image, {}, planes.data(), 8, 7); }),
            "this recipe gives 8×8×3 f32, and the buffer is for 8×7 f32 (end the recipe in a crop or resize to that size, "
            "and normalize)");
  const Recipe bytes = steps("  - invert\n");
  EXPECT_EQ(refusal([&] { bytes.apply_chw(image, {}, planes.data(), 8, 8); }).substr(0, 28), "this recipe gives 8×8×3 u8");
}

TEST(ApiApply, RefusesWhatIsNoImage) {
  const Recipe recipe = steps("  - invert\n");
  const std::vector<std::uint16_t> pixels(64);
  const auto said = [&](const ImageView& image) { return refusal([&] { recipe.apply(image); }); };
  EXPECT_EQ(said({.data = pixels.data(), .width = 0, .height = 2, .channels = 1}),
            "an image must be 1 to 65,535 px a side, got 0×2×1 u8");
  EXPECT_EQ(said({.data = pixels.data(), .width = 2, .height = -1, .channels = 1}),
            "an image must be 1 to 65,535 px a side, got 2×-1×1 u8");
  EXPECT_EQ(said({.data = pixels.data(), .width = 65536, .height = 1, .channels = 1}),
            "an image must be 1 to 65,535 px a side, got 65536×1×1 u8");
  EXPECT_EQ(said({.data = pixels.data(), .width = 2, .height = 2, .channels = 2}),
            "an image must have 1 to 512 channels (2 when the second is alpha), got 2");
  EXPECT_EQ(said({.data = pixels.data(), .width = 2, .height = 2, .channels = 513}),
            "an image must have 1 to 512 channels (2 when the second is alpha), got 513");
  EXPECT_EQ(said({.data = pixels.data(), .width = 2, .height = 2, .channels = 5, .alpha = true}),
            "an image of more than 4 channels has no alpha, got 2×2×5 u8 with alpha");
  EXPECT_EQ(said({.data = pixels.data(), .width = 2, .height = 2, .channels = 3, .stride = 5}),
            "stride must be at least 6 bytes for this image, got 5");
  const auto* odd = reinterpret_cast<const char*>(pixels.data()) + 1;
  EXPECT_EQ(said({.data = odd, .width = 2, .height = 2, .channels = 1, .type = PixelType::u16}),
            "the rows of an image of u16 must start at multiples of 2 bytes");
  EXPECT_EQ(said({.data = pixels.data(), .width = 2, .height = 2, .channels = 1, .type = PixelType::f32, .stride = 10}),
            "the rows of an image of f32 must start at multiples of 4 bytes");
  EXPECT_EQ(said({.data = nullptr, .width = 2, .height = 2, .channels = 3}), "the image has no data");
}

TEST(ApiApply, RefusesWhatCannotWorkOnThisImage) {
  const std::vector<std::uint8_t> pixels = counting(4 * 4);
  const ImageView grey = view_of(pixels, 4, 4, 1);
  const Recipe crop = steps("  - random_crop: {width: 5, height: 4, when_smaller: refuse}\n");
  try {
    crop.apply(grey);
    FAIL() << "was not refused";
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::usage);
    EXPECT_EQ(error.op(), "random_crop");
    EXPECT_EQ(error.place(), "recipe:3:5");
    EXPECT_EQ(error.message(), "needs an image of at least 5×4, got 4×4×1 u8");
  }
  EXPECT_NE(refusal([&] { steps("  - table_fill\n").apply(grey); }).find("works on tables"), std::string::npos);
}

TEST(ApiRecipe, MistakesComeWithPlaceRangeAndNearestName) {
  EXPECT_EQ(refusal([] { steps("  - horizontal_flp\n"); }),
            "recipe:3:5: unknown op horizontal_flp (did you mean horizontal_flip?)");
  try {
    steps("  - gaussian_blur: {sigma: 99}\n");
    FAIL() << "was not refused";
  } catch (const Error& error) {
    EXPECT_EQ(error.place(), "recipe:3:28");
    EXPECT_EQ(error.op(), "gaussian_blur");
    EXPECT_EQ(error.field(), "sigma");
    EXPECT_EQ(error.message(), "sigma must be in [0, 32] px, got 99");
  }
  EXPECT_NE(refusal([] { Recipe::preset("mediun"); }).find("medium"), std::string::npos);
  EXPECT_NE(refusal([] { Recipe::from_text("leaven: 1\nsteps: [\n"); }).find("not valid YAML"), std::string::npos);
  EXPECT_NE(refusal([] { Recipe::from_file("/nowhere/at all.yaml"); }).find("/nowhere/at all.yaml"), std::string::npos);
}

TEST(ApiRecipe, YamlMakesAnEqualRecipe) {
  const std::vector<std::uint8_t> pixels = counting(12 * 10 * 3);
  const ImageView image = view_of(pixels, 12, 10, 3);
  for (const char* preset : {"light", "medium", "strong"}) {
    Recipe recipe = Recipe::preset(preset);
    recipe.seed(std::numeric_limits<std::uint64_t>::max() >> 1);
    const Recipe again = Recipe::from_text(recipe.yaml());
    EXPECT_EQ(again.yaml(), recipe.yaml());
    EXPECT_EQ(again.seed(), recipe.seed());
    for (std::uint32_t copy = 1; copy <= 6; ++copy) {
      const DrawKey key{.key = "tom.jpg", .copy = copy};
      EXPECT_EQ(again.apply(image, key).steps, recipe.apply(image, key).steps) << preset << copy;
    }
  }
}

TEST(ApiRecipe, FileTextAndCopiesAreTheSame) {
  const TemporaryFolder folder;
  const std::string yaml = std::string("leaven: 1\nseed: 5\nsteps:\n") + kBusy;
  std::ofstream(folder / "mine.yaml") << yaml;
  const Recipe text = Recipe::from_text(yaml);
  const Recipe file = Recipe::from_file(folder / "mine.yaml");
  EXPECT_EQ(file.yaml(), text.yaml());
  Recipe copy = text;
  copy.seed(6);
  EXPECT_EQ(text.seed(), 5U) << "a copy is its own";
  copy = text;
  EXPECT_EQ(copy.seed(), 5U);
  const Recipe moved = std::move(copy);
  EXPECT_EQ(moved.yaml(), text.yaml());
}

TEST(ApiRecipe, ThePlanNeedsNoPixels) {
  const Recipe recipe = steps("  - rotate: {degrees: 10}\n  - crop: {x: 10, y: 10, width: 30, height: 20}\n  - invert\n");
  const std::string text = recipe.plan({.width = 100, .height = 80, .channels = 3});
  for (const char* pass : {"after lower", "after fuse geometry", "after fuse pointwise", "after fold into decode", "after tile"})
    EXPECT_NE(text.find(pass), std::string::npos) << pass << "\n" << text;
  EXPECT_NE(text.find("30×20×3"), std::string::npos) << text;
}

TEST(ApiFacts, VersionAndSchema) {
  EXPECT_EQ(version(), LEAVEN_VERSION);
  EXPECT_TRUE(Json::parse(ops_schema()).contains("$schema"));
}

}  // namespace
}  // namespace leaven
