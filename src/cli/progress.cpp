#include "cli/progress.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "cli/print.hpp"
#include "flow/report_text.hpp"

namespace leaven::cli {

using flow::count_text;
using flow::duration_text;

namespace {

// Seconds between plain lines and between JSON lines; the bar is redrawn at every report.
constexpr double kPlainPause = 5, kJsonPause = 0.5;

int terminal_columns() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

double share_done(const flow::Progress& p) {
  return p.total == 0 ? 0 : std::min(1.0, static_cast<double>(p.done) / static_cast<double>(p.total));
}

std::string counts(const flow::Progress& p) {
  if (p.total == 0) return duration_text(p.seconds);
  return fmt::format("{} of {}", count_text(p.done), count_text(p.total));
}

std::string rate_and_rest(const flow::Progress& p, const Pace& pace) {
  std::string text;
  if (pace.per_second() > 0) text += fmt::format(", {:.{}f}/s", pace.per_second(), pace.per_second() < 10 ? 1 : 0);
  if (pace.per_second() > 0 && p.done < p.total) text += ", " + duration_text(pace.seconds_left()) + " left";
  if (p.set_aside > 0) text += ", " + count_text(p.set_aside) + " set aside";
  return text;
}

}  // namespace

ProgressStyle progress_style(const std::string& word, bool quiet) {
  if (word == "json") return ProgressStyle::json;
  if (quiet || word == "none") return ProgressStyle::none;
  if (word == "plain" || isatty(STDERR_FILENO) == 0) return ProgressStyle::plain;
  return ProgressStyle::bar;
}

void Pace::see(const flow::Progress& progress) {
  if (!begun_ || progress.stage != stage_) {
    begun_ = true;
    stage_ = progress.stage;
    first_seconds_ = progress.seconds;
    first_done_ = progress.done;
    per_second_ = seconds_left_ = 0;
  }
  const double seconds = progress.seconds - first_seconds_;
  if (seconds < 0.2 || progress.done <= first_done_) return;
  per_second_ = static_cast<double>(progress.done - first_done_) / seconds;
  if (progress.total >= progress.done)
    seconds_left_ = static_cast<double>(progress.total - progress.done) / per_second_;
}

std::string bar_text(const flow::Progress& progress, const Pace& pace, int columns) {
  constexpr int kNarrowest = 10, kWidest = 40;
  const std::string head = progress.stage + " ";
  const std::string tail =
      (progress.total > 0 ? fmt::format(" {:3.0f} %  ", std::floor(share_done(progress) * 100)) : " ") +
      counts(progress) + rate_and_rest(progress, pace);
  const int free = columns - 1 - static_cast<int>(head.size() + tail.size());
  std::string bar;
  if (progress.total > 0 && free >= kNarrowest) {
    const int width = std::min(free, kWidest) - 2;
    const int full = static_cast<int>(share_done(progress) * width);
    bar = "[" + std::string(static_cast<std::size_t>(full), '#') +
          std::string(static_cast<std::size_t>(width - full), '.') + "]";
  }
  // All of it is ASCII, so bytes are columns.
  return (head + bar + tail).substr(0, static_cast<std::size_t>(std::max(0, columns - 1)));
}

std::string plain_text(const flow::Progress& progress, const Pace& pace) {
  return progress.stage + ": " + counts(progress) + rate_and_rest(progress, pace);
}

std::string json_text(const flow::Progress& progress, const Pace& pace) {
  const nlohmann::ordered_json line{{"event", "progress"},
                                    {"stage", progress.stage},
                                    {"done", progress.done},
                                    {"total", progress.total},
                                    {"sources", progress.sources},
                                    {"set_aside", progress.set_aside},
                                    {"seconds", progress.seconds},
                                    {"bytes_written", progress.bytes_written},
                                    {"per_second", pace.per_second()},
                                    {"seconds_left", pace.seconds_left()}};
  return line.dump();
}

void ProgressView::show(const flow::Progress& progress) {
  if (style_ == ProgressStyle::none) return;
  pace_.see(progress);
  const bool new_stage = progress.stage != stage_;
  const double pause = style_ == ProgressStyle::plain ? kPlainPause : style_ == ProgressStyle::json ? kJsonPause : 0;
  if (!new_stage && progress.seconds - last_shown_ < pause) return;
  stage_ = progress.stage;
  last_shown_ = progress.seconds;
  if (style_ == ProgressStyle::json) {
    print(json_text(progress, pace_) + "\n");
    flush();
  } else if (style_ == ProgressStyle::plain) {
    complain(plain_text(progress, pace_) + "\n");
  } else {
    complain("\r\033[K" + bar_text(progress, pace_, terminal_columns()));
    bar_on_screen_ = true;
  }
}

void ProgressView::finish() {
  if (bar_on_screen_) complain("\r\033[K");
  bar_on_screen_ = false;
}

}  // namespace leaven::cli
