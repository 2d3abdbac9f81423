#include "kernels/moves.hpp"

#include <cstring>
#include <vector>

#include "tests/kernels/every_target.hpp"
#include "tests/kernels/guarded.hpp"

namespace leaven::kernels {
namespace {

constexpr int kSizes[] = {1, 2, 3, 4, 6, 8, 12, 16};  // bytes of a pixel

std::vector<std::byte> noise(std::size_t count) {
  TestNumbers numbers;
  std::vector<std::byte> bytes(count);
  for (std::byte& b : bytes) b = static_cast<std::byte>(numbers.next());
  return bytes;
}

TEST(Moves, BackwardCopiesOfEveryPixelSizeAndLength) {
  on_every_target([] {
    for (const int size : kSizes)
      for (std::size_t count = 1; count <= 70; ++count) {
        const auto pixel = static_cast<std::size_t>(size);
        const auto in = noise(count * pixel);
        Guarded<std::byte> out(count * pixel);
        copy_backward(in.data() + (count - 1) * pixel, size, count, out.data());
        for (std::size_t i = 0; i < count; ++i)
          ASSERT_EQ(std::memcmp(out.data() + i * pixel, in.data() + (count - 1 - i) * pixel, pixel), 0)
              << size << " bytes, pixel " << i << " of " << count;
        ASSERT_TRUE(out.intact());
      }
  });
}

TEST(Moves, RowsBackwardAreEachCopiedFromTheirOwn) {
  on_every_target([] {
    constexpr std::size_t kCount = 37, kStride = kCount * 16 + 5;
    for (const int size : kSizes) {
      const auto pixel = static_cast<std::size_t>(size);
      const auto in = noise(3 * kCount * pixel);
      const int order[] = {2, 0, 1, 1};  // of source rows
      std::vector<const std::byte*> last;
      for (const int row : order) last.push_back(in.data() + (static_cast<std::size_t>(row) * kCount + kCount - 1) * pixel);
      Guarded<std::byte> out(3 * kStride + kCount * pixel);
      copy_rows_backward(last.data(), 4, size, kCount, out.data(), kStride);
      std::vector<std::byte> alone(kCount * pixel);
      for (std::size_t row = 0; row < 4; ++row) {
        copy_backward(last[row], size, kCount, alone.data());
        ASSERT_EQ(std::memcmp(out.data() + row * kStride, alone.data(), alone.size()), 0) << size << " bytes, row " << row;
      }
      ASSERT_TRUE(out.intact());
    }
  });
}

TEST(Moves, RepeatedPixels) {
  for (const int size : kSizes)
    for (const std::size_t count : {1, 2, 3, 17, 100}) {
      const auto pixel = static_cast<std::size_t>(size);
      const auto in = noise(pixel);
      Guarded<std::byte> out(count * pixel);
      repeat_pixel(in.data(), size, count, out.data());
      for (std::size_t i = 0; i < count; ++i) ASSERT_EQ(std::memcmp(out.data() + i * pixel, in.data(), pixel), 0);
      ASSERT_TRUE(out.intact());
    }
}

TEST(Moves, RepeatingNothingWritesNothing) {
  const auto in = noise(3);
  Guarded<std::byte> out(1);
  repeat_pixel(in.data(), 3, 0, out.data());
  EXPECT_TRUE(out.intact());
}

TEST(Moves, IndexedCopies) {
  const std::vector<std::int32_t> index = {3, 3, 0, 9, 1, 8, 2};
  for (const int size : kSizes) {
    const auto pixel = static_cast<std::size_t>(size);
    const auto in = noise(10 * pixel);
    Guarded<std::byte> out(index.size() * pixel);
    copy_indexed(in.data(), index.data(), size, index.size(), out.data());
    for (std::size_t i = 0; i < index.size(); ++i)
      ASSERT_EQ(std::memcmp(out.data() + i * pixel, in.data() + static_cast<std::size_t>(index[i]) * pixel, pixel), 0);
    ASSERT_TRUE(out.intact());
  }
}

TEST(Moves, TransposedCopiesGoBothWays) {
  constexpr std::size_t kRows = 21, kColumns = 16;
  for (const int size : kSizes)
    for (const int step : {1, -1}) {
      const auto pixel = static_cast<std::size_t>(size);
      const auto in = noise(kRows * kColumns * pixel);
      std::vector<const std::byte*> rows;
      for (std::size_t r = 0; r < kRows; ++r) rows.push_back(in.data() + r * kColumns * pixel);
      const std::ptrdiff_t column = step > 0 ? 2 : 14;
      constexpr int kHeight = 13;
      Guarded<std::byte> out(kRows * kHeight * pixel);
      copy_transposed(rows.data(), column, step, size, kRows, kHeight, out.data(), static_cast<std::ptrdiff_t>(kRows * pixel));
      for (std::size_t r = 0; r < kHeight; ++r)
        for (std::size_t i = 0; i < kRows; ++i) {
          const auto from = static_cast<std::size_t>(column + step * static_cast<std::ptrdiff_t>(r));
          ASSERT_EQ(std::memcmp(out.data() + (r * kRows + i) * pixel, rows[i] + from * pixel, pixel), 0);
        }
      ASSERT_TRUE(out.intact());
    }
}

}  // namespace
}  // namespace leaven::kernels
