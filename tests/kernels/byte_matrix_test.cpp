#include "kernels/byte_matrix.hpp"

#include <vector>

#include "kernels/pixels.hpp"
#include "kernels/pointwise.hpp"
#include "tests/kernels/every_target.hpp"
#include "tests/kernels/guarded.hpp"

namespace leaven::kernels {
namespace {

TEST(ByteMatrix, EqualsLoadMatrixAndStoreBitForBit) {
  constexpr std::array<float, 12> kGrey{0.299f, 0.587f, 0.114f, 0, 0.299f, 0.587f, 0.114f, 0, 0.299f, 0.587f, 0.114f, 0};
  constexpr std::array<float, 12> kMixed{1.2f, -0.3f, 0.05f, 0.1f, 0, 0.7f, 0.4f, -0.2f, 0.33f, 0.33f, 0.34f, 0};
  on_every_target([&] {
    for (const auto& m : {kGrey, kMixed})
      for (const int count : {1, 5, 16, 17, 100, 256}) {
        TestNumbers numbers;
        const auto bytes = static_cast<std::size_t>(count) * 3;
        Guarded<std::uint8_t> in(bytes), out(bytes);
        for (std::size_t i = 0; i < bytes; ++i) in.data()[i] = static_cast<std::uint8_t>(numbers.next());
        SegmentBuffer segment;
        const Planes planes = segment.planes();
        load_pixels(reinterpret_cast<const std::byte*>(in.data()), Dtype::u8, 3, count, planes);
        color_matrix(planes, count, m, true);
        std::vector<std::byte> wanted(bytes);
        store_pixels(planes, Dtype::u8, 3, count, wanted.data());
        color_matrix_bytes(in.data(), static_cast<std::size_t>(count), m, out.data());
        for (std::size_t i = 0; i < bytes; ++i) ASSERT_EQ(out.data()[i], std::to_integer<std::uint8_t>(wanted[i])) << count << ", " << i;
        ASSERT_TRUE(out.intact());
      }
  });
}

}  // namespace
}  // namespace leaven::kernels
