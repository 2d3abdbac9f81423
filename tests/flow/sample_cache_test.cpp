// Decoded pictures kept on disk: the same pixels, within bounds, whatever happens to the files.
#include "flow/sample_cache.hpp"

#include <gtest/gtest.h>

#include <cstring>

#include "core/error.hpp"
#include "flow/sample_task.hpp"
#include "tests/flow/small_dataset.hpp"

namespace leaven::flow {
namespace {

namespace fs = std::filesystem;

std::size_t files_in(const fs::path& folder) { return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator())); }

LoadedSource cached(const fs::path& file, const std::shared_ptr<SampleCache>& cache) {
  LoadedSource source = load_source_file(file);
  source.cache = cache;
  return source;
}

TEST(SampleCache, GivesThePixelsThatDecodingGives) {
  TestFolder folder;
  write_image(folder / "a.jpg", picture(1, 90, 70));
  write_image(folder / "b.png", picture(2, 33, 21, 4));
  const auto cache = std::make_shared<SampleCache>(folder / "cache", 1 << 20);
  for (const char* name : {"a.jpg", "b.png"}) {
    const Raster decoded = decode_whole(load_source_file(folder / name));
    for (int epoch = 0; epoch < 2; ++epoch) EXPECT_TRUE(same_pixels(decode_whole(cached(folder / name, cache)).view(), decoded.view())) << name << epoch;
    const LoadedSource source = load_source_file(folder / name);
    const auto rows = cache->read(source.digest, source.shape(), {3, 5, 10, 7});
    ASSERT_TRUE(rows);
    EXPECT_EQ(rows->origin_y, 5);
    EXPECT_EQ(rows->shape().height, 7);
    EXPECT_EQ(std::memcmp(rows->data(), decoded.row<std::byte>(5), rows->shape().bytes()), 0);
  }
  EXPECT_EQ(files_in(folder / "cache"), 2U);
}

TEST(SampleCache, AChangedFileIsAnotherOne) {
  TestFolder folder;
  const auto cache = std::make_shared<SampleCache>(folder / "cache", 1 << 20);
  write_image(folder / "a.png", picture(1));
  decode_whole(cached(folder / "a.png", cache));
  write_image(folder / "a.png", picture(2));
  EXPECT_TRUE(same_pixels(decode_whole(cached(folder / "a.png", cache)).view(), picture(2).view()));
}

TEST(SampleCache, StaysWithinItsBoundWithWhatCameFirst) {
  TestFolder folder;
  const std::uint64_t one = 64 + picture(0).shape().bytes();
  for (int run = 0; run < 2; ++run) {
    // The second run counts what the first one left.
    const auto cache = std::make_shared<SampleCache>(folder / "cache", 3 * one + one / 2);
    for (int i = 0; i < 6; ++i) {
      const fs::path file = folder / (std::to_string(i) + ".png");
      write_image(file, picture(i));
      EXPECT_TRUE(same_pixels(decode_whole(cached(file, cache)).view(), picture(i).view()));
    }
    EXPECT_EQ(files_in(folder / "cache"), 3U);
    EXPECT_FALSE(cache->has_room(one));
    const LoadedSource first = load_source_file(folder / "0.png"), last = load_source_file(folder / "5.png");
    EXPECT_TRUE(cache->read(first.digest, first.shape(), Region::whole(first.shape().size())));
    EXPECT_FALSE(cache->read(last.digest, last.shape(), Region::whole(last.shape().size())));
  }
}

TEST(SampleCache, WhatIsCutOffOrOfAnotherShapeDoesNotCount) {
  TestFolder folder;
  write_image(folder / "a.png", picture(1));
  const auto cache = std::make_shared<SampleCache>(folder / "cache", 1 << 20);
  const LoadedSource source = cached(folder / "a.png", cache);
  decode_whole(source);
  const fs::path kept = fs::directory_iterator(folder / "cache")->path();
  const std::string whole = read_text(kept);
  for (const std::string& damaged : {whole.substr(0, whole.size() - 1), std::string(), "x" + whole.substr(1)}) {
    write_text(kept, damaged);
    EXPECT_FALSE(cache->read(source.digest, source.shape(), Region::whole(source.shape().size())));
    EXPECT_TRUE(same_pixels(decode_whole(source).view(), picture(1).view()));
  }
  write_text(kept, whole);
  RasterShape other = source.shape();
  std::swap(other.width, other.height);
  EXPECT_FALSE(cache->read(source.digest, other, Region::whole(other.size())));
}

TEST(SampleCache, TakesNoFolderThatIsSomebodyElses) {
  TestFolder folder;
  write_text(folder / "photos" / "a.txt", "mine");
  try {
    SampleCache(folder / "photos", 1000);
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::usage);
    EXPECT_NE(std::string(error.what()).find("is no cache: it holds a.txt"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace leaven::flow
