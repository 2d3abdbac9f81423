#include "flow/earlier_lines.hpp"

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <utility>

#include "core/error.hpp"
#include "io/file.hpp"

namespace leaven::flow {

namespace {

using Json = nlohmann::ordered_json;

/// Reads a line only as far as "copy": the steps behind it are most of the text.
class LineHead : public nlohmann::json_sax<Json> {
 public:
  std::string source{};
  std::uint64_t copy{};
  bool complete{};

  bool key(string_t& name) override { return key_ = name, true; }
  bool string(string_t& value) override {
    if (key_ == "source") source = value;
    return true;
  }
  bool number_unsigned(number_unsigned_t value) override {
    if (key_ != "copy") return true;
    copy = value;
    complete = true;
    return false;
  }
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override { return true; }
  bool end_object() override { return true; }
  bool start_array(std::size_t) override { return true; }
  bool end_array() override { return true; }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override { return false; }

 private:
  std::string key_;
};

LineHead head_of(const std::string& line, const std::filesystem::path& file) {
  LineHead head;
  Json::sax_parse(line, &head);
  if (!head.complete) throw data_error(file.string() + ": holds a line that is no lineage: " + line.substr(0, 80));
  return head;
}

Error not_in_roster(const std::string& what) {
  return usage_error("the output folder holds " + what + ", which this run would not make")
      .with_hint("ask for at least as many copies as before, or start anew with --overwrite");
}

}  // namespace

EarlierLines::~EarlierLines() = default;
EarlierLines::EarlierLines(EarlierLines&&) noexcept = default;
EarlierLines& EarlierLines::operator=(EarlierLines&&) noexcept = default;

EarlierLines::EarlierLines(const std::filesystem::path& path, const io::DatasetIndex& index, const Roster& roster,
                           std::uint64_t bytes)
    : file_(std::make_unique<io::InputFile>(path)), ranges_(roster.sources().size()) {
  std::ifstream in(path, std::ios::binary);
  std::uint64_t at = 0;
  std::size_t s = 0;
  std::string current;
  for (std::string line; at < bytes && std::getline(in, line);) {
    const LineHead head = head_of(line, path);
    const auto is_this = [&] { return io::printable(index.entries[roster.sources()[s].entry].id) == head.source; };
    if (head.source != current) {
      while (s < ranges_.size() && !is_this()) ++s;
      if (s == ranges_.size()) throw not_in_roster("outputs of " + head.source);
      current = head.source;
      ranges_[s].begin = at;
    }
    const RosterSource& source = roster.sources()[s];
    if (head.copy > source.copies) throw not_in_roster("copy " + std::to_string(head.copy) + " of " + head.source);
    if (head.copy == 0 && !source.original) throw not_in_roster("the original " + head.source);
    at += line.size() + 1;
    ranges_[s].size = at - ranges_[s].begin;
  }
}

std::vector<EarlierLine> EarlierLines::of(std::size_t s) const {
  std::vector<EarlierLine> lines;
  if (!any_of(s)) return lines;
  std::istringstream text(file_->read_text(ranges_[s].begin, ranges_[s].size));
  for (std::string line; std::getline(text, line);) {
    try {
      const Json json = Json::parse(line);
      lines.push_back({json.at("copy"), json.at("id"), json.at("digest"), json.at("source_digest"), std::move(line)});
    } catch (const Json::exception& e) {
      throw data_error(file_->path().string() + ": holds a line that is no lineage: " + e.what());
    }
  }
  return lines;
}

}  // namespace leaven::flow
