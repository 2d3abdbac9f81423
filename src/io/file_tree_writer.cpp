// The layout that is a tree of image files.
#include <utility>

#include "io/file_tree.hpp"
#include "io/writer_layouts.hpp"

namespace leaven::io {

namespace {

class FileTreeWriter final : public DatasetWriter {
 public:
  FileTreeWriter(const std::filesystem::path& out, const WriterOptions& options) : tree_(out, options) {}

  void store(OutputItem& item) override { tree_.store(item); }
  // Files are whole or not there, so that there is nothing to remember and nothing to take back.
  std::string commit(OutputItem&&) override { return "{}"; }
  void resume(const std::string&) override {}
  void finish() override {}

 private:
  FileTree tree_;
};

}  // namespace

std::unique_ptr<DatasetWriter> open_file_tree(const std::filesystem::path& out, const WriterOptions& options) {
  return std::make_unique<FileTreeWriter>(out, options);
}

}  // namespace leaven::io
