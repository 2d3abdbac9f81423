#include "cli/arguments.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <functional>
#include <utility>

#include "cli/commands.hpp"
#include "cli/help_page.hpp"
#include "cli/job_flags.hpp"
#include "cli/print.hpp"
#include "core/error.hpp"
#include "core/op.hpp"
#include "flags/flag_values.hpp"
#include "flags/generate_flags.hpp"
#include "flags/prove_flags.hpp"
#include "flags/whole_flag.hpp"
#include "io/columnar.hpp"

namespace leaven::cli {

namespace {

int show(const std::string& page) {
  print(page);
  return 0;
}

/// The commands with what they were told. Not movable: the parser holds references into it.
class CommandLine {
 public:
  CommandLine();
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  int obey(const std::vector<std::string>& arguments);
  std::string markdown() const;

 private:
  CLI::App& add(const std::string& name, const std::string& phrase, const std::string& usage,
                std::function<int()> action);
  void add_jobs();
  void add_recipe_commands();
  void add_results();
  void add_learning();
  void add_reference();
  void parse(const std::vector<std::string>& arguments);
  void refuse_unknown(const std::vector<std::string>& extras) const;
  /// Throws when the positional was left out.
  static void need(const std::string& value, const char* command, const char* what);
  /// Null when there is no such command.
  const CLI::App* find(const std::string& command) const;
  int help(const std::string& topic) const;

