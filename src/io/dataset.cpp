// Which format a folder or file is, and opening it.
#include "io/dataset.hpp"

#include <algorithm>
#include <array>
#include <system_error>
#include <utility>

#include "core/error.hpp"
#include "io/dataset_formats.hpp"
#include "io/file.hpp"

namespace leaven::io {

namespace fs = std::filesystem;

namespace {

using Reader = std::unique_ptr<DatasetReader>;

constexpr std::array<std::string_view, 7> kFormats{"folders", "flat", "csv", "cifar", "idx", "npz", "webdataset"};

std::string formats_text() {
  std::string text;
  for (const std::string_view format : kFormats) text += (text.empty() ? "" : ", ") + std::string(format);
  return text;
}

Error nothing_here(const fs::path& in, const TreeListing& listing) {
  const std::string name = printable(in.native());
  if (!listing.broken.empty())
    return usage_error(
        name + ": holds no image that can be read: " + counted(listing.broken.size(), "broken one", "broken ones") +
        ", the first " + listing.broken.front().path + ": " + listing.broken.front().reason);
  std::string seen;
  for (const auto& [kind, count] : listing.strays.counts()) {
    std::string number = counted(count, "", "");
    seen += (seen.empty() ? "" : ", ") + number + kind;
  }
  if (seen.empty()) return usage_error(name + ": is empty");
  return usage_error(name + ": holds nothing that Leaven reads; seen: " + seen)
      .with_hint(
          "it reads JPEG, PNG, WebP and TIFF files in class folders, flat or listed in a CSV, CIFAR and MNIST "
          "files, NPZ, and WebDataset tars");
}

Error not_of_format(const fs::path& in, const std::string& format) {
  return usage_error(printable(in.native()) + ": is no dataset of format " + format)
      .with_hint("leave --input-format out to have it detected");
}

Reader open_single_image(const fs::path& in, const OpenOptions& options) {
  TreeListing listing;
  listing.images.push_back(in.filename().native());
  return open_listed(in.has_parent_path() ? in.parent_path() : fs::path("."), std::move(listing), true, options);
}

Reader open_as(const fs::path& in, const OpenOptions& options) {
  const bool is_folder = fs::is_directory(in);
  if (options.format == "folders" || options.format == "flat") {
    if (!is_folder) throw not_of_format(in, options.format);
    TreeListing listing = list_tree(in);
    if (listing.images.empty()) throw nothing_here(in, listing);
    return open_listed(in, std::move(listing), options.format == "flat", options);
  }
  throw not_of_format(in, options.format);
}

Reader detect(const fs::path& in, const OpenOptions& options) {
  if (!fs::is_directory(in)) {
    if (has_image_extension(in.filename().native())) return open_single_image(in, options);
    throw usage_error(printable(in.native()) + ": is no dataset that Leaven knows")
        .with_hint("--input-format takes " + formats_text());
  }
  TreeListing listing = list_tree(in);
  if (listing.images.empty()) throw nothing_here(in, listing);
  return open_listed(in, std::move(listing), false, options);
}

}  // namespace

std::vector<std::string_view> input_formats() { return {kFormats.begin(), kFormats.end()}; }

std::unique_ptr<DatasetReader> open_dataset(const fs::path& in, const OpenOptions& options) {
  if (!options.format.empty() && std::ranges::find(kFormats, options.format) == kFormats.end())
    throw usage_error("input format must be one of " + formats_text() + ", got " + options.format);
  std::error_code error;
  const fs::file_status status = fs::status(in, error);
  if (!fs::exists(status))
    throw usage_error(printable(in.native()) + ": " + (error ? reason_of(error.value()) : "it does not exist"));
  return options.format.empty() ? detect(in, options) : open_as(in, options);
}

}  // namespace leaven::io
