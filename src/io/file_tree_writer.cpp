// The layout that is a tree of image files.
#include <utility>

#include "io/atomic_file.hpp"
#include "io/writer_layouts.hpp"

namespace leaven::io {

namespace {

class FileTreeWriter final : public DatasetWriter {
 public:
  FileTreeWriter(const std::filesystem::path& out, const WriterOptions& options) : tree_(out, options.part) {
    tree_.remove_leftovers();
  }

  void store(OutputItem& item) override {
    if (item.link_to.empty())
      tree_.write(item.id, item.file);
    else
      tree_.link(item.id, item.link_to);
  }
  // Files are whole or not there, so that there is nothing to remember and nothing to take back.
  std::string commit(OutputItem&&) override { return "{}"; }
  void resume(const std::string&) override {}
  void finish() override {}

 private:
  AtomicTree tree_;
};

}  // namespace

std::unique_ptr<DatasetWriter> open_file_tree(const std::filesystem::path& out, const WriterOptions& options) {
  return std::make_unique<FileTreeWriter>(out, options);
}

}  // namespace leaven::io
