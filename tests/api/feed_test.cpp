// The public door for those who feed a model: draws made ready, datasets, the same work on several threads.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include "io/codec.hpp"
#include "leaven/feed.hpp"
#include "leaven/parallel.hpp"
#include "tests/api/refusal.hpp"

namespace leaven {
namespace {

std::vector<std::uint8_t> counting(std::size_t count) {
  std::vector<std::uint8_t> bytes(count);
  for (std::size_t i = 0; i < count; ++i) bytes[i] = static_cast<std::uint8_t>(i * 37 + 11);
  return bytes;
}

ImageView rgb(const std::vector<std::uint8_t>& pixels, int width) {
  return {.data = pixels.data(), .width = width, .height = static_cast<int>(pixels.size()) / 3 / width, .channels = 3};
}

const Recipe kCropAndTurn = Recipe::from_text(
    "leaven: 1\nseed: 4\nsteps:\n  - random_crop: {width: 5, height: 4}\n  - rotate: {degrees: {uniform: [-30, 30]}}\n"
    "  - normalize\n");

TEST(ApiPrepared, SaysWhatComesOutAndRunsAsApplyDoes) {
  const auto pixels = counting(8 * 6 * 3);
  const ImageView image = rgb(pixels, 8);
  const DrawKey key{.key = "a", .copy = 2, .epoch = 3};
  const Applied applied = kCropAndTurn.apply(image, key);
  const Prepared prepared = kCropAndTurn.prepare({.width = 8, .height = 6, .channels = 3}, key);
  EXPECT_EQ(prepared.out().width, 5);
  EXPECT_EQ(prepared.out().height, 4);
  EXPECT_EQ(prepared.out().type, PixelType::f32);
  EXPECT_EQ(prepared.steps(), applied.steps);
  ASSERT_EQ(prepared.size(), 3U);
  EXPECT_EQ(prepared.op(1), "rotate");
  EXPECT_EQ(prepared.after(image, 3).data, applied.image.data);
  EXPECT_EQ(prepared.after(image, 0).data.size(), pixels.size());

  std::vector<float> rows(5 * 4 * 3), planes(rows.size());
  prepared.run(image, rows.data());
  EXPECT_EQ(std::memcmp(rows.data(), applied.image.data.data(), applied.image.data.size()), 0);
  prepared.run(image, planes.data(), Layout::chw);
  for (std::size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(planes[i % 3 * 20 + i / 3], rows[i]);
  EXPECT_EQ(refusal([&] { prepared.run(rgb(pixels, 6), rows.data()); }),
            "this was prepared for 8×6×3 u8, and the image is 6×8×3 u8");
}

TEST(ApiPrepared, TheStepsOfALineAreMadeAgain) {
  const auto pixels = counting(8 * 6 * 3);
  const Applied applied = kCropAndTurn.apply(rgb(pixels, 8), {.key = "a"});
  const Prepared again = prepare_again(applied.steps, rgb(pixels, 8));
  std::vector<std::byte> out(applied.image.data.size());
  again.run(rgb(pixels, 8), out.data());
  EXPECT_EQ(out, applied.image.data);
  refusal([&] { prepare_again("{", rgb(pixels, 8)); }, Fault::data);
  refusal([&] { prepare_again("[{\"op\": \"no_such_op\"}]", rgb(pixels, 8)); });
}

TEST(ApiPrepared, FilesLieBesideTheRecipeThatGaveTheLine) {
  const auto folder = std::filesystem::path(testing::TempDir()) / "leaven_api_beside";
  std::filesystem::create_directories(folder);
  // A white pixel: 14 bytes of file header, 40 of picture header, blue, green, red and a byte that fills up to four.
  std::string bmp("BM\x3A\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\1\0\0\0\1\0\0\0\1\0\x18\0\0\0\0\0\4\0\0\0", 38);
  bmp += std::string(16, '\0') + std::string("\xFF\xFF\xFF\0", 4);
  std::ofstream(folder / "white.bmp", std::ios::binary) << bmp;
  std::ofstream(folder / "train.yaml") << "leaven: 1\nsteps: [{overlay_image: {path: white.bmp, width: 1, opacity: 1}}]\n";
  const Recipe recipe = Recipe::from_file(folder / "train.yaml");
  const auto pixels = counting(8 * 8 * 3);
  const Applied applied = recipe.apply(rgb(pixels, 8), {.key = "a"});
  EXPECT_EQ(std::to_integer<int>(applied.image.data.at(0)), 255);
  EXPECT_EQ(applied.steps.find(folder.string()), std::string::npos) << applied.steps;
  std::vector<std::byte> out(applied.image.data.size());
  recipe.prepare_again(applied.steps, rgb(pixels, 8)).run(rgb(pixels, 8), out.data());
  EXPECT_EQ(out, applied.image.data);
  EXPECT_NE(refusal([&] { prepare_again(applied.steps, rgb(pixels, 8)); }).find("white.bmp"), std::string::npos);
}

class ApiDataset : public testing::Test {
 protected:
  ApiDataset() {
    for (const char* label : {"cat", "dog"})
      for (int i = 0; i < 2; ++i) {
        Raster image({.width = 9 + i, .height = 7, .channels = 3});
        const auto pixels = counting(image.shape().bytes());
        std::memcpy(image.data(), pixels.data(), pixels.size());
        const io::Bytes file = io::encode(image.view(), {.format = io::ImageFormat::png});
        std::filesystem::create_directories(folder_ / label);
        std::ofstream(folder_ / (std::string(label) + "/" + std::to_string(i) + ".png"), std::ios::binary)
            .write(reinterpret_cast<const char*>(file.data()), static_cast<std::streamsize>(file.size()));
      }
  }
  TemporaryFolder folder_;
};

TEST_F(ApiDataset, IsIndexedAndReadSampleBySample) {
  const Dataset dataset(folder_ / "");
  ASSERT_EQ(dataset.size(), 4U);
  EXPECT_EQ(dataset.label_kind(), LabelKind::category);
  EXPECT_EQ(dataset.labels(), (std::vector<std::string>{"cat", "dog"}));
  EXPECT_EQ(dataset[2].id, "dog/0.png");
  EXPECT_EQ(dataset[2].label, "dog");
  EXPECT_EQ(dataset[2].label_index, 1U);
  EXPECT_EQ(dataset[2].split, "");
  const Encoded picture = dataset.read(3);
  EXPECT_EQ(picture.shape().width, 10);
  const auto pixels = counting(10 * 7 * 3);
  EXPECT_EQ(std::memcmp(picture.decode().data.data(), pixels.data(), pixels.size()), 0);
  const Applied expected = kCropAndTurn.apply(rgb(pixels, 10), {.key = dataset[3].id});
  std::vector<std::byte> out(expected.image.data.size());
  picture.run(kCropAndTurn.prepare(picture.shape(), {.key = dataset[3].id}), out.data());
  EXPECT_EQ(out, expected.image.data);
  refusal([&] { picture.run(kCropAndTurn.prepare(dataset.read(0).shape()), out.data()); });
  refusal([&] { Encoded::from_bytes({}); }, Fault::data);
}

TEST(ApiShuffled, IsAPermutationNamedBySeedAndEpoch) {
  const std::vector<std::uint32_t> order = shuffled(100, 1, 2);
  EXPECT_EQ(std::set(order.begin(), order.end()).size(), 100U);
  EXPECT_EQ(*std::ranges::max_element(order), 99U);
  EXPECT_EQ(order, shuffled(100, 1, 2));
  EXPECT_NE(order, shuffled(100, 1, 3));
  EXPECT_NE(order, shuffled(100, 2, 2));
  EXPECT_TRUE(shuffled(0, 1, 2).empty());
}

TEST(ApiParallel, EveryItemOnceOnAnyNumberOfThreads) {
  for (const int threads : {0, 1, 2, 7}) {
    std::vector<std::atomic<int>> done(50);
    EXPECT_TRUE(for_each_item(done.size(), threads, [&](std::size_t i) { ++done[i]; }));
    for (const auto& times : done) EXPECT_EQ(times, 1);
  }
  EXPECT_TRUE(for_each_item(0, 2, [](std::size_t) { FAIL(); }));
  refusal([] { for_each_item(1, -1, [](std::size_t) {}); });
}

TEST(ApiParallel, TheErrorOfTheLowestItemIsThrown) {
  for (const int threads : {1, 4}) {
    try {
      for_each_item(40, threads, [](std::size_t i) {
        if (i >= 3) throw usage_error("item " + std::to_string(i));
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
      });
      FAIL();
    } catch (const Error& error) {
      EXPECT_STREQ(error.what(), "item 3");
    }
  }
}

TEST(ApiParallel, ANoEndsIt) {
  std::atomic<int> done{};
  const auto work = [&](std::size_t) {
    ++done;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  };
  EXPECT_FALSE(for_each_item(1000, 2, work, [&] { return done < 10; }));
  EXPECT_GE(done, 10);
}

TEST_F(ApiDataset, IsFedWithPartnersAndShares) {
  const Dataset dataset(folder_ / "");
  const Recipe mixing = Recipe::from_text("leaven: 1\nseed: 3\nsteps:\n  - mixup: {partners: other_class, alpha: 1}\n");
  const Feed feed(dataset, mixing, {0, 1, 2, 3});
  EXPECT_TRUE(feed.soft());
  EXPECT_FALSE(feed.annotated());
  EXPECT_EQ(feed.classes(), (std::vector<std::string>{"cat", "dog"}));
  const Fed sample = feed.draw(3);
  const std::vector<ClassShare> shares = sample.shares();
  ASSERT_EQ(shares.size(), 2U);
  EXPECT_EQ(shares[0].first, 0U);
  EXPECT_EQ(shares[1].first, 1U);
  EXPECT_NEAR(shares[0].second + shares[1].second, 1, 1e-6);
  std::vector<std::byte> first(static_cast<std::size_t>(sample.out().width * sample.out().height * 3)), again(first);
  sample.run(first.data());
  feed.draw(3).run(again.data());
  EXPECT_EQ(first, again);
  feed.draw(3, {.epoch = 1}).run(again.data());
  EXPECT_NE(first, again);
  // Without partners of another class any will do, and a sample alone is its own.
  EXPECT_EQ(Feed(dataset, mixing, {2, 3}).draw(3).shares(), (std::vector<ClassShare>{{1, 1.0}}));
}

TEST_F(ApiDataset, NoLabelIsNoClass) {
  std::ofstream(folder_ / "labels.csv") << "file,label\ncat/0.png,dog\ncat/1.png,\ndog/0.png,cat\n";
  const Dataset dataset(folder_ / "");
  ASSERT_EQ(dataset.size(), 3U);
  const Feed feed(dataset, kCropAndTurn, {0, 1, 2});
  EXPECT_EQ(feed.classes(), (std::vector<std::string>{"cat", "dog"}));
  EXPECT_EQ(feed.draw(0).shares(), (std::vector<ClassShare>{{1, 1.0}}));
  EXPECT_TRUE(feed.draw(1).shares().empty());
  EXPECT_EQ(feed.draw(2).shares(), (std::vector<ClassShare>{{0, 1.0}}));
}

TEST_F(ApiDataset, NamesWhatLooksLikeASampleAndIsNone) {
  std::filesystem::create_directories(folder_ / "cat/folder.png");
  std::filesystem::create_symlink("nowhere.png", folder_ / "dog/dangling.png");
  const Dataset dataset(folder_ / "");
  EXPECT_EQ(dataset.size(), 4U);
  std::vector<std::string> names;
  for (const Dataset::NoSample& one : dataset.no_samples()) {
    names.push_back(one.path);
    EXPECT_FALSE(one.reason.empty());
  }
  std::ranges::sort(names);
  EXPECT_EQ(names, (std::vector<std::string>{"cat/folder.png", "dog/dangling.png"}));
}

TEST(ApiBatch, PicturesAreEachOthersPartnersByTheirKeys) {
  const std::vector<std::uint8_t> dark(4 * 4 * 3, 0), bright(4 * 4 * 3, 200);
  const Recipe mixing = Recipe::from_text("leaven: 1\nseed: 3\nsteps:\n  - mixup: {alpha: 1}\n");
  EXPECT_TRUE(mixing.mixes());
  const Batch batch(mixing, {rgb(dark, 4), rgb(bright, 4)}, {{.key = "b", .label = "dark"}, {.key = "a", .label = "bright"}});
  const Prepared prepared = batch.prepare(0);
  std::vector<std::uint8_t> out(4 * 4 * 3);
  prepared.run(rgb(dark, 4), out.data());
  const auto shares = batch.shares(0, prepared);
  ASSERT_EQ(shares.size(), 2U);
  EXPECT_EQ(shares[0].first, "bright");
  EXPECT_NEAR(out[0], shares[0].second * 200, 0.51);

  const Batch turned(mixing, {rgb(bright, 4), rgb(dark, 4)}, {{.key = "a", .label = "bright"}, {.key = "b", .label = "dark"}});
  EXPECT_EQ(turned.prepare(1).steps(), prepared.steps());
  refusal([&] { (void)Batch(mixing, {rgb(dark, 4)}, {}); });
}

}  // namespace
}  // namespace leaven
