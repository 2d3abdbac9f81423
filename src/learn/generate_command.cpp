#include "learn/generate_command.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "core/error.hpp"
#include "flags/interrupt.hpp"
#include "flow/report_text.hpp"
#include "learn/generate/gate_file.hpp"
#include "learn/generate/generate.hpp"
#include "learn/torch/image_kinds.hpp"
#include "learn/torch/picture_classifier.hpp"
#include "learn/torch/table_kinds.hpp"

namespace leaven::learn {

namespace {

void say(bool quiet, const std::string& text) {
  if (!quiet) std::fputs((text + "\n").c_str(), stdout);
}

/// A line each, of many the first ones.
void say_notes(bool quiet, const std::vector<std::string>& notes) {
  constexpr std::size_t kShown = 12;
  const std::size_t shown = notes.size() > kShown + 1 ? kShown : notes.size();
  for (std::size_t i = 0; i < shown; ++i) say(quiet, "  note       " + notes[i]);
  if (shown < notes.size()) say(quiet, fmt::format("  note       and {} more, which generator.json lists", notes.size() - shown));
}

/// For what must be known before the work is done.
std::function<void(const std::string&)> telling(bool quiet) {
  return [quiet](const std::string& what) {
    say(quiet, "  note       " + what);
    std::fflush(stdout);
  };
}

FitWatch telling_steps(bool quiet) {
  return [quiet](const FitProgress& p) {
    if (!quiet) std::fputs((fmt::format("[{}/{}] loss {:.2f}", p.step, p.steps, p.loss) + (p.score ? fmt::format(", validation score {:.4g}", *p.score) : "") + "\n").c_str(), stderr);
  };
}

void require_for(bool suits, bool given, const char* flag, const char* what) {
  if (given && !suits) throw usage_error(std::string(flag) + " is for " + what);
}

int fit(const flags::GenerateCommand& c) {
  const flags::Interrupt interrupt;
  const FitOptions options{.data = c.data, .out = c.out, .kind = c.kind, .target = c.target, .recipe = c.recipe, .held_out = c.held_out, .seed = c.seed, .steps = c.steps,
                           .input_format = c.input_format, .per_class = c.per_class, .side = c.side, .from = c.from, .pretrain = c.pretrain, .guidance = c.guidance.value_or(1), .threads = c.threads, .overwrite = c.overwrite, .resume = c.resume, .tell = telling(c.quiet)};
  const bool series = is_series(c.data, c.input_format), table = !series && is_table(c.data);
  require_for(table, !c.target.empty(), "--target", "tables");
  require_for(!table && !series, c.side > 0, "--size", "pictures");
  require_for(!table, c.per_class.has_value(), "--per-class of a fit", "pictures and series");
  const FitWatch watch = telling_steps(c.quiet);
  const Fitted fitted = table ? fit_table(options, table_kinds(), watch, interrupt.stop()) : fit_images(options, series ? series_kinds() : image_kinds(), watch, interrupt.stop());
  if (fitted.done_before) say(c.quiet, "the generator is complete already; nothing was left to do");
  else say(c.quiet, fmt::format("{} fitted on {} of {} in {:.2f} s (reading them {:.2f} s); {} held out for the gate", fitted.kind, flow::count_text(fitted.train, table ? "row" : series ? "series" : "picture", table ? "rows" : series ? "series" : "pictures"), c.data,
                           fitted.seconds_fitting, fitted.seconds_reading, flow::count_text(fitted.held_out)));
  say_notes(c.quiet, fitted.notes);
  say(c.quiet, "  generator  " + c.out + " (" + fitted.hash + ")");
  return 0;
}

int sample(const flags::GenerateCommand& c) {
  const flags::Interrupt interrupt;
  SampleOptions options{.generator = c.generator, .out = c.out, .rows = c.rows, .per_class = c.per_class, .classes = c.classes, .recipe = c.recipe, .data = c.data,
                        .seed = c.seed, .threads = c.threads, .force = c.force, .guidance = c.guidance, .overwrite = c.overwrite};
  for (const std::string& where : c.where) options.where.emplace_back(where.substr(0, where.find('=')), where.substr(where.find('=') + 1));
  const bool table = makes_tables(c.generator), series = !table && makes_series(c.generator);
  require_for(table, !c.recipe.empty(), "--recipe of a sample", "tables, whose constraints hold");
  require_for(table, !c.data.empty(), "--data of a sample", "tables, against which constraints are held");
  const Sampled sampled = table ? sample_table(options, table_kinds(), interrupt.stop()) : sample_images(options, series ? series_kinds() : image_kinds(), interrupt.stop());
  say(c.quiet, fmt::format("{} in {:.2f} s ({} a second), gate: {}", flow::count_text(sampled.rows, table ? "row" : series ? "series" : "picture", table ? "rows" : series ? "series" : "pictures"), sampled.seconds, flow::rate_text(sampled.rows, sampled.seconds), sampled.gate));
  if (sampled.passed_over > 0) say(c.quiet, "  note  " + flow::count_text(sampled.passed_over, "row was", "rows were") + " passed over, not as conditions and constraints ask");
  if (sampled.repaired > 0) say(c.quiet, "  note  " + flow::count_text(sampled.repaired, "row was", "rows were") + " repaired, so that the constraints hold (what was beyond a range lies at its end)");
  if (sampled.gate == kUnchecked) say(c.quiet, "  note  nobody looked whether these may be used: leaven generate check " + c.generator + " --data DATA");
  say(c.quiet, "  file  " + sampled.file.string());
  return 0;
}

int check(const flags::GenerateCommand& c) {
  const flags::Interrupt interrupt;
  const auto watch = [&](std::uint32_t done, std::uint32_t all) {
    if (!c.quiet) std::fputs(fmt::format("[{}/{}] trainings\n", done, all).c_str(), stderr);
  };
  const CheckOptions options{.generator = c.generator, .data = c.data, .threads = c.threads, .steps = c.steps, .seeds = c.seeds, .guidance = c.guidance, .watch = watch};
  const Checked checked = makes_tables(c.generator) ? check_table(options, table_kinds(), interrupt.stop()) : check_images(options, makes_series(c.generator) ? series_kinds() : image_kinds(), picture_classifier(), interrupt.stop());
  say(c.quiet, checked.text + "  page  " + checked.page.string());
  return checked.accepted ? 0 : exit_code(Fault::refused);
}

}  // namespace

int fill_classes(const flags::FillCommand& c) {
  const flags::Interrupt interrupt;
  const FitWatch watch = telling_steps(c.quiet);
  const Filled filled = fill({.recipe = c.recipe, .threads = c.threads, .resume = c.resume, .overwrite = c.overwrite, .tell = telling(c.quiet)}, table_kinds(), image_kinds(), picture_classifier(), watch, interrupt.stop());
  std::uint64_t all = 0;
  std::string by_class;
  for (const auto& [label, count] : filled.counts) {
    all += count;
    if (count > 0) by_class += fmt::format("{}{} {}", by_class.empty() ? "" : ", ", label, count);
  }
  if (!filled.done_before) say(c.quiet, filled.gate);
  say(c.quiet, fmt::format("generated {}{}{}", flow::count_text(all, "sample", "samples"), by_class.empty() ? "" : ": " + by_class, filled.done_before ? " (drawn before)" : ""));
  for (const std::string& note : filled.notes) say(c.quiet, "  note       " + note);
  say(c.quiet, "  generator  " + filled.generator.string());
  return 0;
}

int generate(const flags::GenerateCommand& command) {
  flags::check_generate(command);
  if (command.action == "fit") return fit(command);
  if (command.action == "sample") return sample(command);
  return check(command);
}

}  // namespace leaven::learn
