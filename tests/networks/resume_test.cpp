// Fits that are stopped and gone on with end with the bytes of those that were not.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <csignal>
#include <filesystem>
#include <map>
#include <random>
#include <thread>

#include "core/error.hpp"
#include "core/value.hpp"
#include "learn/generate/checkpoint.hpp"
#include "learn/generate/generate.hpp"
#include "learn/torch/image_kinds.hpp"
#include "learn/torch/table_kinds.hpp"
#include "tests/cli/program.hpp"
#include "tests/learn/small_data.hpp"

namespace leaven::learn {
namespace {

namespace fs = std::filesystem;
using cli::has;

/// Every kind that trains step by step: those that are there, so that a new one is tested as well.
std::vector<std::string> trained_kinds() {
  std::vector<std::string> names;
  const std::vector<TableKind> plain = plain_table_kinds();
  for (const std::vector<ImageKind>& kinds : {image_kinds(), series_kinds()})
    for (const ImageKind& kind : kinds)
      if (kind.trains) names.push_back(kind.name);
  for (const TableKind& kind : table_kinds())
    if (std::ranges::find(plain, kind.name, &TableKind::name) == plain.end()) names.push_back(kind.name);
  return names;
}

constexpr std::uint32_t kNever = 1'000'000;

/// Pictures, series and rows, enough of each that some are kept to look at.
class Resumed : public testing::Test {
 protected:
  Resumed() {
    write_bars(scratch_ / "bars", 80);
    std::string series, rows = "x,word,z,y\n", numbers = "x,z,y\n";
    for (int i = 0; i < 80; ++i)
      for (int label = 1; label <= 2; ++label) {
        series += std::to_string(label);
        for (int t = 0; t < 12; ++t) series += "\t" + std::to_string((label == 1 ? t : 11 - t) + 0.01 * i + unit(i * 24 + label * 12 + t));
        series += "\n";
      }
    for (int i = 0; i < 800; ++i) {
      const std::string x = std::to_string(unit(2 * i) + i % 2), word = unit(2 * i + 1) < 0.3 ? "a" : "b", rest = "," + std::to_string(i * 31 % 17) + "," + (i < 4 ? "rare" : i % 2 ? "yes" : "no") + "\n";
      rows += x + "," + word + rest;
      numbers += x + rest;
    }
    write_text(scratch_ / "slopes.tsv", series);
    write_text(scratch_ / "rows.csv", rows);
    write_text(scratch_ / "numbers.csv", numbers);
  }

  /// Asked to stop when it tells of step `until`.
  Fitted fit(const std::string& out, FitOptions options, std::uint32_t until = kNever) {
    std::atomic<bool> stop{false};
    const auto watch = [&](const FitProgress& p) {
      if (p.step >= until) stop = true;
    };
    return fit(out, std::move(options), watch, stop);
  }
  Fitted fit(const std::string& out, FitOptions options, const FitWatch& watch, const std::atomic<bool>& stop) {
    const auto is_one_of = [&](const auto& kinds) { return std::ranges::any_of(kinds, [&](const auto& kind) { return kind.name == options.kind; }); };
    const bool table = is_one_of(table_kinds()), series = is_one_of(series_kinds());
    if (options.data.empty()) options.data = scratch_ / (options.kind == "wgan" ? "numbers.csv" : table ? "rows.csv" : series ? "slopes.tsv" : "bars");
    options.out = scratch_ / out;
    options.threads = 1;
    options.tell = [this](const std::string& what) { told_ = what; };
    return table ? fit_table(options, table_kinds(), watch, stop) : fit_images(options, series ? series_kinds() : image_kinds(), watch, stop);
  }
  void stopped(const std::string& out, const FitOptions& options, std::uint32_t at) {
    try {
      fit(out, options, at);
      ADD_FAILURE() << "was not stopped at step " << at;
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::interrupted) << error.what();
      EXPECT_TRUE(has(error.what(), "stopped at step " + std::to_string(at) + " of "));
      EXPECT_TRUE(has(error.what(), "--resume goes on"));
    }
    EXPECT_TRUE(fs::exists(scratch_ / out / kCheckpointFile));
  }
  std::string refusal(const std::string& out, const FitOptions& options, Fault fault = Fault::usage) {
    try {
      fit(out, options);
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), fault) << error.what();
      return error.what();
    }
    return "it was fitted";
  }
  /// Everything in the folder by name.
  std::map<std::string, std::string> bytes_of(const std::string& out) const {
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::directory_iterator(scratch_ / out)) files[entry.path().filename()] = read_text(entry.path());
    return files;
  }
  void expect_equal(const std::string& a, const std::string& b) const {
    const auto one = bytes_of(a), other = bytes_of(b);
    EXPECT_TRUE(one.contains("generator.safetensors") && one.contains("generator.json"));
    for (const auto& [name, bytes] : one) EXPECT_TRUE(other.contains(name) && other.at(name) == bytes) << name;
    EXPECT_EQ(one.size(), other.size());
  }

  std::string told_{};
  ScratchFolder scratch_{};

 private:
  static double unit(int i) { return draw_unit(Key{7, 8}, static_cast<std::uint64_t>(i)); }
};

