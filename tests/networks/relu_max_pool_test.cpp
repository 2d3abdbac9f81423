// The pass that follows a convolution, against libtorch's own two.
#include "learn/torch/relu_max_pool.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "core/value.hpp"

namespace leaven::learn {
namespace {

/// Few different numbers, so that many are equal, half of them below 0.
torch::Tensor drawn(const std::vector<std::int64_t>& sizes, std::uint64_t number) {
  const torch::Tensor x = torch::empty(sizes);
  for (std::int64_t i = 0; i < x.numel(); ++i)
    x.data_ptr<float>()[i] = static_cast<float>(std::floor(9 * draw_unit(Key{3, number}, static_cast<std::uint64_t>(i))) - 4) / 3;
  return x;
}

bool same_bits(const torch::Tensor& a, const torch::Tensor& b) {
  return a.sizes() == b.sizes() && std::memcmp(a.contiguous().data_ptr(), b.contiguous().data_ptr(), static_cast<std::size_t>(a.numel()) * sizeof(float)) == 0;
}

TEST(ReluMaxPool, IsToTheBitWhatTorchDoes) {
  for (const std::vector<std::int64_t>& sizes : std::vector<std::vector<std::int64_t>>{{2, 3, 8, 8}, {1, 1, 2, 2}, {3, 2, 7, 9}, {2, 1, 2, 5}}) {
    const torch::Tensor x = drawn(sizes, 1).set_requires_grad(true), same = drawn(sizes, 1).set_requires_grad(true);
    const torch::Tensor ours = relu_max_pool(x), theirs = torch::max_pool2d(torch::relu(same), 2);
    EXPECT_TRUE(same_bits(ours, theirs));
    const torch::Tensor weights = drawn({ours.size(0), ours.size(1), ours.size(2), ours.size(3)}, 2);
    (ours * weights).sum().backward();
    (theirs * weights).sum().backward();
    EXPECT_TRUE(same_bits(x.grad(), same.grad()));
  }
}

TEST(ReluMaxPool, WhatIsNoNumberIsPassedOn) {
  torch::Tensor x = drawn({1, 1, 4, 4}, 1);
  x.data_ptr<float>()[5] = std::numeric_limits<float>::quiet_NaN();
  const torch::Tensor made = relu_max_pool(x);
  EXPECT_TRUE(std::isnan(made.data_ptr<float>()[0]));
  EXPECT_FALSE(std::isnan(made.data_ptr<float>()[3]));
}

}  // namespace
}  // namespace leaven::learn
