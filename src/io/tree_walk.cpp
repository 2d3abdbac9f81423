#include "io/tree_walk.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "core/error.hpp"
#include "core/utf8.hpp"
#include "io/file.hpp"

namespace leaven::io {

namespace fs = std::filesystem;

namespace {

constexpr std::array<std::string_view, 15> kImageExtensions{"jpg", "jpeg", "jpe", "jfif", "png", "webp", "tif", "tiff",
                                                            "bmp", "dib",  "gif", "heic", "heif", "hif", "avif"};
/// Somebody's samples too, and losing them in silence would be worse than calling them broken.
constexpr std::array<std::string_view, 7> kUnreadExtensions{"jxl",
                                                             "jp2", "ppm", "pgm",  "pbm",  "pnm",  "psd"};
constexpr std::array<std::string_view, 4> kNamedExtensions{"ttf", "otf", "ttc", "npy"};
constexpr std::size_t kMostKinds = 40;  // of strays listed one by one

/// A folder by what it is, not by its name.
using FolderId = std::pair<dev_t, ino_t>;

std::string joined(const std::string& folder, std::string_view name) {
  return folder.empty() ? std::string(name) : folder + "/" + std::string(name);
}

const char* kind_of_special(mode_t mode) {
  if (S_ISFIFO(mode)) return "a pipe, not a file";
  if (S_ISSOCK(mode)) return "a socket, not a file";
  return "a device, not a file";
}

bool may_be_named(std::string_view name) {
  return has_image_extension(name) || std::ranges::find(kNamedExtensions, lower_extension(name)) != kNamedExtensions.end();
}

class Walk {
 public:
  /// `wanted` tells by its name whether a file is listed.
  Walk(const fs::path& root, bool (*wanted)(std::string_view name)) : root_(root), wanted_(wanted) {
    std::error_code error;
    real_root_ = fs::canonical(root, error).native();
  }

  TreeListing run() {
    walk_below("");
    // Links only after all real folders, in the order of their names, so that who is first does not depend on the disk.
    while (!folder_links_.empty()) {
      const std::string link = *folder_links_.begin();
      folder_links_.erase(folder_links_.begin());
      follow(link);
    }
    std::ranges::sort(found_.images);
    std::ranges::sort(found_.broken, {}, &NotASample::path);
    return std::move(found_);
  }

 private:
  void walk_below(const std::string& start) {
    std::vector<std::string> folders{start};
    while (!folders.empty()) {
      const std::string folder = std::move(folders.back());
      folders.pop_back();
      list(folder, folders);
    }
  }

  void list(const std::string& folder, std::vector<std::string>& subfolders) {
    const std::string path = folder.empty() ? root_.native() : root_.native() + "/" + folder;
    const std::unique_ptr<DIR, int (*)(DIR*)> dir(::opendir(path.c_str()), &::closedir);
    if (!dir && folder.empty()) throw environment_error(printable(path) + ": a folder that cannot be read: " + reason_of(errno));
    if (!dir) return add_broken(folder, "a folder that cannot be read: " + reason_of(errno));
    if (linked_) remember(::dirfd(dir.get()));
    while (const dirent* entry = ::readdir(dir.get())) {
      const std::string_view name = entry->d_name;
      if (name == "." || name == "..") continue;
      if (is_house_keeping(name)) {
        found_.strays.add_file(name);
      } else if (entry->d_type == DT_REG) {
        add_file(::dirfd(dir.get()), folder, name);
      } else if (entry->d_type == DT_DIR) {
        add_folder(folder, name, subfolders);
      } else {
        add_other(::dirfd(dir.get()), folder, name, subfolders);
      }
    }
  }

  void add_file(int dir, const std::string& folder, std::string_view name) {
    const std::string path = joined(folder, name), extension = lower_extension(name);
    if (std::ranges::find(kUnreadExtensions, extension) != kUnreadExtensions.end())
      return add_broken(path, "*." + extension + " is not read, only " + readable_formats() + " are");
    if (!wanted_(name)) return found_.strays.add_file(name);
    if (!is_utf8(path)) return add_broken(path, "its name is no valid UTF-8; rename it");
    // AT_EACCESS would cost a second call on older kernels, and nobody runs this under two identities.
    if (::faccessat(dir, name.data(), R_OK, 0) != 0) return add_broken(path, reason_of(errno));
    found_.images.push_back(path);
  }

  void add_folder(const std::string& folder, std::string_view name, std::vector<std::string>& subfolders) {
    if (wanted_(name)) return add_broken(joined(folder, name), "a folder, not an image file");
    subfolders.push_back(joined(folder, name));
  }

