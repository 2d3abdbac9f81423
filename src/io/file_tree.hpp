// The image files of a layout, and the files of labels that some layouts have beside them, in one tree.
#pragma once

#include <filesystem>
#include <span>
#include <string_view>

#include "io/atomic_file.hpp"
#include "io/dataset.hpp"

namespace leaven::io {

class FileTree {
 public:
  /// Removes what a killed run of the same part left half written.
  FileTree(const std::filesystem::path& out, const WriterOptions& options) : tree_(out, options.part) {
    tree_.remove_leftovers();
  }

  /// The item's file under its id, or a link. Thread-safe, as write() is.
  void store(const OutputItem& item) {
    if (item.link_to.empty())
      tree_.write(item.id, item.file);
    else
      tree_.link(item.id, item.link_to);
  }
  void write(std::string_view path, BytesView bytes) { tree_.write(path, bytes); }
  void write(std::string_view path, std::string_view text) { tree_.write(path, std::as_bytes(std::span(text))); }

 private:
  AtomicTree tree_;
};

}  // namespace leaven::io