class EveryTrainedKind : public Resumed, public testing::WithParamInterface<std::string> {
 protected:
  FitOptions options(bool resume = false) const { return {.kind = GetParam(), .seed = 3, .steps = kSteps, .resume = resume}; }
  static constexpr std::uint32_t kSteps = 21;  // ten looks at 2, 4, …; twenty at each step
};

TEST_P(EveryTrainedKind, StoppedAtLooksEndsWithTheSameBytes) {
  fit("whole", options());
  stopped("parts", options(), 2);
  // Some end early, when nothing has become better for three looks.
  for (std::uint32_t until = 4, done = 0; done == 0; until += 4) {
    try {
      EXPECT_FALSE(fit("parts", options(true), until).done_before);
      done = 1;
    } catch (const Error& error) {
      ASSERT_EQ(error.fault(), Fault::interrupted) << error.what();
    }
    EXPECT_EQ(told_, "goes on where it was stopped");
  }
  expect_equal("whole", "parts");
}

TEST_P(EveryTrainedKind, StoppedAtAnyTimeEndsWithTheSameBytes) {
  const auto begun = std::chrono::steady_clock::now();
  fit("whole", options());
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begun).count();
  std::mt19937 random{5};
  int stops = 0;
  for (bool done = false; !done;) {
    std::atomic<bool> stop{false};
    std::atomic<bool> over{false};
    std::jthread later([&, wait = std::uniform_int_distribution<std::int64_t>(took / 4, took)(random)] {
      for (std::int64_t passed = 0; passed < wait && !over; passed += 500) std::this_thread::sleep_for(std::chrono::microseconds(500));
      stop = true;
    });
    try {
      fit("parts", options(true), [](const FitProgress&) {}, stop);
      done = true;
    } catch (const Error& error) {
      ASSERT_EQ(error.fault(), Fault::interrupted) << error.what();
      ASSERT_LT(++stops, 100);
    }
    over = true;
  }
  expect_equal("whole", "parts");
}

