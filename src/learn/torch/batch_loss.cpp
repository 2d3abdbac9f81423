#include "learn/torch/batch_loss.hpp"

#include <vector>

namespace leaven::learn {

namespace {

/// A copy: going back through what is made of it asks for it once more.
torch::Tensor floats_of(std::span<const float> values) {
  return torch::from_blob(const_cast<float*>(values.data()), {static_cast<std::int64_t>(values.size())}).clone();
}

torch::Tensor places_of(std::span<const std::uint32_t> values) {
  std::vector<std::int64_t> wide(values.begin(), values.end());
  return torch::from_blob(wide.data(), {static_cast<std::int64_t>(wide.size())}, torch::kLong).clone();
}

}  // namespace

torch::Tensor mixed(const torch::Tensor& features, const Inside& inside) {
  if (inside.partners.empty()) return features;
  const torch::Tensor others = features.index_select(0, places_of(inside.partners));
  return features + floats_of(inside.shares).unsqueeze(1) * (others - features);
}

torch::Tensor batch_loss(const torch::Tensor& out, const Batch& batch, const Inside& inside, bool numbers) {
  if (numbers) return torch::mse_loss(out.flatten(), floats_of(batch.targets));
  const torch::Tensor labels = places_of(batch.labels);
  if (inside.views == 1) return torch::cross_entropy_loss(out, labels);
  const std::vector<torch::Tensor> views = out.chunk(inside.views, 0);
  std::vector<torch::Tensor> said;
  for (const torch::Tensor& view : views) said.push_back(torch::softmax(view, 1));
  const torch::Tensor middle = torch::stack(said).mean(0).clamp(1e-7, 1).log();
  torch::Tensor apart = torch::zeros({});
  for (const torch::Tensor& p : said) apart = apart + torch::kl_div(middle, p, at::Reduction::Sum) / static_cast<double>(batch.size() * inside.views);
  return torch::cross_entropy_loss(views.front(), labels) + kAgreement * apart;
}

}  // namespace leaven::learn
