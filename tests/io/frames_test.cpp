// Frames of animations and pages of documents as samples: what is drawn, in which order, and how they are named.
#include <gif_lib.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <thread>

#include "io/metadata.hpp"
#include "io/several_pictures.hpp"
#include "tests/io/dataset_fixture.hpp"
#include "tests/io/read_only_fixtures.hpp"
#include "tests/io/tiff_fixtures.hpp"

namespace leaven::io {
namespace {

using testing::pattern;
using testing::write_tiff;

/// One row of indices into black, red, green, white at x = left; `transparent` and `disposal` as GIF89a has them.
struct Frame {
  int left{};
  std::vector<GifPixelType> row{};
  int disposal{0}, transparent{-1};
};

/// A screen of `width` × 1.
Bytes animation(int width, const std::vector<Frame>& frames) {
  Bytes bytes;
  int error = 0;
  GifFileType* gif = EGifOpen(
      &bytes,
      [](GifFileType* to, const GifByteType* data, int size) {
        auto& out = *static_cast<Bytes*>(to->UserData);
        const auto* first = reinterpret_cast<const std::byte*>(data);
        out.insert(out.end(), first, first + size);
        return size;
      },
      &error);
  EGifSetGifVersion(gif, true);
  const std::array<GifColorType, 4> colours{{{0, 0, 0}, {255, 0, 0}, {0, 255, 0}, {255, 255, 255}}};
  ColorMapObject* map = GifMakeMapObject(4, colours.data());
  EGifPutScreenDesc(gif, width, 1, 8, 0, map);
  GifFreeMapObject(map);
  for (const Frame& frame : frames) {
    const std::array<unsigned char, 4> control{static_cast<unsigned char>(frame.disposal << 2 | (frame.transparent >= 0 ? 1 : 0)), 10, 0,
                                               static_cast<unsigned char>(std::max(frame.transparent, 0))};
    EGifPutExtension(gif, GRAPHICS_EXT_FUNC_CODE, 4, control.data());
    EGifPutImageDesc(gif, frame.left, 0, static_cast<int>(frame.row.size()), 1, false, nullptr);
    std::vector<GifPixelType> row = frame.row;
    EGifPutLine(gif, row.data(), static_cast<int>(row.size()));
  }
  EGifCloseFile(gif, &error);
  return bytes;
}

/// K, R, G, W, and . where nothing is seen.
std::string letters(const Bytes& picture) {
  const Raster image = decode(picture, read_header(picture));
  std::string text;
  for (int x = 0; x < image.shape().width; ++x) {
    const auto* p = image.row<std::uint8_t>(0) + static_cast<std::ptrdiff_t>(x) * image.shape().channels;
    text += image.shape().channels == 4 && p[3] == 0 ? '.' : p[0] && p[1] ? 'W' : p[0] ? 'R' : p[1] ? 'G' : 'K';
  }
  return text;
}

std::vector<std::string> pictures(const Bytes& file) {
  std::vector<std::string> all;
  each_picture(file, [&](std::size_t number, Bytes picture) {
    EXPECT_EQ(number, all.size());
    EXPECT_EQ(picture_of(file, number), picture);
    all.push_back(letters(picture));
    return true;
  });
  EXPECT_EQ(picture_count(file), all.size());
  return all;
}

TEST(Frames, AreWhatIsSeenOnceTheyAreDrawn) {
  using All = std::vector<std::string>;
  const Bytes stays = animation(4, {{0, {1, 1, 1, 1}}, {1, {2, 2}}, {2, {3, 0}, 0, 0}});
  EXPECT_EQ(pictures(stays), (All{"RRRR", "RGGR", "RGWR"}));
  const Bytes clears = animation(4, {{0, {1, 1, 1, 1}}, {1, {2, 2}, 2}, {3, {3}}});
  EXPECT_EQ(pictures(clears), (All{"RRRR", "RGGR", "R..W"}));
  const Bytes comes_back = animation(4, {{0, {1, 1, 1, 1}}, {1, {2, 2}, 3}, {0, {3}}});
  EXPECT_EQ(pictures(comes_back), (All{"RRRR", "RGGR", "WRRR"}));
  const Bytes reaches_out = animation(4, {{0, {1, 1, 1, 1}, 2}, {2, {2, 2, 2, 2}, 2}, {0, {3, 0}, 0, 0}});
  EXPECT_EQ(pictures(reaches_out), (All{"RRRR", "..GG", "W..."}));
}

TEST(Frames, OfOneFileHaveOneNumberOfChannels) {
  const Bytes file = animation(2, {{0, {1, 1}}, {0, {2}, 2}, {1, {3}}});
  each_picture(file, [](std::size_t number, const Bytes& picture) {
    EXPECT_EQ(read_header(picture).shape.channels, 4) << number;
    return true;
  });
  each_picture(animation(2, {{0, {1, 1}}, {0, {2}}}), [](std::size_t number, const Bytes& picture) {
    EXPECT_EQ(read_header(picture).shape.channels, 3) << number;
    return true;
  });
}

TEST(Frames, PagesOfATiffAreFilesOfTheirOwn) {
  Raster deep({5, 4, 1, Dtype::u16});
  for (int i = 0; i < 20; ++i) deep.row<std::uint16_t>(i / 5)[i % 5] = static_cast<std::uint16_t>(3001 * i);
  const Bytes file = write_tiff(deep, {.photometric = PHOTOMETRIC_MINISBLACK, .bits = 16, .pages = 3});
  ASSERT_EQ(picture_count(file), 3U);
  const Bytes first = picture_of(file, 0), last = picture_of(file, 2);
  EXPECT_TRUE(same_pixels(decode(first, read_header(first)).view(), deep.view()));
  EXPECT_FALSE(read_header(first).has_more);
  EXPECT_EQ(read_header(last).shape.size(), (Size{1, 1}));
  const Bytes big = write_tiff(deep, {.photometric = PHOTOMETRIC_MINISBLACK, .bits = 16, .mode = "wb8", .pages = 2});
  const Bytes second = picture_of(big, 1);
  EXPECT_EQ(read_header(second).shape.size(), (Size{1, 1}));
  EXPECT_EQ(picture_count(write_tiff(deep, {.photometric = PHOTOMETRIC_MINISBLACK, .bits = 16})), 1U);
}

TEST(Frames, AreSamplesWhereThatFormatIsAskedFor) {
  TempFolder in;
  in.write("cat/walk.gif", text_of(animation(3, {{0, {1, 1, 1}}, {1, {2}}})));
  in.write("cat/still.gif", text_of(animation(3, {{0, {3, 3, 3}}})));
  in.write("dog/cut.gif", text_of(animation(3, {{0, {1, 1, 1}}, {1, {2}}})).substr(0, 40));
  const auto reader = open_dataset(in.path(), {.format = "frames"});
  EXPECT_EQ(ids_of(reader->index()), (std::vector<std::string>{"cat/still.gif", "cat/walk.gif.0001.png", "cat/walk.gif.0002.png", "dog/cut.gif"}));
  EXPECT_EQ(label_of(reader->index(), "cat/walk.gif.0002.png"), "cat");
  ASSERT_EQ(reader->index().notes.size(), 1U);
  EXPECT_NE(reader->index().notes[0].find("split:"), std::string::npos);
  const auto picture = [&](const std::string& id) { return letters(reader->read(entry_of(reader->index(), id)).file); };
  EXPECT_EQ(picture("cat/walk.gif.0002.png"), "RGR");
  EXPECT_EQ(picture("cat/walk.gif.0001.png"), "RRR");
  EXPECT_EQ(picture("cat/still.gif"), "WWW");
  EXPECT_FALSE(reader->file_of(entry_of(reader->index(), "cat/walk.gif.0001.png")));
  EXPECT_TRUE(reader->file_of(entry_of(reader->index(), "cat/still.gif")));
  EXPECT_EQ(ids_of(open_dataset(in.path())->index()).size(), 3U) << "else a file is a sample";
  EXPECT_EQ(ids_of(open_dataset(in / "cat/walk.gif", {.format = "frames"})->index()), (std::vector<std::string>{"walk.gif.0001.png", "walk.gif.0002.png"}));
}

TEST(Frames, AFileThatIsCutOffIsBrokenWhicheverPictureIsAskedFor) {
  const Bytes walk = animation(3, {{0, {1, 1, 1}}, {1, {2}}, {2, {3}}});
  const Bytes pages = write_tiff(pattern({4, 3, 1}), {.photometric = PHOTOMETRIC_MINISBLACK, .pages = 3});
  EXPECT_TRUE(read_header(walk).has_more);
  EXPECT_TRUE(read_header(pages).has_more);
  // Behind the first frame's data, and behind the first page's directory.
  for (std::size_t size = walk.size() - 12; size + 1 < walk.size(); ++size) EXPECT_THROW(read_header(BytesView(walk).first(size)), Error) << size;
  // A directory's last four bytes say where the next one lies; without them there is none, and nobody can know better.
  std::size_t cuts = 0;
  for (std::size_t size = pages.size() / 2; size < pages.size(); ++size) {
    const BytesView shorter = BytesView(pages).first(size);
    const auto ends_in_it = [&](std::uint64_t directory) {
      const std::uint64_t end = directory + 2 + 12 * std::to_integer<std::uint64_t>(pages[directory]);
      return size >= end && size < end + 4;
    };
    if (std::ranges::any_of(tiff::page_offsets(pages), ends_in_it)) {
      EXPECT_EQ(picture_count(tiff_without_metadata(shorter)), picture_count(shorter)) << size;
      continue;
    }
    EXPECT_THROW(read_header(shorter), Error) << size;
    ++cuts;
  }
  EXPECT_GT(cuts, 100U);
  TempFolder in;
  in.write("cut.gif", text_of(walk).substr(0, walk.size() - 2));
  in.write("cut.tif", text_of(pages).substr(0, pages.size() - 10));
  const auto reader = open_dataset(in.path(), {.format = "frames"});
  EXPECT_EQ(ids_of(reader->index()), (std::vector<std::string>{"cut.gif", "cut.tif"})) << "one sample each, which cannot be read";
  for (const Entry& entry : reader->index().entries) EXPECT_THROW(read_header(reader->read(entry).file), Error) << entry.id;
}

TEST(Frames, AGifWithoutItsLastByteIsWhole) {
  const Bytes walk = animation(3, {{0, {1, 1, 1}}, {1, {2}}});
  const BytesView shorter = BytesView(walk).first(walk.size() - 1);
  EXPECT_EQ(picture_count(shorter), 2U);
  EXPECT_EQ(letters(picture_of(shorter, 1)), "RGR");
  EXPECT_EQ(gif_without_metadata(shorter), gif_without_metadata(walk)) << "what is copied has its trailer again";
}

TEST(Frames, AreReadByManyThreadsAtOnce) {
  TempFolder in;
  for (int f = 0; f < 6; ++f) {
    std::vector<Frame> frames;
    for (int i = 0; i < 9; ++i) frames.push_back({i, {static_cast<GifPixelType>(1 + (i + f) % 3)}});
    in.write("f" + std::to_string(f) + ".gif", text_of(animation(9, frames)));
  }
  const auto reader = open_dataset(in.path(), {.format = "frames"});
  ASSERT_EQ(reader->index().entries.size(), 54U);
  std::vector<std::string> alone(54), together(54);
  const auto read = [&](std::size_t i) { return letters(reader->read(reader->index().entries[i]).file); };
  for (std::size_t i = 0; i < 54; ++i) alone[i] = read(53 - i);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (std::size_t i = t; i < 54; i += 4) together[i] = read(53 - i);
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(alone, together);
}

}  // namespace
}  // namespace leaven::io
