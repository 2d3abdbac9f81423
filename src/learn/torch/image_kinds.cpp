#include "learn/torch/image_kinds.hpp"

namespace leaven::learn {

std::vector<ImageKind> image_kinds() { return {vae_kind(false), vae_kind(true), flow_kind(), gan_kind(), wgan_gp_kind(), pca_kind()}; }

}  // namespace leaven::learn
