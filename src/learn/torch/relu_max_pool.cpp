#include "learn/torch/relu_max_pool.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

namespace leaven::learn {

namespace {

constexpr std::uint8_t kNothing = 4;  ///< all four are below 0 or 0: nothing goes back

struct Sizes {
  std::int64_t planes{}, height{}, width{};
  explicit Sizes(at::IntArrayRef of) : planes(of[0] * of[1]), height(of[2]), width(of[3]) {}
};

class ReluMaxPool : public torch::autograd::Function<ReluMaxPool> {
 public:
  static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& input) {
    const torch::Tensor x = input.contiguous();
    const Sizes from(x.sizes());
    const torch::Tensor made = torch::empty({x.size(0), x.size(1), from.height / 2, from.width / 2});
    const torch::Tensor chosen = torch::empty(made.sizes(), torch::kByte);
    const float* in = x.data_ptr<float>();
    float* out = made.data_ptr<float>();
    std::uint8_t* which = chosen.data_ptr<std::uint8_t>();
    for (std::int64_t plane = 0; plane < from.planes; ++plane, in += from.height * from.width)
      for (std::int64_t y = 0; y < from.height / 2; ++y) {
        const float* const above = in + 2 * y * from.width;
        const float* const below = above + from.width;
        for (std::int64_t i = 0; i < from.width / 2; ++i, ++out, ++which) {
          const float a = above[2 * i], b = above[2 * i + 1], c = below[2 * i], d = below[2 * i + 1];
          // The first of equal ones, without branches: which is the greatest is a matter of chance, and guessed wrongly half of the time.
          const int right = b > a, right_below = d > c;
          const float upper = std::max(a, b), lower = std::max(c, d);
          const int below_it = lower > upper;
          const float most = std::max(upper, lower);
          const int some = most > 0, at = right + below_it * (2 + right_below - right);
          *out = std::max(0.0f, most);
          *which = static_cast<std::uint8_t>(kNothing + some * (at - kNothing));
          if (std::isnan(a + b + c + d) && (std::isnan(a) || std::isnan(b) || std::isnan(c) || std::isnan(d))) *out = std::numeric_limits<float>::quiet_NaN();
        }
      }
    context->saved_data["sizes"] = x.sizes();
    context->save_for_backward({chosen});
    return made;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context, const torch::autograd::variable_list& gradients) {
    const torch::Tensor gradient = gradients[0].contiguous();
    const std::vector<std::int64_t> sizes = context->saved_data["sizes"].toIntVector();
    const Sizes to(sizes);
    // Rows and columns that no pair is left for stay 0.
    const bool whole = to.height % 2 == 0 && to.width % 2 == 0;
    const torch::Tensor made = whole ? torch::empty(sizes) : torch::zeros(sizes);
    const torch::Tensor chosen = context->get_saved_variables()[0];
    const float* in = gradient.data_ptr<float>();
    const std::uint8_t* which = chosen.data_ptr<std::uint8_t>();
    float* out = made.data_ptr<float>();
    for (std::int64_t plane = 0; plane < to.planes; ++plane, out += to.height * to.width)
      for (std::int64_t y = 0; y < to.height / 2; ++y) {
        float* const above = out + 2 * y * to.width;
        float* const below = above + to.width;
        for (std::int64_t i = 0; i < to.width / 2; ++i, ++in, ++which) {
          const float g = 0.0f + *in;  // as a sum that begins at 0: never −0
          above[2 * i] = *which == 0 ? g : 0.0f;
          above[2 * i + 1] = *which == 1 ? g : 0.0f;
          below[2 * i] = *which == 2 ? g : 0.0f;
          below[2 * i + 1] = *which == 3 ? g : 0.0f;
        }
      }
    return {made};
  }
};

}  // namespace

torch::Tensor relu_max_pool(const torch::Tensor& x) { return ReluMaxPool::apply(x); }

}  // namespace leaven::learn
