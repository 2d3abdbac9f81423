// Datasets as they lie on disk, for those who feed a model without writing files.
//
//   const leaven::Dataset photos("photos");
//   const leaven::Encoded picture = photos.read(0);
//   const leaven::Prepared prepared = recipe.prepare(picture.shape(), {.key = photos[0].id, .epoch = 3});
//   picture.run(prepared, buffer);
//
// Everything throws leaven::Error and is thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "leaven/leaven.hpp"

namespace leaven {

/// An image as it is stored, its header read: only what a recipe keeps of it will be decoded.
class Encoded {
 public:
  /// JPEG, PNG, WebP or TIFF, told by content. Throws Error(data) that says what is wrong with the file.
  static Encoded from_bytes(std::vector<std::byte> file);
  static Encoded from_file(const std::filesystem::path& file);

  /// Without data; turned as EXIF says.
  ImageView shape() const;
  Image decode() const;
  /// `prepared` is for shape(). Throws Error(data) when the pixels turn out to be broken.
  void run(const Prepared& prepared, void* out, Layout layout = Layout::hwc) const;

  struct Body;
  explicit Encoded(std::shared_ptr<const Body> body) : body_(std::move(body)) {}

 private:
  std::shared_ptr<const Body> body_;
};

enum class LabelKind : std::uint8_t {
  none,
  category,    ///< one class a sample
  categories,  ///< several: "cat;dog"
  number,      ///< a regression target
};

/// Class folders, flat folders, CSV manifests, CIFAR-10, MNIST IDX, NPZ, WebDataset: found out by looking.
class Dataset {
 public:
  struct Options {
    std::string format{};  ///< empty: by looking
    std::string path_column{}, label_column{}, split_column{};  ///< CSV; empty: the usual names
    std::uint64_t limit{};  ///< keep so many samples, evenly over classes; 0: all
  };
  struct Sample {
    std::string_view id{};         ///< its name for keys and lineage
    std::string_view label{};      ///< as written; "" when it has none
    std::uint32_t label_index{};   ///< into labels()
    std::string_view split{};      ///< train, val, test or ""
  };

  /// Throws Error(usage) when there is nothing that Leaven reads, saying what was seen.
  explicit Dataset(const std::filesystem::path& in) : Dataset(in, Options()) {}
  Dataset(const std::filesystem::path& in, const Options& options);

  std::size_t size() const;
  Sample operator[](std::size_t index) const;
  LabelKind label_kind() const;
  /// By Sample::label_index, in bytewise order, or by value where all are natural numbers.
  const std::vector<std::string>& labels() const;
  /// What looks like a sample and can be none, and why: a dangling link, a folder named x.jpg, a file without permission.
  struct NoSample {
    std::string path{}, reason{};
  };
  std::vector<NoSample> no_samples() const;
  /// "class folders, 10 classes, 5,000 images".
  const std::string& description() const;
  Encoded read(std::size_t index) const;

  struct Body;
  const Body& body() const { return *body_; }

 private:
  std::shared_ptr<const Body> body_;
};

/// The numbers 0 … count − 1 in the order of an epoch, shuffled by nothing but these two: equal on every machine.
std::vector<std::uint32_t> shuffled(std::uint32_t count, std::uint64_t seed, std::uint64_t epoch);

}  // namespace leaven
