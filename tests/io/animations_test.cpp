// Frames of animated PNG and WebP: what is drawn over what, and files that are broken.
#include <gtest/gtest.h>
#include <webp/encode.h>
#include <webp/mux.h>
#include <zlib.h>

#include <memory>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "io/png_chunks.hpp"
#include "io/several_pictures.hpp"
#include "tests/io/dataset_fixture.hpp"

namespace leaven::io {
namespace {

std::string number(std::uint32_t value) {
  std::string text;
  for (int shift = 24; shift >= 0; shift -= 8) text += static_cast<char>(value >> shift);
  return text;
}

std::string chunk(const std::string& name, const std::string& data) {
  const std::string named = name + data;
  const auto sum = static_cast<std::uint32_t>(::crc32(0, reinterpret_cast<const Bytef*>(named.data()), static_cast<uInt>(named.size())));
  return number(static_cast<std::uint32_t>(data.size())) + named + number(sum);
}

/// A row of pixels at (x, 0); dispose 0 none, 1 background, 2 previous; blend 0 source, 1 over.
using Shared = std::shared_ptr<const Raster>;
struct Frame {
  Shared pixels{};
  int x{}, dispose{}, blend{};
};

/// One row of RGBA bytes.
Shared row(const std::vector<std::array<int, 4>>& pixels) {
  auto image = std::make_shared<Raster>(RasterShape{static_cast<int>(pixels.size()), 1, 4, Dtype::u8, true});
  for (std::size_t i = 0; i < pixels.size(); ++i)
    for (std::size_t c = 0; c < 4; ++c) image->row<std::uint8_t>(0)[4 * i + c] = static_cast<std::uint8_t>(pixels[i][c]);
  return image;
}

std::string part_of(const Bytes& png, std::string_view name) {
  const BytesView data = png::find_chunk(png, name);
  return {reinterpret_cast<const char*>(data.data()), data.size()};
}

/// As the APNG specification lays a file out; `hidden`: the still picture comes first and is no frame.
Bytes apng(int width, const std::vector<Frame>& frames, const Shared& hidden = nullptr) {
  const Bytes first = encode((hidden ? hidden : frames.front().pixels)->view(), {});
  std::string head = part_of(first, "IHDR");
  head.replace(0, 4, number(static_cast<std::uint32_t>(width)));
  std::string file = "\x89PNG\r\n\x1a\n" + chunk("IHDR", head) + chunk("acTL", number(static_cast<std::uint32_t>(frames.size())) + number(0));
  std::uint32_t sequence = 0;
  if (hidden) file += chunk("IDAT", part_of(first, "IDAT"));
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const Frame& frame = frames[i];
    file += chunk("fcTL", number(sequence++) + number(static_cast<std::uint32_t>(frame.pixels->shape().width)) + number(1) + number(static_cast<std::uint32_t>(frame.x)) +
                              number(0) + std::string("\0\x0a\0\x64", 4) + static_cast<char>(frame.dispose) + static_cast<char>(frame.blend));
    const std::string packed = part_of(encode(frame.pixels->view(), {}), "IDAT");
    file += i == 0 && !hidden ? chunk("IDAT", packed) : chunk("fdAT", number(sequence++) + packed);
  }
  return bytes_of(file + chunk("IEND", ""));
}

std::string shown(const Raster& image) {
  std::string text;
  for (int x = 0; x < image.shape().width; ++x) {
    if (x > 0) text += ' ';
    for (int c = 0; c < image.shape().channels; ++c)
      text += (c > 0 ? "," : "") + std::to_string(image.row<std::uint8_t>(0)[x * image.shape().channels + c]);
  }
  return text;
}

std::vector<std::string> frames_of(const Bytes& file) {
  std::vector<std::string> all;
  each_picture(file, [&](std::size_t place, Bytes picture) {
    EXPECT_EQ(place, all.size());
    EXPECT_EQ(picture_of(file, place), picture);
    all.push_back(shown(decode(picture, read_header(picture))));
    return true;
  });
  EXPECT_EQ(picture_count(file), all.size());
  return all;
}

using All = std::vector<std::string>;
using Pixel = std::array<int, 4>;
constexpr Pixel kRed{255, 0, 0, 255}, kGreen{0, 255, 0, 255}, kNone{0, 0, 0, 0};

TEST(AnimatedPng, FramesAreDrawnInTheirPlaceAndTakenBack) {
  EXPECT_EQ(frames_of(apng(3, {{row({kRed, kRed, kRed})}, {row({kGreen}), 1}})), (All{"255,0,0,255 255,0,0,255 255,0,0,255", "255,0,0,255 0,255,0,255 255,0,0,255"}));
  // Cleared, and brought back.
  EXPECT_EQ(frames_of(apng(2, {{row({kRed, kRed})}, {row({kGreen}), 0, 1}, {row({kGreen}), 1}})),
            (All{"255,0,0,255 255,0,0,255", "0,255,0,255 255,0,0,255", "0,0,0,0 0,255,0,255"}));
  EXPECT_EQ(frames_of(apng(2, {{row({kRed, kRed})}, {row({kGreen}), 0, 2}, {row({kGreen}), 1}})),
            (All{"255,0,0,255 255,0,0,255", "0,255,0,255 255,0,0,255", "255,0,0,255 0,255,0,255"}));
  // Nothing was there before the first.
  EXPECT_EQ(frames_of(apng(2, {{row({kRed, kRed}), 0, 2}, {row({kGreen}), 1}})), (All{"255,0,0,255 255,0,0,255", "0,0,0,0 0,255,0,255"}));
}

TEST(AnimatedPng, OverBlendsStraightAlphaAndSourceReplaces) {
  const Pixel half{0, 0, 255, 128}, faint{0, 255, 0, 64};
  EXPECT_EQ(frames_of(apng(2, {{row({kRed, kRed})}, {row({half, kNone}), 0, 0, 1}}))[1], "127,0,128,255 255,0,0,255");
  EXPECT_EQ(frames_of(apng(2, {{row({kRed, kRed})}, {row({half, kNone}), 0, 0, 0}}))[1], "0,0,255,128 0,0,0,0");
  // α = 64/255 + 128/255·(1 − 64/255) = 0.6270, green 64/255/α·255 = 102, blue the rest.
  EXPECT_EQ(frames_of(apng(1, {{row({half})}, {row({faint}), 0, 0, 1}}))[1], "0,102,153,160");
}

TEST(AnimatedPng, AStillPictureThatIsNoFrameIsLeftOut) {
  const Shared still = row({kGreen, kGreen});
  const Bytes file = apng(2, {{row({kRed, kRed})}, {row({kGreen}), 1}}, still);
  EXPECT_EQ(frames_of(file), (All{"255,0,0,255 255,0,0,255", "255,0,0,255 0,255,0,255"}));
  EXPECT_EQ(shown(decode(file, read_header(file))), "0,255,0,255 0,255,0,255") << "which a reader of one picture shows";
  EXPECT_TRUE(read_header(file).has_more);
}

TEST(AnimatedPng, DeepAndGreyFramesKeepTheirKindUnlessTheCanvasIsEverEmpty) {
  const auto deep = std::make_shared<Raster>(RasterShape{2, 1, 1, Dtype::u16}), one = std::make_shared<Raster>(RasterShape{1, 1, 1, Dtype::u16});
  deep->row<std::uint16_t>(0)[0] = 40000, deep->row<std::uint16_t>(0)[1] = 3;
  one->row<std::uint16_t>(0)[0] = 65535;
  const auto kinds = [&](int dispose) {
    std::vector<std::string> all;
    each_picture(apng(2, {{deep, 0, dispose, 0}, {one, 1, 0, 0}}), [&](std::size_t, const Bytes& picture) {
      const Raster made = decode(picture, read_header(picture));
      all.push_back(describe(made.shape()) + ": " + std::to_string(made.row<std::uint16_t>(0)[0]));
      return true;
    });
    return all;
  };
  EXPECT_EQ(kinds(0), (All{"2×1×1 u16: 40000", "2×1×1 u16: 40000"}));
  EXPECT_EQ(kinds(1), (All{"2×1×4 u16 with alpha: 40000", "2×1×4 u16 with alpha: 0"}));
}

TEST(AnimatedPng, BrokenOnesSayWhy) {
  const auto refusal = [](const Bytes& file) -> std::string {
    try {
      each_picture(file, [](std::size_t, const Bytes&) { return true; });
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::data);
      return error.what();
    }
    return "read";
  };
  EXPECT_EQ(refusal(apng(2, {{row({kRed, kRed})}, {row({kGreen}), 2}})), "corrupt APNG: a frame reaches over the picture");
  EXPECT_EQ(refusal(apng(2, {{row({kRed, kRed})}, {row({kGreen}), 0, 3}})), "corrupt APNG: a frame's control chunk makes no sense");
  Bytes cut = apng(2, {{row({kRed, kRed})}, {row({kGreen}), 1}});
  cut.resize(cut.size() - 20);
  EXPECT_NE(refusal(cut).find("truncated PNG"), std::string::npos) << refusal(cut);
}

