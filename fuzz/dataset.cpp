#include "fuzz/dataset.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "io/dataset.hpp"
#include "io/table_file.hpp"

namespace leaven::fuzz {

namespace fs = std::filesystem;

namespace {

/// A folder of this process alone, in memory where the system has such a place; gone with the process.
class Scratch {
 public:
  Scratch() {
    const fs::path base = fs::is_directory("/dev/shm") ? "/dev/shm" : fs::temp_directory_path();
    path_ = base / ("leaven-fuzz-" + std::to_string(::getpid()));
    fs::create_directories(path_);
  }
  ~Scratch() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  /// An empty folder of that name.
  fs::path folder(std::string_view name) const {
    fs::remove_all(path_ / name);
    fs::create_directories(path_ / name);
    return path_ / name;
  }

 private:
  fs::path path_;
};

const Scratch& scratch() {
  static const Scratch folder;
  return folder;
}

void write(const fs::path& path, io::BytesView bytes) {
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

io::Bytes read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  return bytes_of(text);
}

/// Opens the folder as that format and reads its first samples, each of which may be refused for itself.
bool read_dataset(const fs::path& folder, const std::string& format) {
  constexpr std::size_t kMostSamples = 16;
  return expect_orderly([&] {
    const auto reader = io::open_dataset(folder, {.format = format});
    const io::DatasetIndex& index = reader->index();
    for (const io::Entry& entry : index.entries)
      if (entry.label >= index.labels.size()) throw BrokenPromise("an entry's label is not in the list of labels");
    for (std::size_t i = 0; i < std::min(kMostSamples, index.entries.size()); ++i)
      expect_orderly([&] {
        const io::SourceImage image = reader->read(index.entries[i]);
        if (image.file.empty() && image.pixels.empty()) throw BrokenPromise("a sample of nothing");
      });
  });
}

Raster small_image(int shade) {
  Raster image(RasterShape{.width = 8, .height = 6, .channels = 3});
  std::fill_n(image.data(), image.shape().bytes(), static_cast<std::byte>(shade));
  return image;
}

/// The largest file that Leaven's own writer of this layout makes from three small samples.
io::Bytes written_by(io::OutputLayout layout) {
  const fs::path folder = scratch().folder("seed");
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
  const fs::path folder = scratch().folder("idx");
  write(folder / "train-images-idx3-ubyte", input);
  write(folder / "train-labels-idx1-ubyte", idx_file({kIdxLabels, 4}, 4));
  return read_dataset(folder, "idx");
}

std::vector<io::Bytes> idx_seeds() {
  return {idx_file({kIdxImages, 4, 5, 6}, 120), idx_file({kIdxImages, 4, 28, 28}, 3136)};
}

bool run_cifar(io::BytesView input) {
  const fs::path folder = scratch().folder("cifar");
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
  const fs::path folder = scratch().folder("npz");
  write(folder / "data.npz", input);
  return read_dataset(folder, "npz");
}

std::vector<io::Bytes> npz_seeds() { return {written_by(io::OutputLayout::npz)}; }

bool run_webdataset(io::BytesView input) {
  const fs::path folder = scratch().folder("webdataset");
  write(folder / "train-000000.tar", input);
  return read_dataset(folder, "webdataset");
}

std::vector<io::Bytes> webdataset_seeds() { return {written_by(io::OutputLayout::webdataset)}; }

bool run_manifest(io::BytesView input) {
  const fs::path folder = scratch().folder("csv");
  write(folder / "a.png", io::encode(small_image(9).view(), {}));
  write(folder / "labels.csv", input);
  return read_dataset(folder, "csv");
}

bool run_table(io::BytesView input) {
  const fs::path file = scratch().folder("table") / "table.csv";
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
