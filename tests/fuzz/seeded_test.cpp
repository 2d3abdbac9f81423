// 10,000 broken inputs for every reader, the same ones on every machine. Under libFuzzer the same targets go further.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>

#include "fuzz/target.hpp"
#include "tests/fuzz/mutation.hpp"

namespace leaven::fuzz {
namespace {

constexpr std::uint64_t kSeries = 1;
constexpr std::uint64_t kInputs = 10'000;

/// The input that runs now lies in a file beside the test's results, so that it is there when the process dies of it.
class Evidence {
 public:
  explicit Evidence(const Target& target)
      : name_("fuzz_" + std::string(target.name)), file_(::open(name_.c_str(), O_CREAT | O_TRUNC | O_WRONLY, 0644)) {}
  ~Evidence() {
    ::close(file_);
    std::filesystem::remove(name_);
  }
  Evidence(const Evidence&) = delete;
  Evidence& operator=(const Evidence&) = delete;

  /// Written over in place: a file cut to nothing and closed 10,000 times would be flushed to disk as often.
  bool running(const io::Bytes& input) const {
    const auto size = static_cast<ssize_t>(input.size());
    return ::pwrite(file_, input.data(), input.size(), 0) == size && ::ftruncate(file_, size) == 0;
  }
  /// Its name, for a finding that the process survives.
  std::string keep(std::uint64_t number, const io::Bytes& input) const {
    const std::string name = name_ + "_" + std::to_string(number);
    std::ofstream file(name, std::ios::binary);
    file.write(reinterpret_cast<const char*>(input.data()), static_cast<std::streamsize>(input.size()));
    return name;
  }

 private:
  std::string name_;
  int file_;
};

class Seeded : public testing::TestWithParam<Target> {};

TEST_P(Seeded, WellFormedInputsAreAccepted) {
  for (const io::Bytes& seed : GetParam().seeds()) EXPECT_TRUE(GetParam().run(seed));
}

TEST_P(Seeded, EveryInputGetsAnAnswer) {
  const Target& target = GetParam();
  const std::vector<io::Bytes> seeds = target.seeds();
  ASSERT_FALSE(seeds.empty());
  const Evidence evidence(target);
  for (std::uint64_t number = 0; number < kInputs; ++number) {
    const io::Bytes input = mutated(seeds, kSeries, number);
    ASSERT_TRUE(evidence.running(input));
    try {
      target.run(input);
    } catch (const std::exception& error) {
      ADD_FAILURE() << "input " << number << ": " << error.what() << "; kept as " << evidence.keep(number, input);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Readers, Seeded, testing::ValuesIn(targets().begin(), targets().end()),
                         [](const auto& instance) { return std::string(instance.param.name); });

TEST(Mutation, DependsOnItsNumberAlone) {
  const std::vector<io::Bytes> seeds{bytes_of("one well-formed input"), bytes_of("another of them")};
  EXPECT_EQ(mutated(seeds, 1, 5), mutated(seeds, 1, 5));
  std::size_t changed = 0;
  for (std::uint64_t number = 0; number < 100; ++number)
    changed += mutated(seeds, 1, number) != seeds[0] && mutated(seeds, 1, number) != seeds[1];
  EXPECT_GT(changed, 95U);
}

}  // namespace
}  // namespace leaven::fuzz
