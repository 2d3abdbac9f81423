#include "flow/packed_items.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "core/lineage.hpp"
#include "flow/sink.hpp"
#include "io/series_file.hpp"

namespace leaven::flow {

namespace {

io::WriterOptions options_of(const JobRecord& record) {
  io::WriterOptions options;
  options.layout = output_layout(record.layout);
  options.input_format = record.input_format;
  return options;
}

}  // namespace

bool PackedItems::packs(const JobRecord& record) { return !io::writes_files(options_of(record)); }

PackedItems::PackedItems(const std::filesystem::path& out, const JobRecord& record)
    : pixels_(writes_pixels(options_of(record)) || io::is_series_format(record.input_format)) {
  io::OpenOptions options;
  const bool series = io::is_series_format(record.input_format), arrays = writes_pixels(options_of(record));
  options.format = series ? (arrays ? "series_npz" : record.input_format) : pixels_ ? "npz" : "webdataset";
  reader_ = io::open_dataset(out, options);
  for (const io::Entry& entry : reader_->index().entries)
    if (pixels_) arrays_[std::string(io::name_of(entry.split))].push_back(&entry);
  items_ = reader_->index().entries.size();
}

const io::Entry* PackedItems::find(const std::string& id, const std::string& split) {
  const std::vector<io::Entry>& entries = reader_->index().entries;
  if (pixels_) {
    // A single array is of no split, whatever its name; rows lie in the order of the lines.
    const auto array = arrays_.size() == 1 ? arrays_.begin() : arrays_.find(split);
    const std::size_t row = next_row_[split]++;
    return array == arrays_.end() || row >= array->second.size() ? nullptr : array->second[row];
  }
  // Readers leave out one folder around all members.
  for (const std::string& name : {id, id.substr(id.find('/') + 1)}) {
    const auto at = std::ranges::lower_bound(entries, name, {}, &io::Entry::id);
    if (at != entries.end() && at->id == name) return &*at;
  }
  return nullptr;
}

void PackedItems::add_line(std::string_view line) {
  const auto json = nlohmann::json::parse(line, nullptr, false);
  const bool good = json.is_object() && json.contains("id");
  of_line_.push_back(good ? find(json.at("id"), json.value("split", std::string())) : nullptr);
  named_ += of_line_.back() != nullptr;
}

std::string PackedItems::digest_of_item(std::size_t line) const {
  const io::Entry* entry = of_line_.at(line);
  if (!entry) return {};
  const io::SourceImage item = reader_->read(*entry);
  return item.pixels.empty() ? digest_of(item.file.data(), item.file.size())
                             : digest_of(item.pixels.data(), item.pixels.shape().bytes());
}

}  // namespace leaven::flow