/// Without loss.
Bytes animated_webp(Size canvas, const std::vector<Raster>& frames) {
  WebPAnimEncoderOptions options;
  WebPAnimEncoderOptionsInit(&options);
  WebPAnimEncoder* encoder = WebPAnimEncoderNew(canvas.width, canvas.height, &options);
  int time = 0;
  for (const Raster& frame : frames) {
    WebPPicture picture;
    EXPECT_TRUE(WebPPictureInit(&picture));
    picture.width = canvas.width, picture.height = canvas.height, picture.use_argb = 1;
    if (frame.shape().alpha) WebPPictureImportRGBA(&picture, frame.row<std::uint8_t>(0), static_cast<int>(frame.stride()));
    else WebPPictureImportRGB(&picture, frame.row<std::uint8_t>(0), static_cast<int>(frame.stride()));
    EXPECT_TRUE(WebPAnimEncoderAdd(encoder, &picture, time += 100, nullptr));
    WebPPictureFree(&picture);
  }
  WebPAnimEncoderAdd(encoder, nullptr, time + 100, nullptr);
  WebPData data{};
  EXPECT_TRUE(WebPAnimEncoderAssemble(encoder, &data));
  WebPAnimEncoderDelete(encoder);
  const auto* first = reinterpret_cast<const std::byte*>(data.bytes);
  Bytes file(first, first + data.size);
  WebPDataClear(&data);
  return file;
}

