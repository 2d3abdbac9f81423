#include "kernels/noise.hpp"

#include "kernels/noise_definition.hpp"
#include "tests/kernels/every_target.hpp"

namespace leaven::kernels {
namespace {

constexpr Key kKey{0xdeadbeef01234567, 0x89abcdef55aa33cc};

TEST(Noise, GaussianRowsEqualTheDefinitionBitForBit) {
  on_every_target([] {
    for (const int count : {1, 64, 65, 200, 256})
      for (const int x : {0, 64, 65472})
        for (const int y : {0, 65535})
          for (int channel = 0; channel < 4; ++channel) {
            SegmentBuffer buffer{};
            buffer.values[1].fill(7.0f);
            gaussian_row(kKey, x, y, channel, count, buffer.values[0].data());
            for (int i = 0; i < count; ++i)
              ASSERT_EQ(static_cast<double>(buffer.values[0][static_cast<std::size_t>(i)]),
                        gaussian_at(kKey, x + i, y, channel))
                  << x + i << ", " << y;
            ASSERT_EQ(buffer.values[1][0], 7.0f);
          }
  });
}

TEST(Noise, WordsAreThoseOfTheDefinition) {
  on_every_target([] {
    for (const int x : {0, 192})
      for (const int channel : {0, 3}) {
        std::array<std::uint32_t, 256> words{};
        word_row(kKey, x, 77, channel, 200, words.data());
        for (int i = 0; i < 200; ++i) {
          const NoiseWord at = noise_word(x + i, 77, channel);
          ASSERT_EQ(words[static_cast<std::size_t>(i)],
                    random_block(kKey, at.block)[static_cast<std::size_t>(at.word)]);
        }
      }
  });
}

TEST(Noise, SaltAndPepperRowsEqualTheDefinition) {
  on_every_target([] {
    for (const double amount : {0.0, 0.01, 0.5, 1.0})
      for (const double salt : {0.0, 0.3, 1.0})
        for (const int count : {1, 100, 256}) {
          SegmentBuffer buffer{};
          for (auto& plane : buffer.values) plane.fill(0.5f);
          salt_pepper_row(kKey, 128, 3, amount, salt, {1, 0.9f, 0.8f, 0.7f}, {0, 0.1f, 0.2f, 0.3f}, 3, count,
                          buffer.planes());
          for (int i = 0; i < count; ++i) {
            const SaltOrPepper kind = salt_pepper_at(kKey, 128 + i, 3, amount, salt);
            for (std::size_t c = 0; c < 3; ++c) {
              const float salted = std::array{1.0f, 0.9f, 0.8f}[c], peppered = std::array{0.0f, 0.1f, 0.2f}[c];
              const float expected = kind == SaltOrPepper::salt     ? salted
                                     : kind == SaltOrPepper::pepper ? peppered
                                                                    : 0.5f;
              ASSERT_EQ(buffer.values[c][static_cast<std::size_t>(i)], expected);
            }
            ASSERT_EQ(buffer.values[3][static_cast<std::size_t>(i)], 0.5f);
          }
        }
  });
}

}  // namespace
}  // namespace leaven::kernels
