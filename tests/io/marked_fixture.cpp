#include "tests/io/marked_fixture.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>

namespace leaven::io {

namespace fs = std::filesystem;

std::string png_file(int width, int height) {
  Raster pixels({width, height, 3, Dtype::u8});
  std::memset(pixels.data(), 0, pixels.shape().bytes());
  return text_of(encode(pixels.view(), {}));
}

Annotations marks_of(const DatasetReader& reader, const std::string& id, Size image) {
  return reader.annotations(entry_of(reader.index(), id), image);
}

std::string marks_refusal(const DatasetReader& reader, const std::string& id, Size image) {
  try {
    marks_of(reader, id, image);
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::data) << error.what();
    return error.what();
  }
  ADD_FAILURE() << id << " was not refused";
  return {};
}

std::uint64_t mended(const Annotations& marks, const std::string& what) {
  const auto found = std::ranges::find(marks.mended, what, &std::pair<std::string, std::uint64_t>::first);
  return found == marks.mended.end() ? 0 : found->second;
}

WriterOptions options_for(const DatasetIndex& index, OutputLayout layout) {
  WriterOptions options;
  options.layout = layout;
  options.input_format = index.format;
  options.manifest = index.manifest;
  options.labels = index.labels;
  options.label_kind = index.label_kind;
  options.categories = index.categories;
  options.marks = index.marks;
  options.dialect = index.dialect;
  return options;
}

namespace {

OutputItem item_of(const DatasetReader& reader, const Entry& entry, Size image, OutputLayout layout) {
  OutputItem item;
  item.id = tree_path(reader.index(), entry, layout);
  item.split = entry.split;
  item.file = reader.read(entry).file;
  item.annotations = reader.annotations(entry, image);
  item.image = image;
  item.row = reader.row_of(entry);
  return item;
}

}  // namespace

void write_again(const DatasetReader& reader, const fs::path& out, Size image, OutputLayout layout) {
  const auto writer = open_writer(out, options_for(reader.index(), layout));
  for (const Entry& entry : reader.index().entries) {
    OutputItem item = item_of(reader, entry, image, layout);
    writer->store(item);
    writer->commit(std::move(item));
  }
  writer->finish();
}

void write_in_parts(const DatasetReader& reader, const fs::path& out, Size image, OutputLayout layout,
                    std::uint32_t parts) {
  WriterOptions options = options_for(reader.index(), layout);
  const std::vector<Entry>& entries = reader.index().entries;
  for (std::uint32_t part = 1; part <= parts; ++part) {
    options.part = std::to_string(part) + "-of-" + std::to_string(parts);
    const auto writer = open_writer(out, options);
    for (std::size_t i = part - 1; i < entries.size(); i += parts) {
      OutputItem item = item_of(reader, entries[i], image, layout);
      writer->store(item);
      writer->commit(std::move(item));
    }
    writer->finish();
  }
  options.part.clear();
  std::size_t next = 0;
  merge_parts(out, options, parts, [&]() -> std::optional<std::uint32_t> {
    return next == entries.size() ? std::nullopt : std::optional(static_cast<std::uint32_t>(next++ % parts + 1));
  });
}

void write_interrupted(const DatasetReader& reader, const fs::path& out, Size image, OutputLayout layout,
                       std::size_t stop) {
  const WriterOptions options = options_for(reader.index(), layout);
  const std::vector<Entry>& entries = reader.index().entries;
  std::string state;
  for (const bool again : {false, true}) {
    const auto writer = open_writer(out, options);
    if (again && !state.empty()) writer->resume(state);
    for (std::size_t i = again ? stop : 0; i < entries.size(); ++i) {
      OutputItem item = item_of(reader, entries[i], image, layout);
      writer->store(item);
      const std::string after = writer->commit(std::move(item));
      if (again) continue;
      if (i == stop) break;  // written, but the journal does not know
      state = after;
    }
    if (again) writer->finish();
  }
}

