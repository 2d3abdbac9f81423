#include <array>

#include "fuzz/dataset.hpp"
#include "fuzz/image.hpp"
#include "fuzz/recipe.hpp"
#include "fuzz/target.hpp"

namespace leaven::fuzz {

std::span<const Target> targets() {
  static constexpr std::array kTargets{
      Target{"image", &run_image, &image_seeds},
      Target{"recipe", &run_recipe, &recipe_seeds},
      Target{"lineage", &run_lineage, &lineage_seeds},
      Target{"idx", &run_idx, &idx_seeds},
      Target{"cifar", &run_cifar, &cifar_seeds},
      Target{"npz", &run_npz, &npz_seeds},
      Target{"webdataset", &run_webdataset, &webdataset_seeds},
      Target{"manifest", &run_manifest, &manifest_seeds},
      Target{"table", &run_table, &table_seeds},
  };
  return kTargets;
}

}  // namespace leaven::fuzz
