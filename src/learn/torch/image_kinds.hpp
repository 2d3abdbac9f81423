// Every generator of pictures that there is.
#pragma once

#include <vector>

#include "learn/generate/image_model.hpp"

namespace leaven::learn {

/// "cvae" first, then "conv_cvae", "flow", "gan", "wgan_gp", "pca".
std::vector<ImageKind> image_kinds();

ImageKind vae_kind(bool convolutions);
ImageKind flow_kind();
ImageKind gan_kind();
ImageKind wgan_gp_kind();

}  // namespace leaven::learn
