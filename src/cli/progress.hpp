// What a person or a program sees while a job runs.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "flow/job.hpp"

namespace leaven::cli {

enum class ProgressStyle { bar, plain, json, none };

/// auto is a bar where standard error is a terminal, else plain lines; quiet is none.
ProgressStyle progress_style(const std::string& word, bool quiet);

/// Speed and time left, from what was done since the first report: what an earlier run had done costs nothing now.
class Pace {
 public:
  void see(const flow::Progress& progress);
  double per_second() const { return per_second_; }  ///< outputs; 0: not known yet
  double seconds_left() const { return seconds_left_; }

 private:
  bool begun_{};
  std::string stage_{};
  double first_seconds_{};
  std::uint64_t first_done_{};
  double per_second_{}, seconds_left_{};
};

/// One line without line end, at most `columns` wide: stage, bar, counts, rate and time left.
std::string bar_text(const flow::Progress& progress, const Pace& pace, int columns);
std::string plain_text(const flow::Progress& progress, const Pace& pace);
/// One JSON object: event, stage, done, total, sources, set_aside, seconds, bytes_written, per_second, seconds_left.
std::string json_text(const flow::Progress& progress, const Pace& pace);

/// The bar and plain lines go to standard error, JSON lines to standard output.
class ProgressView {
 public:
  explicit ProgressView(ProgressStyle style) : style_(style) {}
  ~ProgressView() { finish(); }
  ProgressView(const ProgressView&) = delete;
  ProgressView& operator=(const ProgressView&) = delete;

  void show(const flow::Progress& progress);
  /// Takes the bar away, so that other text can follow.
  void finish();

 private:
  ProgressStyle style_;
  Pace pace_{};
  std::string stage_{};
  double last_shown_{-1};
  bool bar_on_screen_{};
};

}  // namespace leaven::cli
