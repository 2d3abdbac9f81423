// Dataset indices written down in a line, for tests that need no files.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "io/dataset.hpp"

namespace leaven::flow {

/// Class folders: the label is the id's folder ("train/cat/a.jpg" has split train).
inline io::DatasetIndex made_index(std::vector<std::string> ids, const std::string& format = "folders") {
  std::ranges::sort(ids);
  io::DatasetIndex index;
  index.format = format;
  index.label_kind = format == "flat" ? io::LabelKind::none : io::LabelKind::category;
  if (format == "flat") index.labels = {""};
  for (const std::string& id : ids) {
    io::Entry entry;
    entry.id = id;
    if (const auto split = io::split_from(id.substr(0, id.find('/')))) entry.split = *split, index.has_splits = true;
    if (format != "flat") {
      const std::size_t slash = id.rfind('/');
      const std::string folder = slash == std::string::npos ? "" : id.substr(0, slash);
      const std::string label = folder.substr(folder.rfind('/') + 1);
      const auto found = std::ranges::find(index.labels, label);
      entry.label = static_cast<std::uint32_t>(found - index.labels.begin());
      if (found == index.labels.end()) index.labels.push_back(label);
    }
    index.entries.push_back(entry);
  }
  return index;
}

/// "0000.jpg" … in a folder.
inline std::vector<std::string> numbered(const std::string& folder, int count) {
  std::vector<std::string> ids;
  for (int i = 0; i < count; ++i) {
    const std::string number = std::to_string(i);
    ids.push_back(folder + "/" + std::string(4 - std::min<std::size_t>(4, number.size()), '0') + number + ".jpg");
  }
  return ids;
}

inline void append(std::vector<std::string>& to, const std::vector<std::string>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

}  // namespace leaven::flow
