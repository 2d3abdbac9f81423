// What other people build against an installed Leaven: the examples, with nothing but what is installed.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "io/codec.hpp"
#include "leaven/custom_op.hpp"
#include "tests/api/refusal.hpp"

namespace leaven {
namespace {

const std::string kSource = LEAVEN_SOURCE_DIR, kBuild = LEAVEN_BINARY_DIR;

std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

/// Runs a command line of the shell; what it says is in `log`.
testing::AssertionResult runs(const std::string& command, const std::filesystem::path& log) {
  const int status = std::system(("{ " + command + "; } >'" + log.string() + "' 2>&1").c_str());
  if (status == 0) return testing::AssertionSuccess();
  return testing::AssertionFailure() << command << "\n" << text_of(log);
}

// A library under a sanitizer is of use to programs under the same one only.
#if defined(__SANITIZE_ADDRESS__)
constexpr const char* kSanitized = " -DCMAKE_CXX_FLAGS=-fsanitize=address,undefined";
#elif defined(__SANITIZE_THREAD__)
constexpr const char* kSanitized = " -DCMAKE_CXX_FLAGS=-fsanitize=thread";
#else
constexpr const char* kSanitized = "";
#endif

std::string in_quotes(const std::filesystem::path& path) { return "'" + path.string() + "'"; }

void draw_photos(const std::filesystem::path& folder) {
  for (const char* label : {"cat", "dog"})
    for (int i = 0; i < 3; ++i) {
      Raster image({.width = 40, .height = 36, .channels = 3});
      for (std::size_t at = 0; at < image.shape().bytes(); ++at) image.data()[at] = static_cast<std::byte>(at * 7 + static_cast<std::size_t>(i) * 40);
      const io::Bytes file = io::encode(image.view(), {.format = io::ImageFormat::png});
      std::filesystem::create_directories(folder / label);
      std::ofstream(folder / label / (std::to_string(i) + ".png"), std::ios::binary)
          .write(reinterpret_cast<const char*>(file.data()), static_cast<std::streamsize>(file.size()));
    }
}

TEST(ApiInstalled, AProjectOfItsOwnFindsIt) {
  const TemporaryFolder folder;
  const auto log = folder / "log", prefix = folder / "prefix", build = folder / "build", photos = folder / "photos";
  draw_photos(photos);
  ASSERT_TRUE(runs("cmake --install " + in_quotes(kBuild) + " --component cpp --prefix " + in_quotes(prefix), log));
  ASSERT_TRUE(runs("cmake -G Ninja -S " + in_quotes(kSource + "/examples/cpp") + " -B " + in_quotes(build) + " -DCMAKE_BUILD_TYPE=Debug -DCMAKE_PREFIX_PATH=" + in_quotes(prefix) + kSanitized +
                       " && cmake --build " + in_quotes(build), log));
  ASSERT_TRUE(runs(in_quotes(build / "example") + " " + in_quotes(photos), log));
  EXPECT_NE(text_of(log).find("2 classes, 6 images"), std::string::npos) << text_of(log);
  EXPECT_NE(text_of(log).find("mean "), std::string::npos);
  ASSERT_TRUE(runs(in_quotes(prefix / "bin/leaven") + " --version", log));
  EXPECT_FALSE(runs(in_quotes(build / "example") + " " + in_quotes(folder / "nothing"), log));
}

TEST(ApiInstalled, ASharedLibraryOfOpsWorksHereAndInTheProgram) {
  const TemporaryFolder folder;
  const auto log = folder / "log", library = folder / "libfade.so", photos = folder / "photos", recipe = folder / "fade.yaml";
  draw_photos(photos);
  ASSERT_TRUE(runs("c++ -std=c++17 -shared -fPIC -I " + in_quotes(kSource + "/include") + " " + in_quotes(kSource + "/examples/custom_op/fade.cpp") + " -o " +
                       in_quotes(library), log));
  const std::string text = "leaven: 1\nsteps:\n  - custom.fade: {amount: 0.5}\n";
  std::ofstream(recipe) << text;

  // Until it is declared nobody knows it, and the reason says how to.
  EXPECT_NE(refusal([&] { Recipe::from_text(text); }).find("name its library in LEAVEN_OPS"), std::string::npos);
  const std::string run = in_quotes(kBuild + "/leaven") + " augment " + in_quotes(photos) + " -o ", how = " --recipe " + in_quotes(recipe) + " --times 1";
  EXPECT_FALSE(runs(run + in_quotes(folder / "out") + how, log));
  EXPECT_NE(text_of(log).find("name its library in LEAVEN_OPS"), std::string::npos) << text_of(log);

  load_op_library(library);
  const std::vector<std::uint8_t> pixels{0, 100, 255};
  const Applied made = Recipe::from_text(text).apply({.data = pixels.data(), .width = 1, .height = 1, .channels = 3});
  EXPECT_EQ(made.image.data, (std::vector<std::byte>{std::byte{127}, std::byte{177}, std::byte{255}}));
  EXPECT_NE(refusal([] { Recipe::from_text("leaven: 1\nsteps:\n  - custom.fade: {amount: 2}\n"); }).find("amount must be in [0, 1]"), std::string::npos);

  const std::string with = "LEAVEN_OPS=" + in_quotes(library) + " ";
  ASSERT_TRUE(runs(with + run + in_quotes(folder / "out") + how, log));
  const auto line = folder / "out/cat/0_aug1.png";
  ASSERT_TRUE(runs(with + in_quotes(kBuild + "/leaven") + " replay " + in_quotes(line) + " -o " + in_quotes(folder / "again.png"), log)) << text_of(log);
  EXPECT_EQ(text_of(folder / "again.png"), text_of(line));
  EXPECT_FALSE(runs(in_quotes(kBuild + "/leaven") + " replay " + in_quotes(line) + " -o " + in_quotes(folder / "never.png"), log));
  EXPECT_NE(text_of(log).find("custom.fade"), std::string::npos) << text_of(log);
  refusal([&] { load_op_library(recipe); }, Fault::environment);
}

}  // namespace
}  // namespace leaven
