#include "fuzz/annotated.hpp"

#include <algorithm>
#include <filesystem>
#include <string>

#include "fuzz/dataset_folder.hpp"
#include "io/png_labels.hpp"

namespace leaven::fuzz {

namespace fs = std::filesystem;

namespace {

io::Bytes picture() {
  Raster image(RasterShape{.width = kFuzzImage.width, .height = kFuzzImage.height, .channels = 3});
  std::fill_n(image.data(), image.shape().bytes(), std::byte{40});
  return io::encode(image.view(), {});
}

/// A folder with one image, where the input lies at `file`.
bool read_beside_image(const char* format, const char* image, const char* file, io::BytesView input) {
  const fs::path folder = scratch_folder(format);
  for (const char* name : {image, file}) fs::create_directories((folder / name).parent_path());
  static const io::Bytes kPicture = picture();
  write(folder / image, kPicture);
  write(folder / file, input);
  return read_dataset(folder, format);
}

Raster numbers(Dtype dtype) {
  Raster mask(RasterShape{.width = kFuzzImage.width, .height = kFuzzImage.height, .channels = 1, .dtype = dtype});
  for (std::size_t i = 0; i < mask.shape().bytes(); ++i) mask.data()[i] = static_cast<std::byte>(i % 5);
  return mask;
}

}  // namespace

bool run_yolo_labels(io::BytesView input) { return read_beside_image("yolo", "images/a.png", "labels/a.txt", input); }

std::vector<io::Bytes> yolo_labels_seeds() {
  return {bytes_of("0 0.5 0.5 0.25 0.5\r\n1 0.1 0.1 1.0006 0.2\n\n"),
          bytes_of("0 0.1 0.1 0.5 0.1 0.5 0.5\n3 0 0 1 0 1 1 0 1\n")};
}

bool run_yolo_config(io::BytesView input) {
  const fs::path folder = scratch_folder("yolo_config");
  fs::create_directories(folder / "images");
  fs::create_directories(folder / "labels");
  write(folder / "images/a.png", picture());
  write(folder / "labels/a.txt", bytes_of("0 0.5 0.5 0.25 0.5 0.1 0.1 2 0.2 0.2 1\n"));
  write(folder / "data.yaml", input);
  return read_dataset(folder, "yolo");
}

std::vector<io::Bytes> yolo_config_seeds() {
  return {bytes_of("path: ../x\ntrain: images\nval: [images, more]\nnames: {0: cat, 1: 'dog'}\n"),
          bytes_of("train: images\nnc: 1\nnames: [person]\nkpt_shape: [2, 3]\nflip_idx: [1, 0]\n")};
}

bool run_coco(io::BytesView input) { return read_beside_image("coco", "images/a.png", "instances.json", input); }

std::vector<io::Bytes> coco_seeds() {
  return {bytes_of(
      R"({"info":{"year":2017},"images":[{"id":1,"file_name":"a.png","width":8,"height":6}],"annotations":[)"
      R"({"id":1,"image_id":1,"category_id":3,"bbox":[1,1,3,2.5],"segmentation":[[1,1,4,1,4,3]],"iscrowd":0},)"
      R"({"id":2,"image_id":1,"category_id":3,"bbox":[0,0,8,6],"segmentation":{"size":[6,8],"counts":[6,1,41]}},)"
      R"({"id":3,"image_id":1,"category_id":3,"segmentation":{"size":[6,8],"counts":"61Y1"},"keypoints":[1,2,2]}],)"
      R"("categories":[{"id":3,"name":"cat","keypoints":["nose"]}]})")};
}

bool run_voc(io::BytesView input) { return read_beside_image("voc", "JPEGImages/a.png", "Annotations/a.xml", input); }

std::vector<io::Bytes> voc_seeds() {
  return {
      bytes_of("<annotation><folder>x</folder><object><name>dog</name><difficult>1</difficult><bndbox><xmin>1</xmin>"
               "<ymin>2</ymin><xmax>5</xmax><ymax>6</ymax></bndbox><part><name>a</name></part></object></annotation>")};
}

bool run_labelme(io::BytesView input) { return read_beside_image("labelme", "a.png", "a.json", input); }

std::vector<io::Bytes> labelme_seeds() {
  return {bytes_of(
      R"({"version":"5","flags":{},"shapes":[{"label":"cat","points":[[1,1],[5,1],[5,4]],"shape_type":"polygon"},)"
      R"({"label":"b","points":[[3,3],[3,5]],"shape_type":"circle"},{"label":"c","points":[[1,1],[2,4]],)"
      R"("shape_type":"rectangle"},{"label":"d","points":[[1,1]],"shape_type":"point"}],"imagePath":"a.png",)"
      R"("imageData":"AAAA","imageHeight":6,"imageWidth":8})")};
}

bool run_label_png(io::BytesView input) { return read_beside_image("masks", "images/a.png", "masks/a.png", input); }

std::vector<io::Bytes> label_png_seeds() {
  return {io::write_label_png(numbers(Dtype::u8).view(), std::string("\0\0\0\xFF\0\0\0\xFF\0", 9)),
          io::write_label_png(numbers(Dtype::u16).view(), "")};
}

bool run_boxes(io::BytesView input) { return read_beside_image("boxes", "a.png", "boxes.csv", input); }

std::vector<io::Bytes> boxes_seeds() {
  return {bytes_of("image,label,xmin,ymin,xmax,ymax\na.png,cat,1,1,4,3\na.png,\"dog, large\",0,0,8,6\na.png,,,,,\n"),
          bytes_of("filename;class;x_center;y_center;w;h;note\r\na.png;cat;0.5;0.5;0.25;0.25;x\r\n")};
}

}  // namespace leaven::fuzz
