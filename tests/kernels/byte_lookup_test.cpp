#include "kernels/byte_lookup.hpp"

#include <vector>

#include "tests/kernels/every_target.hpp"
#include "tests/kernels/guarded.hpp"

namespace leaven::kernels {
namespace {

std::array<ByteTable, 4> tables(bool alike) {
  std::array<ByteTable, 4> all{};
  for (std::size_t c = 0; c < 4; ++c)
    for (std::size_t i = 0; i < 256; ++i) all[c][i] = static_cast<std::uint8_t>(i * 167 + 13 + (alike ? 0 : 31 * c));
  return all;
}

TEST(ByteLookup, EveryByteOfEveryChannelAndLength) {
  on_every_target([] {
    for (const bool alike : {true, false})
      for (int channels = 1; channels <= 4; ++channels)
        for (const std::size_t pixels : {1, 7, 64, 65, 300}) {
          const auto all = tables(alike);
          const auto used = static_cast<std::size_t>(channels);
          Guarded<std::uint8_t> in(pixels * used), out(pixels * used);
          for (std::size_t i = 0; i < pixels * used; ++i) in.data()[i] = static_cast<std::uint8_t>(i * 7 + i / 256);
          look_up_bytes(in.data(), all, channels, pixels, out.data());
          for (std::size_t i = 0; i < pixels * used; ++i) ASSERT_EQ(out.data()[i], all[i % used][in.data()[i]]) << i;
          ASSERT_TRUE(out.intact());
          look_up_bytes(in.data(), all, channels, pixels, in.data());
          for (std::size_t i = 0; i < pixels * used; ++i) ASSERT_EQ(in.data()[i], out.data()[i]);
        }
  });
}

TEST(ByteLookup, AllBytesThroughOneTable) {
  on_every_target([] {
    const auto all = tables(true);
    std::vector<std::uint8_t> in(256 * 3), out(in.size());
    for (std::size_t i = 0; i < in.size(); ++i) in[i] = static_cast<std::uint8_t>(i % 256);
    look_up_bytes(in.data(), all, 3, 256, out.data());
    for (std::size_t i = 0; i < in.size(); ++i) ASSERT_EQ(out[i], all[0][i % 256]);
  });
}

}  // namespace
}  // namespace leaven::kernels
