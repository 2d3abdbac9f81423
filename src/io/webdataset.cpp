// WebDataset: tars whose members are grouped by key, the name up to the first point: 000017.jpg with 000017.cls (a
// class) or 000017.json (a label of any kind); other members of the key go along. Tars of class folders are read too.
#include <algorithm>
#include <charconv>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <span>
#include <utility>

#include "core/error.hpp"
#include "core/utf8.hpp"
#include "io/dataset_formats.hpp"
#include "io/file.hpp"
#include "io/tar_index.hpp"

namespace leaven::io {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kLongestLabel = 1 << 20;  // bytes of a .cls or .json

/// Everything before the first point of the last part: "cat/a.left.jpg" → "cat/a".
std::string_view key_of(std::string_view name) {
  const std::size_t folder = name.rfind('/') == std::string_view::npos ? 0 : name.rfind('/') + 1;
  return name.substr(0, std::min(name.find('.', folder), name.size()));
}

bool is_safe_path(std::string_view name) {
  if (name.empty() || name.front() == '/' || !is_utf8(name)) return false;
  for (std::size_t start = 0; start <= name.size();) {
    const std::size_t end = std::min(name.find('/', start), name.size());
    const std::string_view part = name.substr(start, end - start);
    if (part.empty() || part == "." || part == "..") return false;
    start = end + 1;
  }
  return true;
}

std::string_view last_part(std::string_view name) { return name.substr(name.rfind('/') + 1); }

struct LabelFound {
  LabelKind kind{LabelKind::none};
  std::string text{};
};

LabelFound label_from_json(const std::string& text) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object()) return {};
  for (const char* name : {"label", "labels", "cls", "class", "target", "y"}) {
    const auto found = json.find(name);
    if (found == json.end()) continue;
    const bool says_number = std::string_view(name) == "target" || std::string_view(name) == "y";
    if (found->is_string()) return {LabelKind::category, found->get<std::string>()};
    if (found->is_number_float() || (found->is_number() && says_number)) return {LabelKind::number, found->dump()};
    if (found->is_number()) return {LabelKind::category, found->dump()};
    if (!found->is_array()) continue;
    LabelFound several{LabelKind::categories, {}};
    for (const auto& item : *found)
      several.text += (several.text.empty() ? "" : ";") + (item.is_string() ? item.get<std::string>() : item.dump());
    return several;
  }
  return {};
}

std::string trimmed(std::string text) {
  const std::size_t end = text.find_last_not_of(" \r\n\t");
  text.resize(end == std::string::npos ? 0 : end + 1);
  text.erase(0, std::min(text.find_first_not_of(" \t"), text.size()));
  return text;
}

class WebDatasetReader final : public DatasetReader {
 public:
  WebDatasetReader(const Candidates& candidates, const OpenOptions& options) {
    read_class_names(candidates.root);
    for (const std::string& file : candidates.files) add_tar(candidates, file);
    const bool labelled =
        std::ranges::any_of(samples_, [](const Sample& s) { return s.label.kind != LabelKind::none; });
    if (labelled)
      index_from_labels();
    else
      index_from_paths();
    index_.format = "webdataset";
    index_.strays = strays_.take();
    samples_.clear();
    samples_.shrink_to_fit();
    std::ranges::stable_sort(beside_, {}, &Beside::image);
    finish_index(index_, options);
    index_.description =
        std::string(labelled ? "WebDataset, " : "tar of image files, ") + counted(tars_.size(), "tar", "tars") + ", " +
        (index_.has_splits ? describe_splits(index_) + ", " : "") + counted(index_.entries.size(), "image", "images") +
        (index_.label_kind == LabelKind::none ? " without labels" : "");
    extension_numbers_.clear();
    constexpr std::size_t kNamed = 4;
    for (std::size_t i = 0; i < std::min(kNamed, extensions_.size()); ++i)
      index_.description += (i == 0 ? ", beside them ." : ", .") + printable(extensions_[i]);
    if (extensions_.size() > kNamed) index_.description += ", …";
  }

  const DatasetIndex& index() const override { return index_; }
  SourceImage read(const Entry& entry) const override {
    const Tar& tar = tars_[entry.container];
    try {
      if (tar.unpacked) return image_file(tar.unpacked->read_bytes(entry.offset, entry.size));
      return image_file(InputFile(tar.path).read_bytes(entry.offset, entry.size));
    } catch (Error& error) {
      throw error.with_sample(entry.id);
    }
  }
  std::vector<std::pair<std::string, Bytes>> members_of(const Entry& entry) const override {
    std::vector<std::pair<std::string, Bytes>> members;
    const Tar& tar = tars_[entry.container];
    const Place image{entry.container, entry.offset};
    std::optional<InputFile> file;
    for (auto at = std::ranges::lower_bound(beside_, image, {}, &Beside::image); at != beside_.end() && at->image == image; ++at) {
      if (!tar.unpacked && !file) file.emplace(tar.path);
      members.emplace_back(extensions_[at->extension], (tar.unpacked ? *tar.unpacked : *file).read_bytes(at->offset, at->size));
    }
    return members;
  }
  std::optional<fs::path> file_of(const Entry&) const override { return std::nullopt; }
  bool stores_pixels() const override { return false; }

