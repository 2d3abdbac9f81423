// Runs every *.case file: fast on every SIMD target and by four threads at once (equal digests), with fusion off within
// the case's bound, and against the reference. LEAVEN_BLESS=1 writes shapes and digests into the files instead.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <thread>

#include "core/error.hpp"
#include "core/lineage.hpp"
#include "kernels/targets.hpp"
#include "ops/families.hpp"
#include "plan/draw_program.hpp"
#include "tests/cases/case_file.hpp"

namespace leaven::cases {
namespace {

recipe::Recipe recipe_of(const Case& c, bool fuse) {
  std::string text = "leaven: 1\n" + std::string(fuse ? "" : "fuse: off\n") + "steps:\n";
  std::istringstream lines(c.recipe);
  for (std::string line; std::getline(lines, line);) text += "  " + line + "\n";
  recipe::Recipe recipe = recipe::parse(text, ops::op_table(), "case");
  recipe.seed = c.seed;
  return recipe;
}

struct Made {
  plan::RasterPlan plan{};
  Raster fast{};
};

Made make(const Case& c, bool fuse) {
  const recipe::Recipe recipe = recipe_of(c, fuse);
  const Raster source = draw_pattern(c.image, c.pattern);
  const auto drawn = plan::draw_program(recipe, {.seed = c.seed, .sample = "case", .copy = c.copy}, source.shape(), "");
  Made made{plan::plan_drawn(drawn, source.shape(), {.fuse = fuse}), {}};
  made.fast = plan::run_fast(made.plan, source.view());
  return made;
}

std::string digest_of_pixels(const Raster& r) { return digest_of(r.data(), r.shape().bytes()); }

double mean_difference(const Raster& a, const Raster& b) {
  double sum = 0;
  const auto samples = static_cast<std::size_t>(a.shape().width) * static_cast<std::size_t>(a.shape().height) * static_cast<std::size_t>(a.shape().channels);
  for (std::size_t i = 0; i < samples; ++i) {
    const auto at = [&](const Raster& r) {
      if (r.shape().dtype == Dtype::u8) return static_cast<double>(r.row<std::uint8_t>(0)[i]);
      if (r.shape().dtype == Dtype::u16) return static_cast<double>(r.row<std::uint16_t>(0)[i]);
      return static_cast<double>(r.row<float>(0)[i]);
    };
    sum += std::fabs(at(a) - at(b));
  }
  return sum / static_cast<double>(samples);
}

void run_image(Case& c, bool bless) {
  const Made made = make(c, true);
  const std::string shape = describe(made.fast.shape()), digest = digest_of_pixels(made.fast);
  if (bless) { c.shape = shape, c.digest = digest; return; }
  EXPECT_EQ(shape, c.shape);
  if (made.fast.shape().dtype == Dtype::f32) {  // floats may differ from target to target, within the kind's tolerance
    EXPECT_LE(mean_difference(made.fast, plan::run_reference(made.plan, draw_pattern(c.image, c.pattern).view())), plan::tolerance(made.plan));
  } else {
    EXPECT_EQ(digest, c.digest);
    for (const auto target : kernels::available_targets()) {
      const kernels::ForcedTarget forced(target);
      EXPECT_EQ(digest_of_pixels(make(c, true).fast), digest) << target.name;
    }
  }
  std::vector<std::string> digests(4);
  std::vector<std::thread> threads;
  for (std::string& d : digests) threads.emplace_back([&] { d = digest_of_pixels(make(c, true).fast); });
  for (std::thread& t : threads) t.join();
  for (const std::string& d : digests) EXPECT_EQ(d, digest);
  const Raster unfused = make(c, false).fast;
  ASSERT_EQ(unfused.shape(), made.fast.shape());
  EXPECT_LE(mean_difference(unfused, made.fast), c.unfused) << "fuse: off";
}

void run_case(Case& c, bool bless) {
  SCOPED_TRACE(c.file + ":" + std::to_string(c.line) + ": " + c.title);
  try {
    run_image(c, bless);
    EXPECT_TRUE(c.error.empty()) << "should have failed: " << c.error;
  } catch (const Error& e) {
    if (bless && !c.error.empty()) c.error = e.what();
    EXPECT_EQ(e.what(), c.error);
  }
}

// Puts the new shape, digest or error lines where the old ones stood.
void write_back(const std::filesystem::path& file, const std::vector<Case>& cases) {
  std::ifstream in(file);
  std::ostringstream out;
  std::size_t at = 0;
  bool seen = false;
  for (std::string line; std::getline(in, line);) {
    if (line.rfind("----", 0) == 0 && seen) ++at, seen = false;
    else if (!line.empty() && line[0] != '#' && line[0] != ' ') seen = true;
    if (at < cases.size() && line.rfind("shape", 0) == 0) line = "shape " + cases[at].shape;
    if (at < cases.size() && line.rfind("digest", 0) == 0) line = "digest " + cases[at].digest;
    if (at < cases.size() && line.rfind("error", 0) == 0) line = "error " + cases[at].error;
    out << line << "\n";
  }
  in.close();
  std::ofstream(file) << out.str();
}

std::vector<std::filesystem::path> case_files() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(std::string(LEAVEN_SOURCE_DIR) + "/tests/cases"))
    if (entry.path().extension() == ".case") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

class CaseFile : public testing::TestWithParam<std::filesystem::path> {};

TEST_P(CaseFile, ComesOutAsWritten) {
  std::vector<Case> cases = read_cases(GetParam());
  ASSERT_FALSE(cases.empty());
  const bool bless = std::getenv("LEAVEN_BLESS") != nullptr;
  for (Case& c : cases) run_case(c, bless);
  if (bless) {
    write_back(GetParam(), cases);
    ADD_FAILURE() << "blessed " << GetParam() << ": look at the change, then run without LEAVEN_BLESS";
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, CaseFile, testing::ValuesIn(case_files()),
                         [](const auto& file) { return file.param.stem().string(); });

}  // namespace
}  // namespace leaven::cases