Raster shaded(int seed, bool alpha) {
  Raster image({24, 18, alpha ? 4 : 3, Dtype::u8, alpha});
  for (std::size_t i = 0; i < image.shape().bytes(); ++i) reinterpret_cast<std::uint8_t*>(image.data())[i] = static_cast<std::uint8_t>(i * 7 + static_cast<std::size_t>(seed) * 31);
  for (int i = 0; alpha && i < 24 * 18; ++i) reinterpret_cast<std::uint8_t*>(image.data())[4 * i + 3] = 255;
  return image;
}

TEST(AnimatedWebp, FramesAreTheOnesThatWentIn) {
  std::vector<Raster> frames;
  for (int i = 0; i < 3; ++i) frames.push_back(shaded(i, false));
  // Only some pixels differ: the encoder stores the part.
  frames.push_back(frames.back().clone());
  for (int x = 4; x < 9; ++x) frames.back().row<std::uint8_t>(7)[3 * x] = 0;
  const Bytes file = animated_webp({24, 18}, frames);
  ASSERT_EQ(picture_count(file), frames.size());
  each_picture(file, [&](std::size_t place, const Bytes& picture) {
    const Raster made = decode(picture, read_header(picture));
    EXPECT_EQ(made.shape().channels, 3);
    EXPECT_TRUE(same_pixels(made.view(), frames[place].view())) << place;
    return true;
  });
  EXPECT_EQ(picture_of(file, 2).size(), encode(frames[2].view(), {.png_level = 1}).size());
}

TEST(AnimatedWebp, FramesAreSamplesWhereThatFormatIsAskedFor) {
  TempFolder in;
  std::vector<Raster> frames;
  for (int i = 0; i < 2; ++i) frames.push_back(shaded(i, false));
  in.write("cat/walk.webp", text_of(animated_webp({24, 18}, frames)));
  in.write("cat/run.png", text_of(apng(2, {{row({kRed, kRed})}, {row({kGreen}), 1}})));
  in.write("cat/still.png", text_of(encode(frames[0].view(), {})));
  in.write("dog/still.webp", text_of(encode(frames[0].view(), {.format = ImageFormat::webp})));
  const auto reader = open_dataset(in.path(), {.format = "frames"});
  EXPECT_EQ(ids_of(reader->index()), (All{"cat/run.png.0001.png", "cat/run.png.0002.png", "cat/still.png", "cat/walk.webp.0001.png", "cat/walk.webp.0002.png", "dog/still.webp"}));
  const Bytes second = reader->read(entry_of(reader->index(), "cat/walk.webp.0002.png")).file;
  EXPECT_TRUE(same_pixels(decode(second, read_header(second)).view(), frames[1].view()));
  EXPECT_EQ(ids_of(open_dataset(in.path())->index()).size(), 4U) << "else a file is a sample";
}

}  // namespace
}  // namespace leaven::io
