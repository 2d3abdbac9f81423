// The program `leaven-learn`, which `leaven` starts for `prove`, `tune` and `generate`.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>

#include "core/error.hpp"
#include "flags/generate_flags.hpp"
#include "flags/interrupt.hpp"
#include "flags/prove_flags.hpp"
#include "flow/report_text.hpp"
#include "learn/generate_command.hpp"
#include "learn/prove.hpp"
#include "learn/torch/learners.hpp"
#include "learn/torch/machinery.hpp"
#include "learn/tune.hpp"

namespace {

using namespace leaven;

int fail(const Error& error) {
  std::fprintf(stderr, "leaven: %s\n", error.what());
  return exit_code(error.fault());
}

learn::ProveOptions options_from(const flags::ProveCommand& c, std::string command) {
  learn::ProveOptions o;
  o.recipe = c.recipe.empty() ? c.preset : c.recipe;
  o.against = c.against;
  o.data = c.data;
  o.out = c.out;
  o.input_format = c.input_format;
  o.per_class = c.per_class;
  o.seeds = c.seeds;
  o.seed = c.seed;
  o.steps = c.steps;
  o.epochs = c.epochs;
  o.batch = c.batch;
  o.side = c.size;
  o.test = c.test;
  o.group = c.group;
  o.target = c.target;
  o.metric = c.metric;
  o.margin = c.margin;
  o.budget = c.budget;
  o.converged = !c.no_converged;
  o.robustness = !c.no_robustness;
  o.threads = c.threads;
  o.external = c.external;
  o.command = std::move(command);
  return o;
}

void show_progress(const learn::ProveProgress& p) {
  const bool known = p.done < p.total && p.seconds_left > 0;
  const std::string left = known ? ", about " + flow::duration_text(p.seconds_left) + " left" : "";
  std::fprintf(stderr, "%s\n", fmt::format("[{}/{}] {}{}", p.done, p.total, p.what.empty() ? "training" : p.what, left).c_str());
}

std::function<void(const learn::ProveProgress&)> progress(bool quiet) {
  if (quiet) return [](const learn::ProveProgress&) {};
  return show_progress;
}

int tell(const learn::Proof& proof, const std::filesystem::path& out, bool quiet) {
  if (!quiet) {
    std::fputs(learn::proof_text(proof).c_str(), stdout);
    std::fputs(fmt::format("  page    {}\n", (out / "leaven.proof.html").string()).c_str(), stdout);
  }
  return learn::exit_code(proof.verdict.word);
}

int prove(const flags::ProveCommand& command, std::string command_line) {
  const flags::Interrupt interrupt;
  const learn::ProveOptions options = options_from(command, std::move(command_line));
  const Domain domain = learn::domain_of(options.data, options.input_format);
  const learn::BackboneFiles backbone{command.backbone, command.weights};
  const learn::Proof proof = learn::prove(options, learn::learner_named(command.learner, domain, backbone), progress(command.quiet), interrupt.stop(),
                                          [&](const std::string& name) { return learn::find_learner(name, domain, backbone); });
  return tell(proof, options.out, command.quiet);
}

int tune(const flags::TuneCommand& command, std::string command_line) {
  const flags::Interrupt interrupt;
  std::error_code ignored;
  if (!command.start.empty() && std::filesystem::equivalent(command.start, command.best, ignored))
    throw usage_error("-o " + command.best + " would be written over what --start reads").with_hint("another name for the best recipe");
  learn::TuneOptions options{options_from(command.prove, std::move(command_line)), command.start, command.best, command.level};
  if (options.prove.out.empty()) options.prove.out = std::filesystem::path(command.best).replace_extension("proof");
  const learn::Tuned tuned = learn::tune(options, learn::learner_named(command.prove.learner, learn::domain_of(options.prove.data, options.prove.input_format), {command.prove.backbone, command.prove.weights}), progress(command.prove.quiet), interrupt.stop());
  if (!command.prove.quiet) std::fputs((learn::search_text(tuned) + "  recipe  " + command.best + "\n\n").c_str(), stdout);
  return tell(tuned.proof, options.prove.out, command.prove.quiet);
}

int obey(int argc, char** argv) {
  CLI::App app;
  app.option_defaults()->take_last();  // as in leaven
  flags::ProveCommand command;
  flags::TuneCommand tune_command;
  CLI::App& proving = *app.add_subcommand("prove", "");
  flags::add_prove_flags(proving, command);
  CLI::App& tuning = *app.add_subcommand("tune", "");
  flags::add_tune_flags(tuning, tune_command);
  flags::GenerateCommand generate_command;
  CLI::App& generating = *app.add_subcommand("generate", "");
  flags::add_generate_flags(generating, generate_command);
  flags::FillCommand fill_command;
  CLI::App& filling = *app.add_subcommand("fill", "");
  filling.add_option("--recipe", fill_command.recipe)->required();
  filling.add_option("--threads", fill_command.threads);
  filling.add_flag("--resume", fill_command.resume);
  filling.add_flag("--overwrite", fill_command.overwrite);
  filling.add_flag("--quiet", fill_command.quiet);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    throw usage_error("leaven-learn is started by leaven").with_hint("see leaven help prove, leaven help tune and leaven help generate");
  } catch (const CLI::ParseError& error) {
    throw usage_error(error.what());
  }
  learn::require_room_to_train(filling.parsed() ? fill_command.threads : generating.parsed() ? generate_command.threads : tuning.parsed() ? tune_command.prove.threads : command.threads);
  if (filling.parsed()) return learn::fill_classes(fill_command);
  if (generating.parsed()) return learn::generate(generate_command);
  if (!proving.parsed() && !tuning.parsed()) throw usage_error("leaven-learn is started by leaven").with_hint("see leaven help prove");
  std::string line = "leaven";
  for (int i = 1; i < argc; ++i) line += " " + flow::shell_quoted(argv[i]);
  return tuning.parsed() ? tune(tune_command, line) : prove(command, line);
}

}  // namespace

int main(int argc, char** argv) {
  // libtorch's own threads have nobody to catch what they throw.
  std::set_terminate([] {
    try {
      if (const std::exception_ptr thrown = std::current_exception()) std::rethrow_exception(thrown);
    } catch (const std::exception& error) {
      if (learn::says_memory_ran_out(error)) std::_Exit(fail(environment_error("memory ran out")));
      std::fprintf(stderr, "leaven: ended by %s\n", error.what());
    } catch (...) {
    }
    std::abort();
  });
  learn::keep_freed_memory();
  try {
    return obey(argc, argv);
  } catch (const Error& error) {
    return fail(error);
  } catch (const std::filesystem::filesystem_error& error) {
    return fail(environment_error(error.what()));
  } catch (const std::exception& error) {
    return fail(learn::says_memory_ran_out(error) ? environment_error("memory ran out") : bug(error.what()));
  }
}
