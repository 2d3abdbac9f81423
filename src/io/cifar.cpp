// CIFAR-10 and CIFAR-100, binary version (https://www.cs.toronto.edu/~kriz/cifar.html): records of one label byte
// (CIFAR-100: coarse, then fine) and 32×32 pixels as three planes.
#include <algorithm>
#include <array>
#include <sstream>
#include <utility>

#include "core/error.hpp"
#include "core/utf8.hpp"
#include "io/dataset_formats.hpp"
#include "io/file.hpp"
#include "io/pixel_block.hpp"

namespace leaven::io {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kPixels = 32 * 32 * 3;
constexpr std::array<std::string_view, 10> kCifar10Names{"airplane", "automobile", "bird",  "cat",  "deer",
                                                         "dog",      "frog",       "horse", "ship", "truck"};

/// 10, 100, or 0 for a file that is neither.
int classes_of(const fs::path& path) {
  std::error_code error;
  const auto size = fs::file_size(path, error);
  if (error || path.extension() != ".bin" || size < kPixels) return 0;
  const std::string name = path.filename().native();
  if (name.starts_with("data_batch") || name == "test_batch.bin") return 10;
  if (name == "train.bin" || name == "test.bin")
    return size % (kPixels + 2) == 0 || size % (kPixels + 1) != 0 ? 100 : 10;
  return size % (kPixels + 1) == 0 ? 10 : size % (kPixels + 2) == 0 ? 100 : 0;
}

std::vector<std::string> class_names(const fs::path& folder, int classes) {
  std::vector<std::string> names;
  const fs::path file = folder / (classes == 10 ? "batches.meta.txt" : "fine_label_names.txt");
  if (fs::exists(file)) {
    const Bytes bytes = read_file(file);
    std::istringstream lines(std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
    for (std::string line; std::getline(lines, line);) {
      while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.pop_back();
      if (!line.empty() && is_utf8(line)) names.push_back(line);
    }
  }
  if (names.size() == static_cast<std::size_t>(classes)) return names;
  names.clear();
  for (int i = 0; i < classes; ++i)
    names.push_back(classes == 10 ? std::string(kCifar10Names[static_cast<std::size_t>(i)]) : std::to_string(i));
  return names;
}

class CifarReader final : public DatasetReader {
 public:
  CifarReader(const Candidates& batches, const OpenOptions& options) {
    index_.format = "cifar";
    index_.label_kind = LabelKind::category;
    const int classes = classes_of(batches.path(batches.files.front()));
    index_.labels = class_names(batches.path(batches.files.front()).parent_path(), classes);
    for (const std::string& name : batches.files) add_batch(batches, name, classes);
    const auto holds = [&](Split split) { return std::ranges::count(index_.entries, split, &Entry::split) > 0; };
    index_.has_splits = holds(Split::train) && holds(Split::test);
    if (!index_.has_splits)
      for (Entry& entry : index_.entries) entry.split = Split::none;
    finish_index(index_, options);
    index_.description = "CIFAR-" + std::to_string(classes) + " binary, " +
                         counted(batches.files.size(), "batch file", "batch files") + ", " +
                         (index_.has_splits ? describe_splits(index_) + ", " : "") +
                         counted(index_.entries.size(), "image", "images");
  }

  const DatasetIndex& index() const override { return index_; }
  SourceImage read(const Entry& entry) const override {
    PixelBlock block;
    block.shape = {.width = 32, .height = 32, .channels = 3};
    block.planar = true;
    try {
      return {{}, read_pixels(files_[entry.container], block, entry.offset)};
    } catch (Error& error) {
      throw error.with_sample(entry.id);
    }
  }
  std::optional<fs::path> file_of(const Entry&) const override { return std::nullopt; }
  bool stores_pixels() const override { return true; }

 private:
  void add_batch(const Candidates& batches, const std::string& name, int classes) {
    const InputFile& file = files_.emplace_back(batches.path(name));
    const std::uint64_t label_bytes = classes == 10 ? 1 : 2, record = kPixels + label_bytes;
    const bool test = split_in_name(fs::path(name).filename().native()) == Split::test;
    for (std::uint64_t i = 0; (i + 1) * record <= file.size(); ++i) {
      std::array<std::byte, 1> label{};
      file.read(i * record + label_bytes - 1, label);
      const auto number = std::to_integer<std::uint32_t>(label[0]);
      std::string id = numbered_id(name, i);
      if (number >= static_cast<std::uint32_t>(classes)) {
        index_.broken.push_back(
            {std::move(id), "label " + std::to_string(number) + " is none of 0 to " + std::to_string(classes - 1)});
        continue;
      }
      index_.entries.push_back({.id = std::move(id),
                                .label = number,
                                .split = test ? Split::test : Split::train,
                                .container = static_cast<std::uint32_t>(files_.size() - 1),
                                .offset = i * record + label_bytes,
                                .size = kPixels});
    }
    if (const std::uint64_t rest = file.size() % record; rest != 0)
      index_.broken.push_back({numbered_id(name, file.size() / record),
                               "truncated: " + std::to_string(rest) + " of " + std::to_string(record) + " bytes"});
  }

  DatasetIndex index_;
  std::vector<InputFile> files_;
};

}  // namespace

std::vector<std::string> cifar_files(const Candidates& candidates, bool asked_for) {
  std::vector<std::string> found;
  int classes = 0;
  for (const std::string& file : candidates.files) {
    const std::string name = fs::path(file).filename().native();
    const bool named_so =
        name.starts_with("data_batch") || name == "test_batch.bin" || name == "train.bin" || name == "test.bin";
    const int its = named_so || asked_for ? classes_of(candidates.path(file)) : 0;
    if (its == 0 || (classes != 0 && its != classes)) continue;
    classes = its;
    found.push_back(file);
  }
  return found;
}

std::unique_ptr<DatasetReader> open_cifar(const Candidates& batches, const OpenOptions& options) {
  return std::make_unique<CifarReader>(batches, options);
}

}  // namespace leaven::io
