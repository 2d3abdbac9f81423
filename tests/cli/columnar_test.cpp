// Parquet and Arrow files on the command line: what the program hands over, and what it says where nobody takes it.
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/cli/program.hpp"
#include "tests/cli/samples.hpp"

namespace leaven::cli {
namespace {

namespace fs = std::filesystem;

/// A Python that says what it is asked; with the package it is content with every import.
std::string python(const ScratchFolder& scratch, bool has_package) {
  const std::string file = scratch / (has_package ? "python" : "bare_python");
  write_text_file(file, "#!/bin/sh\n[ \"$1\" = -c ] && exit " + std::string(has_package ? "0" : "1") + "\nprintf '<%s>' \"$@\"\nexit 7\n");
  fs::permissions(file, fs::perms::owner_all);
  return file;
}

Outcome run_with(const ScratchFolder& scratch, const std::string& python, const std::vector<std::string>& arguments) {
  const std::string script = scratch / "run";
  write_text_file(script, "#!/bin/sh\nLEAVEN_PYTHON='" + python + "' exec " LEAVEN_BINARY_DIR "/leaven \"$@\"\n");
  fs::permissions(script, fs::perms::owner_all);
  return run_program(script, arguments);
}

TEST(Columnar, ParquetAndArrowAreHandedToPython) {
  const ScratchFolder scratch;
  write_text_file(scratch / "rows.data", "PAR1....PAR1");
  write_text_file(scratch / "hub/data/train.arrow", "ARROW1....");
  write_text_file(scratch / "parts/validation/0.parquet", "PAR1....PAR1");
  for (const std::string& in : {scratch / "rows.data", scratch / "hub", scratch / "parts"}) {
    const Outcome made = run_with(scratch, python(scratch, true), {"augment", in, "-o", "more rows", "--times", "2"});
    EXPECT_EQ(made.code, 7) << made.err;
    EXPECT_EQ(made.out, "<-m><leaven><augment><" + in + "><-o><more rows><--times><2>");
  }
}

TEST(Columnar, WithoutThePackageItSaysWhatToInstall) {
  const ScratchFolder scratch;
  write_text_file(scratch / "rows.parquet", "PAR1....PAR1");
  const Outcome made = run_with(scratch, python(scratch, false), {"augment", scratch / "rows.parquet", "-o", scratch / "out"});
  EXPECT_EQ(made.code, 3);
  EXPECT_TRUE(has(made.err, "rows.parquet: Parquet and Arrow files need the packages leaven and pyarrow"));
  EXPECT_FALSE(fs::exists(scratch / "out"));
}

TEST(Columnar, ItsResultsAreLookedAtThroughPythonToo) {
  const ScratchFolder scratch;
  write_text_file(scratch / "out/leaven.columnar.json", "{}");
  write_text_file(scratch / "rows.parquet", "PAR1....PAR1");
  const std::vector<std::vector<std::string>> asked{{"verify", scratch / "out"},
                                                    {"explain", scratch / "out/cats/1_aug2.png", "--no-page"},
                                                    {"replay", scratch / "out/cats/1_aug2.png", "-o", "again.png"},
                                                    {"replay", "--line", "{}", "--source", scratch / "rows.parquet"}};
  for (const std::vector<std::string>& arguments : asked) {
    const Outcome told = run_with(scratch, python(scratch, true), arguments);
    EXPECT_EQ(told.code, 7) << told.err;
    EXPECT_TRUE(has(told.out, "<-m><leaven><" + arguments.front() + ">"));
  }
}

TEST(Columnar, ColumnsAreNamedForSuchFilesAlone) {
  const ScratchFolder scratch;
  write_text_file(scratch / "rows.parquet", "PAR1....PAR1");
  EXPECT_EQ(run_with(scratch, python(scratch, true), {"augment", scratch / "rows.parquet", "-o", "out", "--key", "id"}).code, 7);
  fs::create_directories(scratch / "photos");
  const Outcome told = run_with(scratch, python(scratch, true), {"augment", scratch / "photos", "-o", scratch / "out", "--key", "id"});
  EXPECT_EQ(told.code, 2);
  EXPECT_TRUE(has(told.err, "--key names a column of Parquet and Arrow files"));
}

}  // namespace
}  // namespace leaven::cli
