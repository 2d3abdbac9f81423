// Normals of many streams against one draw at a time, on every target.
#include "kernels/normal_draws.hpp"

#include <vector>

#include "core/value.hpp"
#include "tests/kernels/every_target.hpp"

namespace leaven::kernels {
namespace {

TEST(NormalDraws, EachIsTheDrawOfItsOwnStreamBitForBit) {
  std::vector<Key> keys;
  std::vector<double> wanted;
  for (std::uint64_t i = 0; i < 5003; ++i) keys.push_back({i * 0x9E3779B97F4A7C15, ~i * 0xBF58476D1CE4E5B9});
  on_every_target([&] {
    for (const std::uint64_t element : {0U, 1U, 19U, 0xffffffffU})
      for (const std::size_t count : {0U, 1U, 15U, 16U, 17U, 5003U}) {
        std::vector<double> made(count, 77);
        normal_draws(std::span(keys).first(count), element, made);
        for (std::size_t i = 0; i < count; ++i) ASSERT_EQ(made[i], draw(normal(0, 1), keys[i], element)) << i << ", " << element;
      }
  });
}

}  // namespace
}  // namespace leaven::kernels
