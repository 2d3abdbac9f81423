#include "fuzz/dataset_folder.hpp"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>

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

/// What a format tells of an image must be whole in itself.
void check_marks(const Annotations& marks, const io::DatasetIndex& index) {
  for (const Instance& instance : marks.instances) {
    if (instance.category >= index.categories.size())
      throw BrokenPromise("an instance of a category that is not there");
    if (instance.box && !(instance.box->area() > 0)) throw BrokenPromise("a box without area");
    for (const Outline& outline : instance.outlines)
      if (outline.size() < (instance.open ? 2U : 3U)) throw BrokenPromise("an outline of too few points");
    if (instance.mask) instance.mask->to_raster();
  }
  for (const MaskField& mask : marks.masks)
    if (mask.pixels.shape().size() != kFuzzImage) throw BrokenPromise("a mask of another size");
}

}  // namespace

fs::path scratch_folder(std::string_view name) { return scratch().folder(name); }

void write(const fs::path& path, io::BytesView bytes) {
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

io::Bytes read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  return bytes_of(text);
}

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
        if (index.annotated) check_marks(reader->annotations(index.entries[i], kFuzzImage), index);
      });
  });
}

}  // namespace leaven::fuzz
