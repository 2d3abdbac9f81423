// Every generator of pictures that there is.
#pragma once

#include <vector>

#include "learn/generate/image_model.hpp"

namespace leaven::learn {

/// "cvae" first, then "conv_cvae", "flow", "gan", "wgan_gp", "gan_r1", "deep_smote", "pca".
std::vector<ImageKind> image_kinds();

/// Of series: "series_vae" first, then "block_bootstrap".
std::vector<ImageKind> series_kinds();

ImageKind vae_kind(bool convolutions);
ImageKind series_vae_kind();
ImageKind flow_kind();
ImageKind deep_smote_kind();

}  // namespace leaven::learn
