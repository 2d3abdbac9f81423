#include <array>

#include "fuzz/annotated.hpp"
#include "fuzz/dataset.hpp"
#include "fuzz/image.hpp"
#include "fuzz/recipe.hpp"
#include "fuzz/safetensors.hpp"
#include "fuzz/series.hpp"
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
      Target{"series", &run_series, &series_seeds},
      Target{"safetensors", &run_safetensors, &safetensors_seeds},
      Target{"yolo_labels", &run_yolo_labels, &yolo_labels_seeds},
      Target{"yolo_config", &run_yolo_config, &yolo_config_seeds},
      Target{"coco", &run_coco, &coco_seeds},
      Target{"voc", &run_voc, &voc_seeds},
      Target{"labelme", &run_labelme, &labelme_seeds},
      Target{"label_png", &run_label_png, &label_png_seeds},
      Target{"boxes", &run_boxes, &boxes_seeds},
  };
  return kTargets;
}

}  // namespace leaven::fuzz
