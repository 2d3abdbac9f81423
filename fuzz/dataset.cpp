#include "fuzz/dataset.hpp"

#include <algorithm>
#include <filesystem>
#include <string>

#include "fuzz/dataset_folder.hpp"
#include "io/dataset.hpp"
#include "io/table_file.hpp"

namespace leaven::fuzz {

namespace fs = std::filesystem;

namespace {

Raster small_image(int shade) {
  Raster image(RasterShape{.width = 8, .height = 6, .channels = 3});
  std::fill_n(image.data(), image.shape().bytes(), static_cast<std::byte>(shade));
  return image;
}

/// The largest file that Leaven's own writer of this layout makes from three small samples.
io::Bytes written_by(io::OutputLayout layout) {
  const fs::path folder = scratch_folder("seed");
  const auto writer =
      io::open_writer(folder, {.layout = layout, .labels = {"cat", "dog"}, .label_kind = io::LabelKind::category});
  for (std::uint32_t i = 0; i < 3; ++i) {
    io::OutputItem item{
        .id = "sample" + std::to_string(i) + ".png", .label = i % 2 ? "dog" : "cat", .label_index = i % 2};
    item.pixels = small_image(static_cast<int>(i) * 60);
    if (layout == io::OutputLayout::webdataset) item.file = io::encode(item.pixels.view(), {});
    writer->store(item);
    writer->commit(std::move(item));
  }
  writer->finish();
  fs::path largest;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file() && (largest.empty() || entry.file_size() > fs::file_size(largest)))
      largest = entry.path();
  return read(largest);
}

/// Big-endian magic and sizes, then bytes: the IDX format of MNIST.
io::Bytes idx_file(std::initializer_list<unsigned> header, std::size_t count) {
  io::Bytes bytes;
  for (unsigned word : header)
    for (int shift : {24, 16, 8, 0}) bytes.push_back(static_cast<std::byte>(word >> shift & 0xFF));
  for (std::size_t i = 0; i < count; ++i) bytes.push_back(static_cast<std::byte>(i % 10));
  return bytes;
}

constexpr unsigned kIdxImages = 0x00000803, kIdxLabels = 0x00000801;

}  // namespace

bool run_idx(io::BytesView input) {
  const fs::path folder = scratch_folder("idx");
  write(folder / "train-images-idx3-ubyte", input);
  write(folder / "train-labels-idx1-ubyte", idx_file({kIdxLabels, 4}, 4));
  return read_dataset(folder, "idx");
}

std::vector<io::Bytes> idx_seeds() {
  return {idx_file({kIdxImages, 4, 5, 6}, 120), idx_file({kIdxImages, 4, 28, 28}, 3136)};
}

bool run_cifar(io::BytesView input) {
  const fs::path folder = scratch_folder("cifar");
  write(folder / "data_batch_1.bin", input);
  return read_dataset(folder, "cifar");
}

std::vector<io::Bytes> cifar_seeds() {
  constexpr std::size_t kRecord = 3073;  // label, then 32 × 32 in three planes
  io::Bytes bytes(3 * kRecord, std::byte{100});
  for (std::size_t i = 0; i < 3; ++i) bytes[i * kRecord] = static_cast<std::byte>(i);
  return {bytes};
}

bool run_npz(io::BytesView input) {
  const fs::path folder = scratch_folder("npz");
  write(folder / "data.npz", input);
  return read_dataset(folder, "npz");
}

std::vector<io::Bytes> npz_seeds() { return {written_by(io::OutputLayout::npz)}; }

bool run_webdataset(io::BytesView input) {
  const fs::path folder = scratch_folder("webdataset");
  write(folder / "train-000000.tar", input);
  return read_dataset(folder, "webdataset");
}

std::vector<io::Bytes> webdataset_seeds() { return {written_by(io::OutputLayout::webdataset)}; }

bool run_manifest(io::BytesView input) {
  const fs::path folder = scratch_folder("csv");
  write(folder / "a.png", io::encode(small_image(9).view(), {}));
  write(folder / "labels.csv", input);
  return read_dataset(folder, "csv");
}

bool run_table(io::BytesView input) {
  const fs::path file = scratch_folder("table") / "table.csv";
  write(file, input);
  return expect_orderly([&] {
    const auto table = io::open_csv(file);
    const Block block = table->read(0, 64);
    if (block.columns.size() != table->shape().columns.size()) throw BrokenPromise("a block with other columns");
    for (const Column& column : block.columns)
      for (std::size_t row = 0; row < block.rows; ++row) io::cell_text(column, row);
  });
}

std::vector<io::Bytes> manifest_seeds() {
  return {bytes_of("path,label\na.png,cat\nb.png,\"dog, large\"\n"),
          bytes_of("path;label;split\r\na.png;1.5;train\r\n")};
}

std::vector<io::Bytes> table_seeds() {
  return {bytes_of("age,name\n42,Ada\n7.25,\n"),
          bytes_of("\xEF\xBB\xBFheight\tname\n1.25\t\"two\nlines\"\nNA\t\"a \"\"quote\"\"\"\n")};
}

}  // namespace leaven::fuzz