 private:
  /// Tars are opened anew for each sample: thousands of shards would not fit into the limit on open files.
  struct Tar {
    fs::path path{};
    std::string name{};
    std::optional<InputFile> unpacked{};
  };
  using Place = std::pair<std::uint32_t, std::uint64_t>;  ///< tar, offset
  /// A member that goes along with an image.
  struct Beside {
    Place image{};
    std::uint64_t offset{}, size{};
    std::uint32_t extension{};  ///< of extensions_
  };
  struct Sample {
    TarMember member{};
    std::uint32_t tar{};
    LabelFound label{};
  };

  void read_class_names(const fs::path& root) {
    const fs::path file = root / "classes.json";
    if (!fs::exists(file)) return;
    const auto json = nlohmann::json::parse(text_of(read_file(file)), nullptr, false);
    if (!json.is_array()) return;
    for (const auto& name : json) class_names_.push_back(name.is_string() ? name.get<std::string>() : name.dump());
  }

  static std::string text_of(const Bytes& bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

  void add_tar(const Candidates& candidates, const std::string& name) {
    std::optional<InputFile> opened;
    Tar tar{candidates.path(name), name, std::nullopt};
    try {
      opened.emplace(tar.path);
      if (is_gzip(*opened)) tar.unpacked = unpack_gzip(*opened);
    } catch (const Error& error) {
      index_.broken.push_back({printable(name), error.message()});
      return;
    }
    const InputFile& bytes = tars_.emplace_back(std::move(tar)).unpacked ? *tars_.back().unpacked : *opened;
    TarIndex listing = index_tar(bytes);
    if (!listing.damage.empty()) index_.broken.push_back({printable(name), "damaged tar: " + listing.damage});
    set_repeated_aside(listing, printable(name));
    std::map<std::string, LabelFound, std::less<>> labels;  // of this tar, by key
    std::map<std::string, std::uint64_t, std::less<>> images;
    for (const TarMember& member : listing.members) {
      if (const auto label = label_in(bytes, member)) labels[std::string(key_of(member.name))] = *label;
      if (is_image(member)) images.emplace(key_of(member.name), member.offset);
    }
    for (TarMember& member : listing.members) {
      if (!is_image(member)) {
        const std::string_view key = key_of(member.name);
        const auto image = images.find(key);
        if (image != images.end() && key.size() < member.name.size() && !is_house_keeping(last_part(member.name)))
          add_beside({static_cast<std::uint32_t>(tars_.size() - 1), image->second}, member);
        else
          strays_.add_file(last_part(member.name));
      } else if (!is_safe_path(member.name)) {
        index_.broken.push_back(
            {printable(name) + "/" + printable(member.name), "its name leads out of the tar or is no UTF-8"});
      } else {
        const auto label = labels.find(key_of(member.name));
        samples_.push_back({std::move(member), static_cast<std::uint32_t>(tars_.size() - 1),
                            label == labels.end() ? LabelFound{} : label->second});
      }
    }
  }

  /// A run of members with one key that brings a name anew is another sample of that key: none of its files is the first one's.
  void set_repeated_aside(TarIndex& listing, const std::string& tar) {
    std::set<std::string> names;
    std::vector<TarMember> kept;
    const auto take_run = [&](std::span<TarMember> run) {
      const bool repeated = std::ranges::any_of(run, [&](const TarMember& member) { return names.contains(member.name); });
      for (TarMember& member : run) {
        if (!repeated) {
          names.insert(member.name);
          kept.push_back(std::move(member));
        } else if (is_image(member)) {
          index_.broken.push_back({tar + "/" + printable(member.name), "the tar holds another sample of this name"});
        } else {
          strays_.add_file(last_part(member.name));
        }
      }
    };
    std::vector<TarMember>& all = listing.members;
    for (std::size_t first = 0, end; first < all.size(); first = end) {
      std::set<std::string_view> own;
      end = first;
      while (end < all.size() && key_of(all[end].name) == key_of(all[first].name) && own.insert(all[end].name).second) ++end;
      take_run(std::span(all).subspan(first, end - first));
    }
    all = std::move(kept);
  }

  static bool is_image(const TarMember& member) {
    return !is_house_keeping(last_part(member.name)) && has_image_extension(member.name);
  }

  void add_beside(Place image, const TarMember& member) {
    const std::string extension = member.name.substr(key_of(member.name).size() + 1);
    if (lower_case(extension) == "cls") return;  // a label, read and written as such
    const auto [known, is_new] = extension_numbers_.try_emplace(extension, static_cast<std::uint32_t>(extensions_.size()));
    if (is_new) extensions_.push_back(extension);
    beside_.push_back({image, member.offset, member.size, known->second});
  }

  std::optional<LabelFound> label_in(const InputFile& file, const TarMember& member) const {
    const std::string extension = lower_extension(last_part(member.name));
    if ((extension != "cls" && extension != "json") || member.size > kLongestLabel) return std::nullopt;
    const std::string text = file.read_text(member.offset, member.size);
    if (!is_utf8(text)) return std::nullopt;
    if (extension == "json") {
      const LabelFound found = label_from_json(text);
      return found.kind == LabelKind::none ? std::nullopt : std::optional(found);
    }
    std::string label = trimmed(text);
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(label.data(), label.data() + label.size(), number);
    if (error == std::errc{} && end == label.data() + label.size() && number < class_names_.size())
      label = class_names_[number];
    return LabelFound{LabelKind::category, std::move(label)};
  }

  /// Names that several tars use get the tar's name in front, all of them, so that no tar comes first.
  std::set<std::string> names_used_twice() const {
    std::set<std::string> once, twice;
    for (const Sample& sample : samples_)
      if (!once.insert(sample.member.name).second) twice.insert(sample.member.name);
    return twice;
  }

  std::string id_of(const Sample& sample, const std::set<std::string>& twice) const {
    return twice.contains(sample.member.name) ? tars_[sample.tar].name + "/" + sample.member.name : sample.member.name;
  }

  Entry entry_of(const Sample& sample, std::string id) const {
    return {.id = std::move(id), .container = sample.tar, .offset = sample.member.offset, .size = sample.member.size};
  }

  void index_from_labels() {
    const std::set<std::string> twice = names_used_twice();
    LabelTable labels;
    std::set<Split> splits;
    for (const Sample& sample : samples_) {
      std::string id = id_of(sample, twice);
      if (sample.label.kind == LabelKind::none) {
        index_.broken.push_back({std::move(id), "it has no .cls or .json with a label, others have"});
        continue;
      }
      index_.label_kind = std::max(index_.label_kind, sample.label.kind);
      Entry& entry = index_.entries.emplace_back(entry_of(sample, std::move(id)));
      entry.label = labels.number_of(sample.label.text);
      entry.split = split_of_tar(sample.tar);
      splits.insert(entry.split);
    }
    if (index_.label_kind == LabelKind::category) {
      index_.class_names = class_names_;
      for (const std::string& name : class_names_) labels.number_of(name);
    }
    index_.labels = labels.take();
    index_.has_splits = splits.size() > 1 && !splits.contains(Split::none);
    if (!index_.has_splits)
      for (Entry& entry : index_.entries) entry.split = Split::none;
  }

  Split split_of_tar(std::uint32_t tar) const {
    const fs::path name(tars_[tar].name);
    const Split split = split_in_name(name.filename().native());
    return split != Split::none ? split : split_from(name.parent_path().filename().native()).value_or(Split::none);
  }

  /// As if the tars were unpacked into one folder.
  void index_from_paths() {
    const std::set<std::string> twice = names_used_twice();
    std::vector<std::string> ids;
    std::map<std::string, const Sample*> by_id;
    for (const Sample& sample : samples_) {
      ids.push_back(id_of(sample, twice));
      by_id.emplace(ids.back(), &sample);
    }
    std::string common(ids.empty() ? "" : ids.front().substr(0, ids.front().find('/') + 1));  // one folder around all
    for (const std::string& id : ids)
      if (!id.starts_with(common)) common.clear();
    for (std::string& id : ids) id.erase(0, common.size());
    std::vector<NotASample> broken = std::move(index_.broken);
    index_ = index_of_paths(std::move(ids), PathMeaning::by_looking, strays_);
    index_.broken = std::move(broken);
    for (Entry& entry : index_.entries) {
      const Sample& sample = *by_id.at(common + entry.id);
      entry.container = sample.tar;
      entry.offset = sample.member.offset;
      entry.size = sample.member.size;
    }
  }

  DatasetIndex index_;
  std::vector<std::string> class_names_;
  std::vector<Tar> tars_;
  std::vector<Beside> beside_;  ///< sorted by image
  std::vector<std::string> extensions_;
  std::map<std::string, std::uint32_t> extension_numbers_;  ///< while reading
  std::vector<Sample> samples_;
  Strays strays_;
};

}  // namespace

std::vector<std::string> webdataset_files(const Candidates& candidates) {
  std::vector<std::string> found;
  bool any = false;
  for (const std::string& file : candidates.files) {
    const std::string extension = lower_extension(file);
    if (extension != "tar" && extension != "tgz" && !file.ends_with(".tar.gz")) continue;
    found.push_back(file);
    try {
      any = any || is_tar(InputFile(candidates.path(file)));
    } catch (const Error&) {
      continue;  // unreadable
    }
  }
  // Beside one that is a tar, what is called a tar and is none is damaged and gets named.
  if (!any) found.clear();
  return found;
}

std::unique_ptr<DatasetReader> open_webdataset(const Candidates& candidates, const OpenOptions& options) {
  return std::make_unique<WebDatasetReader>(candidates, options);
}

}  // namespace leaven::io
