#include "learn/torch/image_kinds.hpp"

#include "learn/generate/series_data.hpp"
#include "learn/torch/gan_rules.hpp"

namespace leaven::learn {

std::vector<ImageKind> image_kinds() { return {vae_kind(false), vae_kind(true), flow_kind(), adversarial_kind(kHinge), adversarial_kind(kWasserstein), adversarial_kind(kLogistic), deep_smote_kind(), pca_kind()}; }
std::vector<ImageKind> series_kinds() { return {series_vae_kind(), block_bootstrap_kind()}; }

}  // namespace leaven::learn
