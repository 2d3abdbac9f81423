#include "cli/job_flags.hpp"

#include <algorithm>
#include <array>

#include "core/error.hpp"
#include "flags/flag_values.hpp"
#include "flags/whole_flag.hpp"
#include "flow/report_text.hpp"
#include "io/dataset.hpp"

namespace leaven::cli {

namespace {

constexpr std::array<std::string_view, 2> kMetadata{"drop", "keep"};
constexpr std::array<std::string_view, 5> kImageFormats{"same", "jpeg", "png", "webp", "tiff"};
constexpr std::array<std::string_view, 3> kOriginals{"copy", "link", "none"};
constexpr std::array<std::string_view, 2> kOnError{"skip", "stop"};
constexpr std::array<std::string_view, 4> kProgress{"auto", "plain", "json", "none"};

CLI::Option* add_word(CLI::App& command, const std::string& flag, std::string& target,
                      std::span<const std::string_view> words, const std::string& doc) {
  const auto set = [flag, &target, words](const std::string& text) { target = flags::word(flag, text, words); };
  std::string doc_with_words = doc + ":";
  for (const std::string_view choice : words)
    doc_with_words += (choice == words.front() ? " " : ", ") + std::string(choice);
  return command.add_option_function<std::string>(flag, set, doc_with_words)->type_name("WORD");
}

/// Refuses two flags of one group, once the values were read.
void exclude(const std::vector<CLI::Option*>& options) {
  for (CLI::Option* option : options)
    option->each([options, option](const std::string&) {
      for (const CLI::Option* other : options)
        if (other != option && other->count() > 0)
          throw usage_error(option->get_name() + " and " + other->get_name() + " exclude each other");
    });
}

void add_amounts(CLI::App& command, JobCommand& job) {
  command.option_defaults()->group("How much");
  exclude({flags::add_whole(command, "--times", job.times, 0, 1'000'000, "Copies of each sample besides the original (4)"),
           flags::add_whole(command, "--total", job.total, 1, flags::kAnyWholeNumber, "So many samples of train in all, originals and copies"),
           flags::add_whole(command, "--per-class", job.per_class, 1, flags::kAnyWholeNumber, "So many samples of each class")});
  command.add_option("--target", job.target, "Of a table: the column that is to be predicted")->type_name("COLUMN");
  command.add_flag("--balance{auto}", job.balance, "Of a table: new rows until all classes have as many; --balance=smote names a method");
  command.add_option("--together", job.together, "One draw for samples whose names give its first bracket the same text; frames: those of one file")
      ->type_name("REGEX");
  add_word(command, "--originals", job.originals, kOriginals, "What becomes of the originals");
  flags::add_whole(command, "--limit", job.limit, 1, flags::kAnyWholeNumber, "Take only N samples, the first of each class, evenly");
  flags::add_whole(command, "--seed", job.seed, 0, flags::kAnySeed, "Another seed, other draws (0)");
}

/// What IN is and what OUT becomes.
void add_in_and_out(CLI::App& command, JobCommand& job) {
  command.option_defaults()->group("In and out");
  const auto set_format = [&job](const std::string& text) {
    const auto formats = io::input_formats();
    job.input_format = flags::word("--input-format", text, formats);
  };
  command.add_option_function<std::string>("--input-format", set_format, "Instead of looking what IN is")
      ->type_name("F");
  add_word(command, "--layout", job.layout, io::output_layouts(), "How OUT lies on disk");
}

void add_formats(CLI::App& command, JobCommand& job) {
  add_in_and_out(command, job);
  add_word(command, "--image-format", job.image_format, kImageFormats, "How copies are encoded");
  add_word(command, "--metadata", job.metadata, kMetadata, "EXIF, GPS and the like of originals (drop)");
  flags::add_whole(command, "--quality", job.quality, 1, 100, "JPEG and WebP quality of copies (the source's)");
}

void add_running(CLI::App& command, JobCommand& job) {
  command.option_defaults()->group("Running");
  flags::add_whole(command, "--threads", job.threads, 1, 1024, "Threads (all); they never change a byte");
  const auto set_shard = [&job](const std::string& text) {
    std::tie(job.shard, job.shards) = flags::shard_of("--shard", text);
  };
  command.add_option_function<std::string>("--shard", set_shard, "Make only part I of N; then leaven merge OUT")
      ->type_name("I/N");
  exclude({command.add_flag("--resume", job.resume, "Go on where an earlier run stopped"),
           command.add_flag("--overwrite", job.overwrite, "Replace the dataset that lies in OUT")});
  command.add_flag("--dry-run", job.dry_run, "Say what would be made; write nothing");
  add_word(command, "--on-error", job.on_error, kOnError, "What to do with a broken sample");
  const auto set_bad = [&job](const std::string& text) { job.max_bad = flags::share("--max-bad", text); };
  command
      .add_option_function<std::string>("--max-bad", set_bad, "Exit with 1 when more than this share was broken (10%)")
      ->type_name("SHARE");
  add_word(command, "--progress", job.progress, kProgress, "How to show progress");
  command.add_flag("--quiet", job.quiet, "Print nothing but errors");
}

}  // namespace

void add_output_flag(CLI::App& command, JobCommand& job) {
  command.add_option("-o,--output", job.out, "The new dataset's folder")->type_name("OUT");
}

void add_recipe_choice(CLI::App& command, JobCommand& job) {
  exclude({command.add_option("--recipe", job.recipe, "What to do, as YAML or JSON")->type_name("FILE"),
           command.add_option("--preset", job.preset, "What to do, by name: light (the default), medium, strong")
               ->type_name("NAME")});
}

void add_job_flags(CLI::App& command, JobCommand& job) {
  add_amounts(command, job);
  add_formats(command, job);
  add_running(command, job);
}

void add_column_flags(CLI::App& command, JobCommand& job) {
  command.option_defaults()->group("Of Parquet and Arrow files with pictures");
  command.add_option("--image", job.image, "The column that holds them (image, img, …)")->type_name("COLUMN");
  command.add_option("--key", job.key, "The column that names rows (path, id, …; else a row goes by its picture)")->type_name("COLUMN");
  command.add_option("--label", job.label, "The column of their classes (label, class, category)")->type_name("COLUMN");
}

void refuse_column_flags(const JobCommand& job) {
  for (const auto& [flag, value] : {std::pair("--image", &job.image), {"--key", &job.key}, {"--label", &job.label}})
    if (!value->empty())
      throw usage_error(std::string(flag) + " names a column of Parquet and Arrow files, and " + job.in + " holds none")
          .with_hint("a recipe names columns of lists: source: {path_column, label_column, split_column}");
}

void add_convert_flags(CLI::App& command, JobCommand& job) {
  add_in_and_out(command, job);
  flags::add_whole(command, "--limit", job.limit, 1, flags::kAnyWholeNumber, "Take only N samples, the first of each class, evenly");
  add_running(command, job);
}

std::string command_line_of(const std::vector<std::string>& arguments) {
  constexpr std::array<std::string_view, 4> kAlone{"--resume", "--overwrite", "--dry-run", "--quiet"};
  std::string text = "leaven";
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& word_i = arguments[i];
    if (std::ranges::find(kAlone, word_i) != kAlone.end() || word_i.starts_with("--progress=")) continue;
    if (word_i == "--progress") {
      ++i;
      continue;
    }
    text += " " + flow::shell_quoted(word_i);
  }
  return text;
}

}  // namespace leaven::cli
