#include "tests/io/dataset_fixture.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <span>

namespace leaven::io {

namespace fs = std::filesystem;

TempFolder::TempFolder() {
  std::string name = (fs::temp_directory_path() / "leaven-test-XXXXXX").native();
  if (!::mkdtemp(name.data())) throw environment_error("no temporary folder");
  path_ = name;
  fs::permissions(path_, fs::perms(0755));
}

TempFolder::~TempFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

void TempFolder::write(const std::string& relative, std::string_view bytes) const {
  const fs::path file = path_ / relative;
  fs::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

std::string TempFolder::read(const std::string& relative) const {
  std::ifstream in(path_ / relative, std::ios::binary);
  EXPECT_TRUE(in.good()) << relative;
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::string> TempFolder::files() const {
  std::vector<std::string> found;
  for (const auto& entry : fs::recursive_directory_iterator(path_))
    if (entry.is_symlink() || !entry.is_directory()) found.push_back(entry.path().lexically_relative(path_).native());
  std::ranges::sort(found);
  return found;
}

std::string text_of(const Bytes& bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

Bytes bytes_of(std::string_view text) {
  const auto view = std::as_bytes(std::span(text));
  return {view.begin(), view.end()};
}

std::vector<std::string> ids_of(const DatasetIndex& index) {
  std::vector<std::string> ids;
  for (const Entry& entry : index.entries) ids.push_back(entry.id);
  return ids;
}

const Entry& entry_of(const DatasetIndex& index, const std::string& id) {
  const auto found = std::ranges::find(index.entries, id, &Entry::id);
  if (found == index.entries.end()) throw bug("the test expects a sample " + id);
  return *found;
}

std::string label_of(const DatasetIndex& index, const std::string& id) {
  return index.labels.at(entry_of(index, id).label);
}

std::string content_of(const DatasetReader& reader, const std::string& id) {
  const SourceImage image = reader.read(entry_of(reader.index(), id));
  if (image.pixels.empty()) return text_of(image.file);
  return {reinterpret_cast<const char*>(image.pixels.data()), image.pixels.shape().bytes()};
}

std::string refusal(const fs::path& in, const OpenOptions& options, Fault fault) {
  try {
    open_dataset(in, options);
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), fault) << error.what();
    return error.what();
  }
  ADD_FAILURE() << in << " was not refused";
  return {};
}

}  // namespace leaven::io