std::string everything_in(const TempFolder& folder) {
  std::string all;
  for (const std::string& file : folder.files())
    if (!file.starts_with("leaven."))
      all += "== " + file + "\n" + (file.ends_with(".png") ? "" : folder.read(file)) + "\n";
  return all;
}

namespace {

/// In any order.
void expect_same_fields(const std::string& a, const std::string& b) {
  EXPECT_EQ(a.empty() ? nlohmann::json() : nlohmann::json::parse(a),
            b.empty() ? nlohmann::json() : nlohmann::json::parse(b));
}

}  // namespace

void expect_same_marks(const Annotations& a, const Annotations& b, double px) {
  const auto expect_near = [&](Point p, Point q) {
    EXPECT_NEAR(p.x, q.x, px);
    EXPECT_NEAR(p.y, q.y, px);
  };
  ASSERT_EQ(a.instances.size(), b.instances.size());
  for (std::size_t i = 0; i < a.instances.size(); ++i) {
    const Instance &x = a.instances[i], &y = b.instances[i];
    EXPECT_EQ(x.category, y.category);
    EXPECT_EQ(x.rotated, y.rotated);
    EXPECT_EQ(x.open, y.open);
    EXPECT_EQ(x.crowd, y.crowd);
    expect_same_fields(x.extra, y.extra);
    ASSERT_EQ(x.box.has_value(), y.box.has_value());
    if (x.box) {
      expect_near({x.box->left, x.box->top}, {y.box->left, y.box->top});
      expect_near({x.box->right, x.box->bottom}, {y.box->right, y.box->bottom});
    }
    ASSERT_EQ(x.outlines.size(), y.outlines.size());
    for (std::size_t o = 0; o < x.outlines.size(); ++o) {
      ASSERT_EQ(x.outlines[o].size(), y.outlines[o].size());
      for (std::size_t p = 0; p < x.outlines[o].size(); ++p) expect_near(x.outlines[o][p], y.outlines[o][p]);
    }
    ASSERT_EQ(x.mask.has_value(), y.mask.has_value());
    if (x.mask) {
      EXPECT_EQ(x.mask->counts, y.mask->counts);
    }
    ASSERT_EQ(x.keypoints.size(), y.keypoints.size());
    for (std::size_t k = 0; k < x.keypoints.size(); ++k) {
      EXPECT_EQ(x.keypoints[k].visibility, y.keypoints[k].visibility);
      expect_near(x.keypoints[k].at, y.keypoints[k].at);
    }
  }
  ASSERT_EQ(a.masks.size(), b.masks.size());
  for (std::size_t m = 0; m < a.masks.size(); ++m)
    EXPECT_TRUE(same_pixels(a.masks[m].pixels.view(), b.masks[m].pixels.view()));
  expect_same_fields(a.extra, b.extra);
}

void expect_same_datasets(const DatasetReader& a, const DatasetReader& b, Size image, double px) {
  EXPECT_EQ(ids_of(a.index()), ids_of(b.index()));
  EXPECT_EQ(a.index().marks, b.index().marks);
  ASSERT_EQ(a.index().categories.size(), b.index().categories.size());
  for (std::size_t c = 0; c < a.index().categories.size(); ++c) {
    const Category &x = a.index().categories[c], &y = b.index().categories[c];
    EXPECT_EQ(x.name, y.name);
    EXPECT_EQ(x.keypoints, y.keypoints);
    EXPECT_EQ(x.mirrored, y.mirrored);
    EXPECT_EQ(x.extra, y.extra);
  }
  for (const Entry& entry : a.index().entries) {
    SCOPED_TRACE(entry.id);
    const Entry& other = entry_of(b.index(), entry.id);
    EXPECT_EQ(entry.split, other.split);
    EXPECT_EQ(content_of(a, entry.id), content_of(b, entry.id));
    expect_same_marks(a.annotations(entry, image), b.annotations(other, image), px);
  }
}

}  // namespace leaven::io
