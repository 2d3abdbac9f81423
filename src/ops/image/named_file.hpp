// What ops share that show a file.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "core/op.hpp"

namespace leaven::ops {

template <class Op>
consteval FieldInfo digest_field() {
  return field<&Op::digest>("digest", {.doc = "XXH3-128 of the file, as lineage has it", .resolved = true});
}

inline OpenedFiles& opener(const Site& at, const std::string& path, const char* what) {
  if (path.empty()) throw usage_error(std::string("needs ") + what).with_field("path");
  if (!at.files) throw usage_error("shows a file, and nobody opens files here");
  return *at.files;
}

/// Throws Error(usage) where lineage says that the file was another one.
inline void require_same(const std::string& path, const std::string& now, const std::string& then) {
  if (then.empty() || now == then) return;
  throw usage_error("the file " + path + " has changed: its digest is " + now + ", it was " + then).with_field("digest");
}

/// What an op takes out of a folder.
enum class NamedKind : std::uint8_t { image, font, map };
inline constexpr std::array<std::string_view, 3> kNamedKindNames{"images", "fonts (ttf, otf, ttc)", "arrays (npy)"};

inline NamedKind named_kind(std::string_view name) {
  std::string end(name.substr(std::min(name.size(), name.rfind('.'))));
  std::ranges::transform(end, end.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
  if (end == ".ttf" || end == ".otf" || end == ".ttc") return NamedKind::font;
  return end == ".npy" ? NamedKind::map : NamedKind::image;
}

/// A path that ends in '/' is that of a folder, of whose files of this kind one is drawn: opened as a file it holds the names
/// of all, a line each. One that cannot be read gives way to the next by name.
inline std::string drawn_file(const Site& at, const std::string& path, NamedKind kind) {
  if (!path.ends_with('/')) return path;
  const auto listing = opener(at, path, "a path").file(path);
  std::string_view rest(reinterpret_cast<const char*>(listing->bytes.data()), listing->bytes.size());
  std::vector<std::string_view> names;
  for (std::size_t end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
    if (named_kind(rest.substr(0, end)) == kind) names.push_back(rest.substr(0, end));
    rest.remove_prefix(end + 1);
  }
  const std::string kind_name(kNamedKindNames[static_cast<std::size_t>(kind)]);
  if (names.empty()) throw usage_error("the folder " + path + " holds no " + kind_name);
  const std::size_t first = draw_below(at.key, names.size());
  std::string reason;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string file = path + std::string(names[(first + i) % names.size()]);
    try {
      if (kind == NamedKind::font) at.files->file(file);
      else at.files->image(file);
      return file;
    } catch (const Error& error) {
      if (error.fault() != Fault::usage) throw;
      if (reason.empty()) reason = error.message();
    }
  }
  throw usage_error("none of the " + kind_name + " of the folder " + path + " can be read: " + reason);
}

/// The image that `path` names, which must be the one of `digest` where that is given.
inline std::shared_ptr<const OpenedImage> named_image(const Site& at, const std::string& path, const std::string& digest) {
  auto image = opener(at, path, "a path: an image file").image(path);
  require_same(path, image->digest, digest);
  return image;
}

/// For resolve(): which image it is, and its digest. A line of lineage has both already.
template <class Op>
void resolve_image(Op& op, const Site& at, NamedKind kind = NamedKind::image) {
  if (op.digest.empty()) op.path = drawn_file(at, op.path, kind);
  op.digest = named_image(at, op.path, op.digest)->digest;
}

}  // namespace leaven::ops
