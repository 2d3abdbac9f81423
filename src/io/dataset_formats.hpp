// What each format's file offers to dataset.cpp, and what they share. Not for other folders.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io/dataset.hpp"
#include "io/tree_walk.hpp"

namespace leaven::io {

/// Files that may be containers of samples, relative to `root`, sorted bytewise.
struct Candidates {
  std::filesystem::path root{};
  std::vector<std::string> files{};
  std::filesystem::path path(const std::string& file) const { return root / file; }
};
/// `in` may be a container itself.
Candidates candidates_in(const std::filesystem::path& in);

/// Class folders, or flat when asked for or by the looks of it.
std::unique_ptr<DatasetReader> open_listed(const std::filesystem::path& in, TreeListing listing, bool flat,
                                           const OpenOptions& options);

/// Those candidates that are of the format, by content; by content alone when the format was asked for by name.
std::vector<std::string> cifar_files(const Candidates& candidates, bool asked_for);
std::vector<std::string> idx_files(const Candidates& candidates);
std::vector<std::string> npz_files(const Candidates& candidates);
std::vector<std::string> webdataset_files(const Candidates& candidates);
/// `files` are all of the format.
std::unique_ptr<DatasetReader> open_cifar(const Candidates& files, const OpenOptions& options);
std::unique_ptr<DatasetReader> open_idx(const Candidates& files, const OpenOptions& options);
std::unique_ptr<DatasetReader> open_npz(const Candidates& files, const OpenOptions& options);
std::unique_ptr<DatasetReader> open_webdataset(const Candidates& files, const OpenOptions& options);
/// The CSVs of the candidates' top whose rows name images that are there.
std::vector<std::string> manifest_files(const Candidates& candidates, const OpenOptions& options);
/// `in` is the folder that was asked for; paths may be relative to it, too.
std::unique_ptr<DatasetReader> open_manifest(const std::filesystem::path& csv, const std::filesystem::path& in,
                                             const OpenOptions& options);

/// Fills entries, labels and splits from the paths of image files, as class folders or (always, or by what is there)
/// flat. Entry i stands for images[i] before it is sorted; what does not fit is counted in `strays`.
enum class PathMeaning : std::uint8_t { by_looking, folders, flat };
DatasetIndex index_of_paths(std::vector<std::string> images, PathMeaning meaning, Strays& strays);

/// The last word on every index: sorts by id, keeps the first of equal ids (by container and offset), sorts labels,
/// applies options.limit.
void finish_index(DatasetIndex& index, const OpenOptions& options);

/// Labels in the order of their first use; finish_index() sorts them.
class LabelTable {
 public:
  std::uint32_t number_of(std::string_view text);
  std::vector<std::string> take() { return std::move(texts_); }

 private:
  std::vector<std::string> texts_{};
  std::map<std::string, std::uint32_t, std::less<>> numbers_{};
};

/// A sample that is an image file. Throws Error(data) when there is nothing in it.
SourceImage image_file(Bytes bytes);

/// 0, 7, 42; not 007: labels that number themselves.
bool is_natural(std::string_view text);
/// The same with whole numbers below 0: -3.
bool is_whole(std::string_view text);
/// "1 class", "5,000 images".
std::string counted(std::uint64_t n, std::string_view one, std::string_view many);
/// "already split: train 5,000, test 5,000".
std::string describe_splits(const DatasetIndex& index);
/// The split that a file's name speaks of: "train-000001.tar", "x_test.npy", "t10k-images-idx3-ubyte".
Split split_in_name(std::string_view file_name);
/// "<container>#000017": sorts as the numbers do, up to a million.
std::string numbered_id(std::string_view container, std::uint64_t number);

}  // namespace leaven::io
