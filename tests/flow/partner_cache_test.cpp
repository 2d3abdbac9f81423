#include "flow/partner_cache.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace leaven::flow {
namespace {

plan::Partner partner(int side) {
  const RasterShape shape{side, side, 1};
  return {std::to_string(side), {}, {}, shape, std::make_shared<const Raster>(shape), {}};
}

TEST(PartnerCache, KeepsWhatWasAskedForLast) {
  PartnerCache cache(300);
  for (std::uint32_t entry = 0; entry < 3; ++entry) cache.keep(entry, partner(10));
  ASSERT_TRUE(cache.find(0));
  cache.keep(3, partner(10));  // the one asked for longest ago goes
  EXPECT_TRUE(cache.find(0) && cache.find(2) && cache.find(3));
  EXPECT_FALSE(cache.find(1));
  cache.keep(4, partner(17));  // 289 bytes leave no room for others
  EXPECT_EQ(cache.find(4)->source, "17");
  EXPECT_FALSE(cache.find(0) || cache.find(2) || cache.find(3));
}

TEST(PartnerCache, DoesNotKeepWhatIsLargerThanItself) {
  PartnerCache cache(99);
  cache.keep(7, partner(10));
  EXPECT_FALSE(cache.find(7));
}

}  // namespace
}  // namespace leaven::flow