TEST_P(EveryTrainedKind, WritesItsValidationScoresAndTheStepThatItKept) {
  using Json = nlohmann::ordered_json;
  Json scores = Json::array();
  double least = INFINITY;
  std::uint32_t kept = 0;
  const std::atomic<bool> stop{false};
  const auto watch = [&](const FitProgress& p) {
    if (!p.score) return;
    scores.push_back({p.step, *p.score});
    if (*p.score < least) least = *p.score, kept = p.step;
  };
  const Fitted fitted = fit("whole", options(), watch, stop);
  const Json card = Json::parse(read_text(scratch_ / "whole" / "generator.json"));
  EXPECT_GE(scores.size(), 3U);
  EXPECT_EQ(card["validation"], scores);
  EXPECT_EQ(card["kept_step"], kept);
  const std::string says = "served best at step ";
  for (const std::string& note : fitted.notes) {
    const auto at = note.find(says);
    if (at != std::string::npos) { EXPECT_EQ(note.substr(at + says.size()), std::to_string(kept)); }
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, EveryTrainedKind, testing::ValuesIn(trained_kinds()), [](const auto& kind) { return kind.param; });

TEST_F(Resumed, AFitThatBeganWithAnotherIsStoppedInEitherPart) {
  fit("other", {.kind = "gan", .seed = 3, .steps = 10});
  const FitOptions from{.kind = "gan", .seed = 3, .steps = 20, .from = scratch_ / "other"};
  FitOptions again = from;
  again.resume = true;
  fit("whole", from);
  stopped("parts", from, 6);
  fit("parts", again);
  expect_equal("whole", "parts");

  const FitOptions first{.kind = "cvae", .seed = 3, .steps = 20, .pretrain = scratch_ / "bars/left"};
  again = first;
  again.resume = true;
  fit("whole2", first);
  EXPECT_FALSE(fs::exists(scratch_ / "whole2" / kCheckpointFile));
  stopped("parts2", first, 6);  // before it knows of classes
  EXPECT_FALSE(fs::exists(scratch_ / "parts2/progress_000002.png"));
  bool trains = false;
  std::atomic<bool> stop{false};
  const auto in_the_second_part = [&](const FitProgress& p) {
    trains = trains || p.so_far;
    if (p.so_far && p.step >= 10) stop = true;
  };
  EXPECT_THROW(fit("parts2", again, in_the_second_part, stop), Error);
  EXPECT_TRUE(trains);
  bool pretrains = false;
  stop = false;
  fit("parts2", again, [&](const FitProgress& p) { pretrains = pretrains || !p.so_far; }, stop);
  EXPECT_FALSE(pretrains);
  expect_equal("whole2", "parts2");
}

TEST_F(Resumed, OnlyTheSameFitGoesOn) {
  const FitOptions options{.kind = "cvae", .seed = 3, .steps = 20};
  stopped("gen", options, 6);
  const auto differing = [&](const std::function<void(FitOptions&)>& change) {
    FitOptions other = options;
    other.resume = true;
    change(other);
    return refusal("gen", other);
  };
  const std::string before = read_text(scratch_ / "gen" / kCheckpointFile);
  EXPECT_TRUE(has(differing([](FitOptions& o) { o.seed = 4; }), "holds a fit that was begun with --seed 3, and now it is 4"));
  EXPECT_TRUE(has(differing([](FitOptions& o) { o.steps = 30; }), "with --steps 20, and now it is 30"));
  EXPECT_TRUE(has(differing([](FitOptions& o) { o.kind = "conv_cvae"; }), "with --kind cvae, and now it is conv_cvae"));
  EXPECT_TRUE(has(differing([](FitOptions& o) { o.held_out = 0.3; }), "with --held-out 0.2, and now it is 0.3"));
  EXPECT_TRUE(has(differing([](FitOptions& o) { o.per_class = 60; }), "with --per-class the usual, and now it is 60"));
  EXPECT_TRUE(has(differing([](FitOptions& o) { o.kind = "flow", o.guidance = 2; }), "with --guidance"));
  EXPECT_TRUE(has(differing([&](FitOptions& o) { o.pretrain = scratch_ / "bars"; }), "with another beginning (--from, --pretrain)"));
  write_text(scratch_ / "r.yaml", "leaven: 1\nsteps: [{horizontal_flip: {p: 0.5}}]");
  EXPECT_TRUE(has(differing([&](FitOptions& o) { o.recipe = scratch_ / "r.yaml"; }), "with another recipe"));
  fs::create_directories(scratch_ / "more");
  fs::copy(scratch_ / "bars", scratch_ / "more/bars", fs::copy_options::recursive);
  write_png(scratch_ / "more/bars/left/new.png", bar_picture(false, 999));
  EXPECT_TRUE(has(differing([&](FitOptions& o) { o.data = scratch_ / "more/bars"; }), "with other data"));
  EXPECT_EQ(read_text(scratch_ / "gen" / kCheckpointFile), before);

  EXPECT_TRUE(has(refusal("gen", options), "holds a fit that was stopped (--resume goes on with it, --overwrite begins anew)"));
  FitOptions anew = options;
  anew.overwrite = true;
  fit("whole", options);
  fit("gen", anew);
  expect_equal("whole", "gen");
}

TEST_F(Resumed, WhatIsWholeIsLeftAndWhatIsNotThereIsBegun) {
  FitOptions options{.kind = "tvae", .seed = 3, .steps = 20};
  const Fitted whole = fit("whole", options);
  options.resume = true;
  EXPECT_FALSE(fit("gen", options).done_before);
  EXPECT_EQ(told_, "nothing to go on from: begins with the first step");
  expect_equal("whole", "gen");
  const auto written = fs::last_write_time(scratch_ / "gen/generator.json");
  const Fitted again = fit("gen", options);
  EXPECT_TRUE(again.done_before);
  EXPECT_EQ(again.hash, whole.hash);
  EXPECT_EQ(again.notes, whole.notes);
  EXPECT_EQ(again.train, whole.train);
  EXPECT_EQ(fs::last_write_time(scratch_ / "gen/generator.json"), written);
  options.seed = 4;
  EXPECT_TRUE(has(refusal("gen", options), "holds a generator that was fitted with --seed 3, and now it is 4"));
  options.overwrite = true;  // as a recipe's stage asks
  EXPECT_FALSE(fit("gen", options).done_before);
}

TEST_F(Resumed, ADamagedCheckpointIsNeverBelieved) {
  const FitOptions options{.kind = "ctgan", .seed = 3, .steps = 20};
  stopped("gen", options, 6);
  FitOptions again = options;
  again.resume = true;
  const std::string whole = read_text(scratch_ / "gen" / kCheckpointFile);
  std::mt19937 random{3};
  for (int i = 0; i < 40; ++i) {
    std::string broken = whole;
    if (i % 4 == 0) broken.resize(random() % broken.size());
    else broken[i % 4 == 1 ? random() % 3000 : random() % broken.size()] ^= static_cast<char>(1U << random() % 8);
    write_text(scratch_ / "gen" / kCheckpointFile, broken);
    const std::string said = refusal("gen", again, Fault::data);
    EXPECT_TRUE(has(said, "is damaged")) << i;
    EXPECT_TRUE(has(said, "--overwrite instead of --resume begins anew")) << i;
  }
  write_text(scratch_ / "gen" / kCheckpointFile, whole);
  fit("whole", options);
  fit("gen", again);
  expect_equal("whole", "gen");
}

/// The program itself, killed while it works.
class Killed : public Resumed {
 protected:
  cli::Outcome leaven(std::vector<std::string> words, const std::function<void(pid_t, const std::string&)>& seen = {}) {
    const cli::Outcome outcome = cli::run_leaven(words, {.folder = scratch_ / ".", .seen = seen});
    return outcome;
  }
  /// Kills with SIGKILL at the first line of progress after another checkpoint was written in `folder`.
  std::function<void(pid_t, const std::string&)> killing(const std::string& folder) {
    const std::string before = checkpoint(folder);
    return [this, folder, before](pid_t process, const std::string& said) {
      if (said.find("[") != std::string::npos && checkpoint(folder) != before) ::kill(process, SIGKILL);
    };
  }
  std::string checkpoint(const std::string& folder) const {
    struct stat facts {};
    if (::stat((scratch_ / folder / kCheckpointFile).c_str(), &facts) != 0) return "";
    return std::to_string(facts.st_ino) + " " + std::to_string(facts.st_mtim.tv_sec) + " " + std::to_string(facts.st_mtim.tv_nsec);
  }
};

TEST_F(Killed, AFitGoesOnWhereItsCheckpointStands) {
  const std::vector<std::string> words{"generate", "fit", "--data", "bars", "--kind", "conv_cvae", "--steps", "1000", "--threads", "1", "-o"};
  const auto with = [&](std::vector<std::string> more) {
    std::vector<std::string> all = words;
    all.insert(all.end(), more.begin(), more.end());
    return all;
  };
  ASSERT_EQ(leaven(with({"whole"})).code, 0);
  ASSERT_EQ(leaven(with({"gen"}), killing("gen")).code, -SIGKILL);
  const cli::Outcome refused = leaven(with({"gen"}));
  EXPECT_EQ(refused.code, 2);
  EXPECT_TRUE(has(refused.err, "gen: holds a fit that was stopped (--resume goes on with it, --overwrite begins anew)"));
  ASSERT_EQ(leaven(with({"gen", "--resume"}), killing("gen")).code, -SIGKILL);
  // Ctrl-C, at once.
  const cli::Outcome interrupted = leaven(with({"gen", "--resume"}), [](pid_t process, const std::string& said) {
    if (said.find("[") != std::string::npos && said.find("stopping") == std::string::npos) ::kill(process, SIGINT);
  });
  EXPECT_EQ(interrupted.code, 130);
  EXPECT_TRUE(has(interrupted.err, " of 1000 (--resume goes on)"));
  const cli::Outcome done = leaven(with({"gen", "--resume"}));
  ASSERT_EQ(done.code, 0) << done.err;
  EXPECT_TRUE(has(done.out, "goes on where it was stopped"));
  expect_equal("whole", "gen");
  const cli::Outcome again = leaven(with({"gen", "--resume"}));
  EXPECT_EQ(again.code, 0);
  EXPECT_TRUE(has(again.out, "the generator is complete already"));
  expect_equal("whole", "gen");
  EXPECT_TRUE(has(leaven(with({"gen", "--resume", "--overwrite"})).err, "--resume and --overwrite exclude each other"));
}

TEST_F(Killed, AJobThatFitsAGeneratorGoesOnWithIt) {
  write_text(scratch_ / "g.yaml", "leaven: 1\nschema: {target: y}\ngenerate: {kind: tvae, steps: 1200, force: true, per_class: 420}\n");
  const auto augment = [&](const std::string& out, const std::vector<std::string>& more, const std::function<void(pid_t, const std::string&)>& seen = {}) {
    std::vector<std::string> words{"augment", "rows.csv", "-o", out, "--recipe", "g.yaml"};
    words.insert(words.end(), more.begin(), more.end());
    return leaven(words, seen);
  };
  const cli::Outcome whole = augment("whole", {});
  ASSERT_EQ(whole.code, 0) << whole.err;
  // The program that trains hears of it, and writes down where it is.
  ASSERT_EQ(augment("out", {}, [](pid_t process, const std::string& said) {
    if (said.find("[") != std::string::npos) ::kill(process, SIGKILL);
  }).code, -SIGKILL);
  EXPECT_TRUE(fs::exists(scratch_ / "out.generator" / kCheckpointFile));
  const cli::Outcome refused = augment("out", {});
  EXPECT_EQ(refused.code, 2);
  EXPECT_TRUE(has(refused.err, "holds a fit that was stopped (--resume goes on with it"));
  const cli::Outcome done = augment("out", {"--resume"});
  ASSERT_EQ(done.code, 0) << done.err;
  EXPECT_TRUE(has(done.out, "goes on where it was stopped"));
  for (const char* name : {"generator.safetensors", "generator.json"}) EXPECT_TRUE(read_text(scratch_ / "whole.generator" / name) == read_text(scratch_ / "out.generator" / name)) << name;
  for (const char* name : {"rows.csv", "leaven.lineage.jsonl"}) EXPECT_TRUE(read_text(scratch_ / "whole" / name) == read_text(scratch_ / "out" / name)) << name;
  EXPECT_FALSE(fs::exists(scratch_ / "out.generator" / kCheckpointFile));
}

}  // namespace
}  // namespace leaven::learn