  /// Links, special files, and file systems that do not say what an entry is.
  void add_other(int dir, const std::string& folder, std::string_view name, std::vector<std::string>& subfolders) {
    const std::string path = joined(folder, name);
    struct stat facts {};
    if (::fstatat(dir, name.data(), &facts, 0) != 0) {
      const int error = errno;
      if (wanted_(name))
        add_broken(path, error == ENOENT ? "a dangling link" : "a link that cannot be followed: " + reason_of(error));
      else
        found_.strays.add("dangling links");
      return;
    }
    if (S_ISREG(facts.st_mode)) return add_file(dir, folder, name);
    if (!S_ISDIR(facts.st_mode)) {
      if (wanted_(name)) return add_broken(path, kind_of_special(facts.st_mode));
      return found_.strays.add("pipes, sockets and devices");
    }
    struct stat itself {};
    if (::fstatat(dir, name.data(), &itself, AT_SYMLINK_NOFOLLOW) == 0 && !S_ISLNK(itself.st_mode))
      return add_folder(folder, name, subfolders);
    if (wanted_(name)) return add_broken(path, "a folder, not an image file");
    folder_links_.insert(path);
  }

  void follow(const std::string& link) {
    std::error_code error;
    const std::string target = fs::canonical(root_ / link, error).native();
    if (error) return add_broken(link, "a link that cannot be followed: " + reason_of(error.value()));
    const auto below = [](const std::string& path, const std::string& folder) {
      return path == folder || path.starts_with(folder == "/" ? folder : folder + "/");
    };
    if (below(target, real_root_)) return found_.strays.add("links to folders of the dataset itself");
    if (below(real_root_, target)) return found_.strays.add("links to folders around the dataset");
    struct stat facts {};
    if (::stat(target.c_str(), &facts) != 0) return add_broken(link, reason_of(errno));
    if (outside_.contains({facts.st_dev, facts.st_ino})) return found_.strays.add("second links to one folder");
    linked_ = true;
    walk_below(link);
  }

  void remember(int folder) {
    struct stat facts {};
    if (::fstat(folder, &facts) == 0) outside_.emplace(facts.st_dev, facts.st_ino);
  }

  void add_broken(const std::string& path, std::string reason) {
    found_.broken.push_back({printable(path), std::move(reason)});
  }

  fs::path root_;
  bool (*wanted_)(std::string_view name);
  std::string real_root_;
  TreeListing found_{};
  std::set<std::string> folder_links_{};
  std::set<FolderId> outside_{};  ///< folders reached through links
  bool linked_{};                 ///< walking behind a link
};

}  // namespace

void Strays::add(const std::string& kind, std::uint64_t count) {
  const bool known = counts_.contains(kind) || counts_.size() < kMostKinds;
  counts_[known ? kind : "other files"] += count;
}

void Strays::add_file(std::string_view name) {
  if (name == ".DS_Store" || name == "Thumbs.db" || name == "desktop.ini" || name == "__MACOSX")
    return add(std::string(name));
  if (name.starts_with("leaven.") || name.starts_with(".leaven-") || name.ends_with(".leaven-tmp") ||
      name.ends_with(".leaven-part"))
    return add("leaven.*");
  if (name.starts_with(".")) return add("hidden files");
  const std::string extension = printable(lower_extension(name));
  add(extension.empty() ? "files without extension" : "*." + extension);
}

void Strays::name(std::string_view file, const std::string& text) {
  const auto kind = counts_.find("*." + printable(lower_extension(file)));
  if (kind != counts_.end() && --kind->second == 0) counts_.erase(kind);
  add(text);
}

std::string lower_extension(std::string_view name) {
  const std::size_t point = name.rfind('.');
  if (point == std::string_view::npos || point == 0) return {};
  return lower_case(name.substr(point + 1));
}

bool has_image_extension(std::string_view name) {
  return std::ranges::find(kImageExtensions, lower_extension(name)) != kImageExtensions.end();
}

bool is_house_keeping(std::string_view name) {
  return name.starts_with(".") || name.starts_with("leaven.") || name == "Thumbs.db" || name == "desktop.ini" ||
         name == "__MACOSX" || name == "@eaDir" || name.ends_with(".leaven-tmp") || name.ends_with(".leaven-part");
}

TreeListing list_tree(const fs::path& root) { return Walk(root, has_image_extension).run(); }
std::vector<std::string> list_named_files(const fs::path& root) { return Walk(root, may_be_named).run().images; }

}  // namespace leaven::io
