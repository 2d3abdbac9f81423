// The rules of HACKING.md that a program can check: which folder sees which, sizes, names, words, READMEs.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <regex>
#include <string>

#include "tests/house/source_tree.hpp"

namespace leaven::house {
namespace {

namespace fs = std::filesystem;

// From the bottom up: a folder may include itself and what stands before it.
constexpr std::array kFolders{"core", "kernels", "ops", "recipe", "plan", "io", "flow", "api", "flags", "learn", "cli"};

std::size_t rank_of(const std::string& folder) {
  return static_cast<std::size_t>(std::ranges::find(kFolders, folder) - kFolders.begin());
}

std::string first_part(const std::string& path) { return path.substr(0, path.find('/')); }

/// The line without string literals and comments, so that rules about code do not trip over text.
std::string code_of(std::string line) {
  static const std::regex literal(R"re("(\\.|[^"\\])*")re");
  line = std::regex_replace(line, literal, "\"\"");
  return line.substr(0, line.find("//"));
}

TEST(House, FilesWereFound) {
  EXPECT_GT(std::ranges::count_if(source_files(), [](const SourceFile& f) { return f.below("src"); }), 10);
  EXPECT_GT(std::ranges::count_if(source_files(), [](const SourceFile& f) { return f.below("tests/house"); }), 2);
}

TEST(House, EveryFolderOfSrcHasItsRank) {
  for (const auto& entry : fs::directory_iterator(root() / "src"))
    if (entry.is_directory()) {
      EXPECT_LT(rank_of(entry.path().filename().string()), kFolders.size()) << entry.path();
    }
}

TEST(House, IncludesPointUpTheList) {
  for (const SourceFile& file : source_files()) {
    if (!file.is_cpp() || !file.below("src")) continue;
    const std::size_t own = rank_of(first_part(file.path.substr(4)));
    for (const Include& include : includes_of(file)) {
      const std::string folder = first_part(include.name);
      if (!include.quoted || folder == "leaven") continue;
      // Highway includes the file itself once a target, by the name that it was given.
      EXPECT_LE(rank_of(folder), own) << file.place(include.line) << " includes \"" << include.name
                                      << "\": name the folder, and only one that stands before " << kFolders.at(own)
                                      << " in HACKING.md";
    }
  }
}

TEST(House, PublicHeadersIncludeTheStandardLibraryOnly) {
  for (const SourceFile& file : source_files()) {
    if (!file.below("include")) continue;
    for (const Include& include : includes_of(file)) {
      const bool own = include.name.starts_with("leaven/");
      const bool standard = !include.quoted && include.name.find_first_of("./") == std::string::npos;
      EXPECT_TRUE(own || standard) << file.place(include.line) << " includes " << include.name;
    }
  }
}

TEST(House, SimdLivesInKernelsAlone) {
  static const std::regex vector_header("^(hwy/.*|.*intrin\\.h|arm_neon\\.h)$");
  for (const SourceFile& file : source_files()) {
    if (!file.is_cpp() || !file.below("src") || file.below("src/kernels")) continue;
    for (const Include& include : includes_of(file))
      EXPECT_FALSE(std::regex_match(include.name, vector_header)) << file.place(include.line) << ": " << include.name;
  }
}

TEST(House, HeadersGuardThemselves) {
  for (const SourceFile& file : source_files()) {
    if (file.extension() != ".hpp") continue;
    EXPECT_TRUE(std::ranges::count(file.lines, "#pragma once") == 1 || file.path.ends_with("_inl.hpp")) << file.path;
  }
}

TEST(House, FilesAreShort) {
  constexpr std::size_t kMostLines = 400;
  for (const SourceFile& file : source_files()) {
    if (!file.is_cpp()) continue;
    EXPECT_LE(file.lines.size(), kMostLines) << file.path << ": split it";
  }
}

TEST(House, NoWordsOfUnfinishedWork) {
  // In two parts each, or this file would break its own rule.
  static const std::regex word(std::string("\\b(TO") + "DO|FIX" + "ME|X" + "XX|HA" + "CK)\\b|\\b([Ss]t" +
                               "ub|[Pp]lace" + "holder|[Nn]ot (yet )?impl" + "emented|[Ff]or n" + "ow)\\b");
  for (const SourceFile& file : source_files())
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      std::smatch match;
      EXPECT_FALSE(std::regex_search(file.lines[i], match, word)) << file.place(i) << ": " << match[0];
    }
}

TEST(House, NoFunctionLikeMacrosOutsideKernels) {
  static const std::regex macro(R"re(^\s*#\s*define\s+\w+\()re");
  for (const SourceFile& file : source_files()) {
    if (!file.is_cpp() || file.below("src/kernels")) continue;
    for (std::size_t i = 0; i < file.lines.size(); ++i)
      EXPECT_FALSE(std::regex_search(file.lines[i], macro)) << file.place(i) << ": write a function";
  }
}

TEST(House, NamesSayWhatIsInside) {
  static const std::regex vague("(^|[_/.])(utils?|helpers?|common|managers?|misc)([_/.]|$)");
  static const std::regex vague_type(
      R"re(\b(class|struct|namespace)\s+(\w*(Utils?|Helpers?|Common|Manager|Misc)|utils?|helpers?|common|misc)\b)re");
  for (const SourceFile& file : source_files()) {
    EXPECT_FALSE(std::regex_search(file.path, vague)) << file.path;
    if (!file.is_cpp()) continue;
    for (std::size_t i = 0; i < file.lines.size(); ++i)
      EXPECT_FALSE(std::regex_search(code_of(file.lines[i]), vague_type)) << file.place(i);
  }
}

TEST(House, NoTestSkipsItself) {
  static const std::regex skip(std::string("GTEST_") + "SKIP|TEST(_F|_P)?\\(.*DISABLED" + "_");
  for (const SourceFile& file : source_files()) {
    if (!file.below("tests")) continue;
    for (std::size_t i = 0; i < file.lines.size(); ++i)
      EXPECT_FALSE(std::regex_search(file.lines[i], skip)) << file.place(i);
  }
}

TEST(House, EveryFolderHasAReadme) {
  for (const std::string& folder : top_folders())
    EXPECT_TRUE(fs::is_regular_file(root() / folder / "README.md")) << folder;
  for (const auto& entry : fs::directory_iterator(root() / "src"))
    if (entry.is_directory()) {
      EXPECT_TRUE(fs::is_regular_file(entry.path() / "README.md")) << entry.path();
    }
}

TEST(House, HackingNamesEveryFolder) {
  const auto hacking = std::ranges::find(source_files(), std::string("HACKING.md"), &SourceFile::path);
  ASSERT_NE(hacking, source_files().end());
  std::string text;
  for (const std::string& line : hacking->lines) text += line + "\n";
  for (const std::string& folder : top_folders()) EXPECT_NE(text.find(folder + "/"), std::string::npos) << folder;
  for (const auto& entry : fs::directory_iterator(root() / "src"))
    if (entry.is_directory()) {
      const std::string name = "src/" + entry.path().filename().string() + "/";
      EXPECT_NE(text.find(name), std::string::npos) << name;
    }
}

}  // namespace
}  // namespace leaven::house