  CLI::App app_{"Leaven makes a small dataset work like a large one\n\nUsage: leaven COMMAND [flags]"};
  std::function<int()> action_{};
  JobCommand augment_{}, run_{}, convert_{};
  PlanCommand plan_{};
  ProfileCommand profile_{};
  PrepareCommand prepare_{};
  GalleryCommand gallery_{};
  PreviewCommand preview_{};
  ExplainCommand explain_{};
  ReplayCommand replay_{};
  VerifyCommand verify_{};
  OpsCommand ops_{};
  flags::ProveCommand prove_{};
  flags::TuneCommand tune_{};
  flags::GenerateCommand generate_{};
  std::vector<std::string> arguments_{};
  std::string check_{}, merge_{}, preset_{}, topic_{};
  bool merge_quiet_{}, version_{}, verbose_{}, help_markdown_{};
};

CommandLine::CommandLine() {
  app_.name("leaven");
  app_.formatter(std::make_shared<HelpPage>());
  app_.set_help_flag("-h,--help", "Print this page");
  // Left-over words are refused here, after which unknown flags can be told from missing ones.
  app_.allow_extras();
  // One command; words behind it are its own, even those that are names of commands (a folder called plan).
  app_.require_subcommand(0, 1);
  app_.option_defaults()->take_last();
  app_.add_flag("--version", version_, "Print the version; with --verbose also those of the codecs");
  app_.add_flag("--verbose", verbose_, "See --version");
  add_jobs();
  add_recipe_commands();
  add_results();
  add_learning();
  add_reference();
  // Commands take over what was set before they were added, and this is not theirs.
  app_.footer("leaven help COMMAND or leaven help OP tells more. Begin with: leaven augment photos -o more_photos");
}

CLI::App& CommandLine::add(const std::string& name, const std::string& phrase, const std::string& usage,
                           std::function<int()> action) {
  CLI::App& command =
      *app_.add_subcommand(name, phrase + "\n\nUsage: leaven " + name + (usage.empty() ? "" : " ") + usage);
  command.callback([this, action = std::move(action)] { action_ = action; });
  return command;
}

void CommandLine::add_jobs() {
  CLI::App& augment_command = add("augment", "Make a larger dataset: every sample and copies of it, each one explained",
                                  "IN -o OUT [flags]", [this] {
                                    need(augment_.in, "augment", "the dataset IN");
                                    need(augment_.out, "augment", "the new folder: -o OUT");
                                    if (io::holds_columnar(augment_.in)) return start_python(augment_.in, arguments_);
                                    refuse_column_flags(augment_);
                                    return augment(augment_);
                                  });
  augment_command.add_option("IN", augment_.in, "Folder, CSV, JSON, IDX, CIFAR binary, NPZ, tar or Parquet; see --input-format");
  add_output_flag(augment_command, augment_);
  add_recipe_choice(augment_command, augment_);
  add_job_flags(augment_command, augment_);
  add_column_flags(augment_command, augment_);
  augment_command.footer(
      "Examples:\n"
      "  leaven augment photos -o more                    four copies of each photo, mild and safe for labels\n"
      "  leaven augment photos -o even --per-class 1000   every class the same size\n"
      "  leaven augment photos -o more --resume           go on after Ctrl-C, or grow with a larger --times");

  CLI::App& run_command = add("run", "Run a recipe that names its source and sink itself", "RECIPE [flags]", [this] {
    need(run_.recipe, "run", "the RECIPE");
    return run(run_);
  });
  run_command.add_option("RECIPE", run_.recipe, "A recipe (YAML or JSON) with source: and sink:");
  add_output_flag(run_command, run_);
  add_job_flags(run_command, run_);

  CLI::App& convert_command =
      add("convert", "Write a dataset in another layout, its pixels untouched", "IN -o OUT --layout L [flags]", [this] {
        need(convert_.in, "convert", "the dataset IN");
        need(convert_.out, "convert", "the new folder: -o OUT");
        need(convert_.layout, "convert", "the new layout: --layout L");
        return convert(convert_);
      });
  convert_command.add_option("IN", convert_.in, "A dataset of any format; see --input-format");
  add_output_flag(convert_command, convert_);
  add_convert_flags(convert_command, convert_);
  convert_command.footer("Example:\n  leaven convert coco2017 -o for_yolo --layout yolo");
}

void CommandLine::add_recipe_commands() {
  CLI::App& check_command = add("check", "Read a recipe and print what was understood", "RECIPE", [this] {
    need(check_, "check", "the RECIPE");
    return check(check_);
  });
  check_command.add_option("RECIPE", check_, "A recipe, YAML or JSON");

  CLI::App& profile_command = add("profile", "Print what each column of a table is taken for", "TABLE [flags]", [this] {
    need(profile_.table, "profile", "the TABLE");
    return profile(profile_);
  });
  profile_command.add_option("TABLE", profile_.table, "A CSV or TSV file");
  profile_command.add_option("--recipe", profile_.recipe, "A recipe with a schema: that says otherwise")->type_name("FILE");
  profile_command.add_option("--target", profile_.target, "The column that is to be predicted")->type_name("COLUMN");
  profile_command.add_flag("--json", profile_.json, "The same for programs, with a schema to paste into a recipe");

  CLI::App& prepare_command = add("prepare", "Apply what a run learnt (its prepare: steps) to another table", "TABLE -o FILE --run OUT [--back]", [this] {
    need(prepare_.table, "prepare", "the TABLE");
    need(prepare_.file, "prepare", "the new file: -o FILE");
    need(prepare_.run, "prepare", "the run whose numbers apply: --run OUT");
    return prepare(prepare_);
  });
  prepare_command.add_option("TABLE", prepare_.table, "A table with the columns of the run's");
  prepare_command.add_option("-o,--output", prepare_.file, "The new file, in TABLE's format")->type_name("FILE");
  prepare_command.add_option("--run", prepare_.run, "The folder that the run wrote")->type_name("OUT");
  prepare_command.add_flag("--back", prepare_.back, "The way back: scaled numbers become what they were");

  CLI::App& plan_command =
      add("plan", "Print the plan of one image after each pass, and the bytes it moves", "RECIPE [flags]", [this] {
        need(plan_.recipe, "plan", "the RECIPE");
        return plan(plan_);
      });
  plan_command.add_option("RECIPE", plan_.recipe, "A recipe, or the name of a preset");
  plan_command.add_option("--image", plan_.image, "An image, a table or series to plan for")->type_name("FILE");
  plan_command.add_option("--size", plan_.size, "Without --image: the size to plan for (500x375)")->type_name("WxH");
  flags::add_whole(plan_command, "--seed", plan_.seed, 0, flags::kAnySeed, "Another seed than the recipe's");
  flags::add_whole(plan_command, "--copy", plan_.copy, 1, 1'000'000, "Which copy to draw (1)");
  plan_command.add_flag("--no-fuse", plan_.unfused, "Every step its own pass");

  CLI::App& preview_command =
      add("preview", "Draw what a recipe makes of some photos, as a page", "RECIPE PHOTO... [flags]", [this] {
        need(preview_.recipe, "preview", "the RECIPE");
        need(preview_.photos.empty() ? "" : preview_.photos.front(), "preview", "a PHOTO");
        return preview(preview_);
      });
  preview_command.add_option("RECIPE", preview_.recipe, "A recipe, or the name of a preset");
  preview_command.add_option("PHOTO", preview_.photos, "Image files");
  preview_command.add_option("-o,--output", preview_.page, "Where the page goes (./leaven.preview.html)")
      ->type_name("PAGE");
  flags::add_whole(preview_command, "--copies", preview_.copies, 1, 1000, "Copies of each photo (12)");
  flags::add_whole(preview_command, "--seed", preview_.seed, 0, flags::kAnySeed, "Another seed than the recipe's");
  preview_command.add_flag("--watch", preview_.watch, "Draw it anew whenever the recipe is saved, until Ctrl-C");

  CLI::App& gallery_command =
      add("gallery", "Draw every op on a photo or series of yours, at rising strength, as a page", "IN [flags]", [this] {
        need(gallery_.in, "gallery", "an image file, or a dataset of time series");
        return gallery(gallery_);
      });
  gallery_command.add_option("IN", gallery_.in, "An image file, or time series: a file or folder");
  gallery_command.add_option("-o,--output", gallery_.page, "Where the page goes (./leaven.gallery.html)")
      ->type_name("PAGE");
  gallery_command.add_option("--family", gallery_.families, "Only these families (geometry, color, blur, …)")
      ->delimiter(',')
      ->type_name("NAMES");
  gallery_command.add_option("--sample", gallery_.sample, "Of series: which of them (the first)")->type_name("ID");
  gallery_command.add_option("--input-format", gallery_.input_format, "Of series: instead of looking what IN is")->type_name("F");
}

void CommandLine::add_learning() {
  CLI::App& prove_command =
      add("prove", "Train with and without a recipe, and say with an interval what it is worth", "RECIPE --data DIR [flags]", [this] {
        need(prove_.recipe + prove_.preset, "prove", "a RECIPE, or --preset");
        need(prove_.data, "prove", "the dataset: --data DIR");
        flags::check_prove(prove_);
        return start_learn(arguments_);
      });
  flags::add_prove_flags(prove_command, prove_);
  prove_command.footer(
      "Exit code: 0 helps or harmless, 10 harmful, 11 inconclusive.\n\n"
      "Examples:\n"
      "  leaven prove light --data photos                          is the default recipe worth having?\n"
      "  leaven prove mine.yaml --data photos --per-class 20       and with few pictures?\n"
      "  leaven prove mine.yaml --data photos --against none,trivial_augment,other.yaml --budget 1h\n"
      "  leaven prove mine.yaml --data photos --external 'python train.py {data} {seed} {arm}'");

  CLI::App& tune_command = add("tune", "Try presets and policies, write the best as a recipe, and prove it", "--data DIR [flags]", [this] {
    need(tune_.prove.data, "tune", "the dataset: --data DIR");
    flags::check_prove(tune_.prove);
    return start_learn(arguments_);
  });
  flags::add_tune_flags(tune_command, tune_);
  tune_command.footer(
      "It chooses on held-out training data and proves on test data that the choice never saw.\nExit codes as prove.\n\n"
      "Example:\n"
      "  leaven tune --data photos --budget 20m -o best.yaml");

  CLI::App& generate_command =
      add("generate", "Learn a generator, draw new samples from it, and check whether they may be used", "fit|sample|check [GENERATOR] [flags]", [this] {
        flags::check_generate(generate_);
        flags::check_flags_of_action(generate_, *app_.get_subcommand("generate"));
        return start_learn(arguments_);
      });
  flags::add_generate_flags(generate_command, generate_);
  generate_command.footer(
      "Exit code of check, and of sample without --force: 12 when the gate refuses the generator.\n\n"
      "Examples:\n"
      "  leaven generate fit --data adult.csv --target income -o gen\n"
      "  leaven generate check gen --data adult.csv\n"
      "  leaven generate sample gen --per-class 10000 -o more");
}

void CommandLine::add_results() {
  CLI::App& explain_command =
      add("explain", "Tell how one output was made, step by step, with pictures", "FILE [flags]", [this] {
        need(explain_.file, "explain", "the FILE inside a dataset of Leaven's");
        return made_by_python(explain_.file) ? start_python(explain_.file, arguments_) : explain(explain_);
      });
  explain_command.add_option("FILE", explain_.file, "An output; in packed layouts OUT/ID");
  explain_command.add_option("-o,--output", explain_.page, "Where the page goes (./<name>.explain.html)")
      ->type_name("PAGE");
  explain_command.add_flag("--no-page", explain_.no_page, "Text only");
  explain_command.add_option("--source", explain_.source, "Where the source dataset lies today")->type_name("IN");
  explain_command.add_option("--files", explain_.files, "Where the files that steps name lie today")->type_name("FOLDER");

  CLI::App& replay_command =
      add("replay", "Make an output again from its lineage line and the source", "FILE [flags]", [this] {
        need(replay_.file + replay_.line, "replay", "the FILE, or --line");
        if (replay_.line.empty() ? made_by_python(replay_.file) : io::holds_columnar(replay_.source))
          return start_python(replay_.line.empty() ? replay_.file : replay_.source, arguments_);
        return replay(replay_);
      });
  replay_command.add_option("FILE", replay_.file, "An output; in packed layouts OUT/ID");
  replay_command.add_option("--line", replay_.line, "A lineage line instead; needs --source")->type_name("JSON");
  replay_command.add_option("--source", replay_.source, "Where the source dataset lies today")->type_name("IN");
  replay_command.add_option("--files", replay_.files, "Where the files that steps name lie today")->type_name("FOLDER");
  replay_command.add_option("-o,--output", replay_.output, "Write it here; without it the digests are compared")
      ->type_name("FILE");
  replay_command.add_flag("--check", replay_.check, "Exit with 1 unless the bytes are the same");

  CLI::App& verify_command = add("verify", "Check every output against its digest", "OUT", [this] {
    need(verify_.out, "verify", "the dataset OUT");
    return made_by_python(verify_.out) ? start_python(verify_.out, arguments_) : verify(verify_);
  });
  verify_command.add_option("OUT", verify_.out, "A dataset that Leaven made");
  flags::add_whole(verify_command, "--threads", verify_.threads, 1, 1024, "Threads (all)");

  CLI::App& merge_command = add("merge", "Join the parts of --shard 1/N … N/N", "OUT", [this] {
    need(merge_, "merge", "the dataset OUT");
    return merge(merge_, merge_quiet_);
  });
  merge_command.add_option("OUT", merge_, "The folder into which every shard was written");
  merge_command.add_flag("--quiet", merge_quiet_, "Print nothing but errors");
}

void CommandLine::add_reference() {
  CLI::App& ops_command = add("ops", "List every op", "[--json | --markdown]", [this] { return ops(ops_); });
  ops_command.add_flag("--json", ops_.json, "JSON Schema of recipes, every op and field included");
  ops_command.add_flag("--markdown", ops_.markdown, "The pages of all ops");

  CLI::App& presets_command =
      add("presets", "List the presets, or print one as a recipe", "[NAME]", [this] { return presets(preset_); });
  presets_command.add_option("NAME", preset_, "Print this preset's recipe");

  CLI::App& help_command = add("help", "Explain a command or an op", "[COMMAND | OP]", [this] { return help(topic_); });
  help_command.add_option("TOPIC", topic_, "A command (augment) or an op (rotate)");
  help_command.add_flag("--markdown", help_markdown_, "The help of all commands, as Markdown");

  add("version", "Print the version, and those of the codecs", "", [] { return version(true); });
}

void CommandLine::need(const std::string& value, const char* command, const char* what) {
  if (value.empty())
    throw usage_error(fmt::format("{} needs {}", command, what)).with_hint(fmt::format("see leaven help {}", command));
}

void CommandLine::refuse_unknown(const std::vector<std::string>& extras) const {
  const auto chosen = app_.get_subcommands();
  const CLI::App& command = chosen.empty() ? app_ : *chosen.front();
  std::vector<std::string> flags;
  for (const CLI::Option* option : command.get_options())
    for (const std::string& name : option->get_lnames()) flags.push_back("--" + name);
  const std::vector<std::string_view> names(flags.begin(), flags.end());
  for (const std::string& extra : extras)
    if (extra.size() > 1 && extra[0] == '-' && extra != "--") {
      const std::string flag = extra.substr(0, extra.find('='));
      throw usage_error("unknown flag " + flag).with_hint(did_you_mean(flag, names));
    }
  for (const std::string& extra : extras)
    if (extra != "--")
      throw usage_error(fmt::format("{} does not know what to do with {}", command.get_name(), extra))
          .with_hint(chosen.empty() ? "see leaven help" : fmt::format("see leaven help {}", command.get_name()));
}

void CommandLine::parse(const std::vector<std::string>& arguments) {
  try {
    app_.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::Success&) {
    throw;
  } catch (const CLI::ArgumentMismatch& error) {
    const std::string text = error.what();
    throw usage_error(text.substr(0, text.find(':')) + " needs a value");
  } catch (const CLI::ParseError& error) {
    throw usage_error(error.what());
  }
  refuse_unknown(app_.remaining(true));
}

const CLI::App* CommandLine::find(const std::string& command) const {
  for (const CLI::App* known : app_.get_subcommands({}))
    if (known->get_name() == command) return known;
  return nullptr;
}

int CommandLine::help(const std::string& topic) const {
  if (help_markdown_) return show(markdown());
  if (topic.empty()) return show(page_of(app_));
  if (const CLI::App* command = find(topic)) return show(page_of(*command));
  std::vector<std::string> commands;
  for (const CLI::App* command : app_.get_subcommands({})) commands.push_back(command->get_name());
  return help_op(topic, commands);
}

int CommandLine::obey(const std::vector<std::string>& arguments) {
  if (arguments.empty()) return show(page_of(app_));
  const std::string& first = arguments.front();
  if (!first.starts_with('-') && !find(first)) {
    std::vector<std::string_view> names;
    for (const CLI::App* command : app_.get_subcommands({})) names.push_back(command->get_name());
    const std::string near = did_you_mean(first, names);
    throw usage_error("unknown command " + first).with_hint(near.empty() ? "leaven help lists them all" : near);
  }
  arguments_ = arguments;
  augment_.command_line = run_.command_line = convert_.command_line = command_line_of(arguments);
  try {
    parse(arguments);
  } catch (const CLI::Success&) {
    const auto chosen = app_.get_subcommands();
    return show(page_of(chosen.empty() ? app_ : *chosen.front()));
  }
  if (version_) return version(verbose_);
  if (!action_) throw usage_error("no command was given").with_hint("see leaven help");
  return action_();
}

std::string CommandLine::markdown() const {
  std::string page = "# The command line\n\nPrinted by `leaven help --markdown`.\n\n```\n" + app_.help() + "```\n";
  for (const CLI::App* command : app_.get_subcommands({}))
    page += fmt::format("\n## leaven {}\n\n```\n{}```\n", command->get_name(), page_of(*command));
  return page;
}

}  // namespace

int obey(const std::vector<std::string>& arguments) { return CommandLine().obey(arguments); }

}  // namespace leaven::cli
