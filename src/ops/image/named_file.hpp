// What ops share that show a file.
#pragma once

#include <memory>
#include <string>

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

/// The image that `path` names, which must be the one of `digest` where that is given.
inline std::shared_ptr<const OpenedImage> named_image(const Site& at, const std::string& path, const std::string& digest) {
  auto image = opener(at, path, "a path: an image file").image(path);
  require_same(path, image->digest, digest);
  return image;
}

}  // namespace leaven::ops
