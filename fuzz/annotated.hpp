// Formats of marked images: whatever the bytes, marks that are whole in themselves or an error that says what is wrong.
#pragma once

#include "fuzz/target.hpp"

namespace leaven::fuzz {

bool run_yolo_labels(io::BytesView input);
std::vector<io::Bytes> yolo_labels_seeds();

bool run_yolo_config(io::BytesView input);
std::vector<io::Bytes> yolo_config_seeds();

bool run_coco(io::BytesView input);
std::vector<io::Bytes> coco_seeds();

bool run_voc(io::BytesView input);
std::vector<io::Bytes> voc_seeds();

bool run_labelme(io::BytesView input);
std::vector<io::Bytes> labelme_seeds();

bool run_label_png(io::BytesView input);
std::vector<io::Bytes> label_png_seeds();

bool run_boxes(io::BytesView input);
std::vector<io::Bytes> boxes_seeds();

}  // namespace leaven::fuzz
