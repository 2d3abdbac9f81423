// Datasets of marked images for tests: pictures, reading, writing a whole dataset again, comparing marks.
#pragma once

#include <filesystem>
#include <string>

#include "io/dataset.hpp"
#include "tests/io/dataset_fixture.hpp"

namespace leaven::io {

/// A PNG of that size, all black.
std::string png_file(int width, int height);
/// The marks of a sample of a picture of that size.
Annotations marks_of(const DatasetReader& reader, const std::string& id, Size image);
/// What reading them says when it refuses; fails the test when it does not.
std::string marks_refusal(const DatasetReader& reader, const std::string& id, Size image);
/// How often something was mended.
std::uint64_t mended(const Annotations& marks, const std::string& what);

/// Options as the job sets them.
WriterOptions options_for(const DatasetIndex& index, OutputLayout layout = OutputLayout::same);
/// All samples as originals, under their ids for `same` and else under tree_path(). All pictures have this size.
void write_again(const DatasetReader& reader, const std::filesystem::path& out, Size image,
                 OutputLayout layout = OutputLayout::same);
/// The same in shards, then merged.
void write_in_parts(const DatasetReader& reader, const std::filesystem::path& out, Size image, OutputLayout layout,
                    std::uint32_t parts);
/// The same, but another writer goes on after the first `stop` items, of which one more was stored and not committed.
void write_interrupted(const DatasetReader& reader, const std::filesystem::path& out, Size image, OutputLayout layout,
                       std::size_t stop);
/// All files, and the contents of those that are no pictures.
std::string everything_in(const TempFolder& folder);

/// Fails the test where instances differ by more than `px`.
void expect_same_marks(const Annotations& a, const Annotations& b, double px);
/// Every sample of `a` is in `b` with the same marks and category names.
void expect_same_datasets(const DatasetReader& a, const DatasetReader& b, Size image, double px);

}  // namespace leaven::io
