// A small dataset of drawn pictures and a small learner, so that proofs take moments.
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/raster.hpp"
#include "io/dataset.hpp"
#include "learn/learner.hpp"

namespace leaven::learn {

/// A temporary folder that goes with the test.
class ScratchFolder {
 public:
  ScratchFolder();
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

/// 12×12 grey: a bright bar on the left ("left") or on the right ("right"), under noise that differs with every number.
Raster bar_picture(bool right, int number);
/// 16×16 grey: a disc of noise on black, about 100 bright or 150: what it is stays when it is turned, not when its light changes.
Raster disc_picture(bool bright, int number);
void write_png(const std::filesystem::path& file, const Raster& picture);
void write_text(const std::filesystem::path& file, std::string_view text);
std::string read_text(const std::filesystem::path& file);
/// `count` pictures in each of the folders left/ and right/.
void write_bars(const std::filesystem::path& folder, int count);
/// `count` pictures in each of the folders dark/ and bright/.
void write_discs(const std::filesystem::path& folder, int count);

/// Ids into an index with splits none; "class/name" gives the class.
io::DatasetIndex made_index(const std::vector<std::string>& ids);

/// Softmax regression by plain gradient descent; `made` counts how many were made.
struct SoftmaxOptions {
  std::atomic<int>* made{};  ///< by several threads at once
  double rate{0.05};
};
LearnerKind softmax_learner(const SoftmaxOptions& options = {});
/// Learns nothing: each class is as probable as the others, a number is 0.
LearnerKind constant_learner();

}  // namespace leaven::learn
