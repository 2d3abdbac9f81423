// The CSV that goes with a dataset's files and grows with them, for the layouts that list their samples in one.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "io/atomic_file.hpp"

namespace leaven::io {

/// Rows are appended beside the file's place; publish() renames it there. Whether a column "split" is added, because
/// the recipe divided what the source did not, is decided with the first row and remembered in the state.
class GrowingCsv {
 public:
  /// `header` gives the first line, with the column "split" or without; empty: the file has none.
  GrowingCsv(std::filesystem::path path, std::function<std::string(bool adds_split)> header);

  bool started() const { return file_.has_value(); }
  void start(bool adds_split);
  bool adds_split() const { return adds_split_; }
  /// Whole lines. Answers with the state to resume() from.
  std::string append(std::string_view rows);
  void resume(const std::string& state);
  void publish();

 private:
  std::filesystem::path path_;
  std::function<std::string(bool adds_split)> header_;
  bool adds_split_{};
  std::optional<GrowingFile> file_{};
};

}  // namespace leaven::io
