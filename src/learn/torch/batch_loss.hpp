// What a batch asks of a network besides its forward pass: features that are mixed, and the loss.
#pragma once

#include <torch/torch.h>

#include "learn/inner_learner.hpp"

namespace leaven::learn {

/// Items × features, with those of partners mixed in where there are some.
torch::Tensor mixed(const torch::Tensor& features, const Inside& inside);

/// Of what a network says: mean squared error of numbers, cross entropy of classes. Where the batch holds several views of its
/// items, the cross entropy of the first and kAgreement times the Jensen-Shannon divergence of all (Hendrycks et al. 2020, AugMix).
torch::Tensor batch_loss(const torch::Tensor& out, const Batch& batch, const Inside& inside, bool numbers);
inline constexpr double kAgreement = 12;

}  // namespace leaven::learn
