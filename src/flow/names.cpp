#include "flow/names.hpp"

#include <xxhash.h>

#include <algorithm>
#include <unordered_set>

#include "core/error.hpp"
#include "core/lineage.hpp"

namespace leaven::flow {

namespace {

constexpr std::string_view kCopyMark = "_aug";
/// Bytes. File systems take names of 255: room is left for the mark, ten digits, an extension and what keeps bases apart.
constexpr std::size_t kLongestStem = 220;

/// Identifies a name in a folder. 64 bits serve for a set of millions: where two were ever mixed up, the only effect
/// would be an '_' too many in a name.
std::uint64_t identity(const std::string& folder, std::string_view stem) {
  return XXH3_64bits_withSeed(stem.data(), stem.size(), XXH3_64bits(folder.data(), folder.size()));
}

/// "x" for "x_aug12"; nothing for names that no copy could have.
std::string_view without_copy_mark(std::string_view stem) {
  std::size_t digits = stem.size();
  while (digits > 0 && stem[digits - 1] >= '0' && stem[digits - 1] <= '9') --digits;
  if (digits == stem.size()) return {};
  const std::string_view head = stem.substr(0, digits);
  return head.ends_with(kCopyMark) ? head.substr(0, head.size() - kCopyMark.size()) : std::string_view{};
}

/// The beginning of the stem, and a digest of all of it.
std::string shortened(std::string_view stem) {
  std::size_t end = kLongestStem - 33;
  while ((static_cast<unsigned char>(stem[end]) & 0xC0) == 0x80) --end;  // not within a character
  return std::string(stem.substr(0, end)) + "-" + digest_of(stem.data(), stem.size());
}

void require_class_folders(const io::DatasetIndex& index) {
  if (index.label_kind != io::LabelKind::category)
    throw usage_error("layout folders needs one class a sample, and this dataset has " +
                      std::string(index.label_kind == io::LabelKind::none         ? "no labels"
                                  : index.label_kind == io::LabelKind::categories ? "several a sample"
                                                                                  : "numbers as labels"))
        .with_hint("layouts that can take it: same, npz, webdataset");
  for (const std::string& label : index.labels)
    if (label.empty() || label.find('/') != std::string::npos)
      throw usage_error("layout folders needs labels that can be the names of folders, got \"" + label + "\"")
          .with_hint("layouts that can take it: same, npz, webdataset");
}

}  // namespace

std::string plain_extension(std::string_view extension) {
  std::string plain(extension);
  std::ranges::transform(plain, plain.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
  if (plain == "jpeg" || plain == "jpe" || plain == "jfif") return "jpg";
  if (plain == "tiff") return "tif";
  return plain;
}

OutputNames::OutputNames(const io::DatasetIndex& index, io::OutputLayout layout) : index_(index), layout_(layout) {
  const bool numbers = index.format == "cifar" || index.format == "idx" || index.format == "npz" || index.series;
  const bool same = layout == io::OutputLayout::same;
  pixels_ = layout == io::OutputLayout::npz || (same && index.format == "npz") || index.series;
  keys_ = pixels_ || layout == io::OutputLayout::webdataset || (same && index.format == "webdataset");
  class_folders_ = layout == io::OutputLayout::folders;
  lists_splits_ = layout == io::OutputLayout::voc || (same && index.format == "voc");
  if (class_folders_ || (numbers && !keys_ && index.label_kind == io::LabelKind::category)) require_class_folders(index);
  keeps_paths_ = !keys_ && io::keeps_paths(index, layout);
  resolve_collisions();
}

OutputNames::Name OutputNames::preferred(std::uint32_t entry) const {
  const std::string path = io::tree_path(index_, index_.entries[entry], layout_);
  const std::size_t slash = path.rfind('/') + 1;  // npos + 1 = 0
  const std::size_t dot = path.rfind('.');
  const bool has_extension = dot != std::string::npos && dot > slash;
  Name name;
  name.folder = path.substr(0, slash);
  name.stem = path.substr(slash, has_extension ? dot - slash : std::string::npos);
  if (has_extension && !pixels_) name.extension = path.substr(dot + 1);
  // A key ends at the first dot of its last part; what follows is the member's extension.
  if (keys_) std::ranges::replace(name.stem, '.', '_');
  return name;
}

void OutputNames::resolve_collisions() {
  const auto count = static_cast<std::uint32_t>(index_.entries.size());
  std::vector<std::uint64_t> stems, marked;
  stems.reserve(count);
  for (std::uint32_t e = 0; e < count; ++e) {
    const Name name = preferred(e);
    stems.push_back(identity(name.folder, name.stem));
    if (const std::string_view head = without_copy_mark(name.stem); !head.empty())
      marked.push_back(identity(name.folder, head));
  }
  std::ranges::sort(stems);
  std::ranges::sort(marked);
  std::unordered_set<std::uint64_t> given;
  for (std::uint32_t e = 0; e < count; ++e) {
    const Name name = preferred(e);
    const std::uint64_t own = identity(name.folder, name.stem);
    const auto [first, last] = std::equal_range(stems.begin(), stems.end(), own);
    const auto alike = last - first;
    const bool long_file = !keys_ && name.stem.size() > kLongestStem;
    if (alike == 1 && !long_file && !std::ranges::binary_search(marked, own)) continue;
    std::string base = long_file ? shortened(name.stem) : name.stem;
    if (alike > 1 && !name.extension.empty()) base += "_" + name.extension;
    if (!without_copy_mark(base).empty() && base != name.stem) base += '_';
    const auto taken = [&](std::uint64_t id) {
      return std::ranges::binary_search(stems, id) || std::ranges::binary_search(marked, id) || given.contains(id);
    };
    while (taken(identity(name.folder, base))) base += '_';
    given.insert(identity(name.folder, base));
    odd_bases_.emplace_back(e, std::move(base));
  }
}

std::string OutputNames::base(std::uint32_t entry, const Name& name) const {
  const auto odd = std::ranges::lower_bound(odd_bases_, entry, {}, &std::pair<std::uint32_t, std::string>::first);
  return odd != odd_bases_.end() && odd->first == entry ? odd->second : name.stem;
}

std::string OutputNames::split_folder(std::uint32_t entry, io::Split split) const {
  // A split that the sample came with is in its path, or in its manifest, already.
  if (keys_ || lists_splits_ || split == io::Split::none || index_.entries[entry].split != io::Split::none) return {};
  return std::string(io::name_of(split)) + "/";
}

std::string OutputNames::original(std::uint32_t entry, io::Split split) const {
  const std::string front = split_folder(entry, split);
  if (keeps_paths_) return front + index_.entries[entry].id;
  const Name name = preferred(entry);
  std::string own = base(entry, name);
  // Only copies need more '_' than their source: one that shares its stem has the extension, too, in its base.
  const bool stem_is_free = !name.extension.empty() && own.starts_with(name.stem) &&
                            own.find_first_not_of('_', name.stem.size()) == std::string::npos;
  if (stem_is_free) own = name.stem;
  return front + name.folder + own + (name.extension.empty() ? "" : "." + name.extension);
}

std::string OutputNames::copy(std::uint32_t entry, io::Split split, std::uint32_t k, std::string_view extension) const {
  const Name name = preferred(entry);
  const bool same = !name.extension.empty() && plain_extension(name.extension) == plain_extension(extension);
  std::string id = split_folder(entry, split) + name.folder + base(entry, name);
  id += kCopyMark;
  id += std::to_string(k);
  const std::string_view ending = same ? std::string_view(name.extension) : extension;
  if (!ending.empty()) id.append(".").append(ending);
  return id;
}

}  // namespace leaven::flow
