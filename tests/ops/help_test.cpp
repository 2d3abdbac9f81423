// The printers of the op table.
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "ops/families.hpp"
#include "ops/help.hpp"

namespace leaven::ops {
namespace {

std::size_t width_of(const std::string& line) {
  return static_cast<std::size_t>(std::count_if(line.begin(), line.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

TEST(Help, ListNamesEveryOpOnceUnderItsFamily) {
  std::map<std::string, std::string> family_of;
  std::string family;
  for (const std::string& line : lines_of(op_list_text(op_table()))) {
    if (line.empty()) continue;
    if (line[0] != ' ')
      family = line;
    else
      EXPECT_TRUE(family_of.emplace(line.substr(2, line.find(' ', 2) - 2), family).second) << line;
  }
  EXPECT_EQ(family_of.size(), op_table().all().size());
  for (const auto& info : op_table().all()) EXPECT_EQ(family_of[std::string(info->name)], info->family) << info->name;
}

TEST(Help, PageOfOneOp) {
  EXPECT_EQ(op_help_text(op_table().at("gaussian_blur")),
            "gaussian_blur: Blur with a Gaussian kernel\n"
            "\n"
            "  Weights exp(−i²/(2·sigma²)) for |i| ≤ ceil(3·sigma), normalised, along rows and columns; edges are\n"
            "  reflected without repeating the outermost pixel.\n"
            "  Labels stay as they are.\n"
            "\n"
            "Fields\n"
            "  sigma\n"
            "      Standard deviation.\n"
            "      a number in [0, 32] px; when left out: {uniform: [0.3, 1.5]}\n"
            "      0 changes nothing, 6 is strong\n"
            "\n"
            "Example\n"
            "  - gaussian_blur: {sigma: 2}\n"
            "\n"
            "  family blur, works on images, node stencil, version 1\n");
}

TEST(Help, MarkdownPageOfOneOp) {
  EXPECT_EQ(
      op_markdown(op_table().at("contrast")),
      "# contrast\n"
      "\n"
      "Raise or lower the contrast.\n"
      "\n"
      "v' = g + by·(v − g). around: mid has g = 1/2; around: mean has g = the mean of 0.299 R + 0.587 G + 0.114 B over "
      "the "
      "picture, as torchvision and Pillow (which round it). compat: dali has g = 128/255, 32768/65535 in 16 bits and 1/2 in floats, as "
      "NVIDIA DALI's contrast; its brightness is as ours.\n"
      "\n"
      "Labels stay as they are.\n"
      "\n"
      "```yaml\n"
      "- contrast: {by: 0.8, around: mean}\n"
      "```\n"
      "\n"
      "| field | meaning | legal | when left out | strength |\n"
      "|---|---|---|---|---|\n"
      "| `by` | Factor on the distance from the grey that stays | a number in [0, 10] factor | {uniform: [0.8, 1.2]} | "
      "1 "
      "changes nothing, 1.8 is strong |\n"
      "| `around` | Level that stays where it is: mid grey, or the picture's mean grey | one of mid, mean | mid |  |\n"
      "| `compat` | Whose mid grey: DALI's is level 128 of 8 bits | one of leaven, dali | leaven |  |\n"
      "\n"
      "Family color; works on images; node kind table; version 1.\n");
}

TEST(Help, EveryPageFitsAndNamesEveryField) {
  for (const auto& info : op_table().all()) {
    const std::string page = op_help_text(*info), markdown = op_markdown(*info);
    for (const std::string& line : lines_of(page)) EXPECT_LE(width_of(line), 100U) << line;
    for (const FieldInfo& f : info->fields) {
      EXPECT_NE(page.find("\n  " + std::string(f.name) + "\n"), std::string::npos) << info->name << "." << f.name;
      EXPECT_NE(markdown.find("| `" + std::string(f.name) + "` |"), std::string::npos) << info->name << "." << f.name;
    }
    EXPECT_NE(page.find(info->example), std::string::npos) << info->name;
    // A bar in a cell would make one column more.
    for (const std::string& line : lines_of(markdown))
      if (line.starts_with("| `")) {
        EXPECT_EQ(std::count(line.begin(), line.end(), '|'), 6) << line;
      }
  }
}

TEST(Help, LawsReadAsInARecipe) {
  EXPECT_EQ(law_text(uniform(0.5, 2)), "{uniform: [0.5, 2]}");
  EXPECT_EQ(law_text(integer(1, 3)), "{int: [1, 3]}");
  EXPECT_EQ(law_text(truncated_normal(0, 1, -2, 2)), "{truncated_normal: [0, 1, -2, 2]}");
  EXPECT_EQ(law_text(beta(2, 5)), "{beta: [2, 5]}");
  EXPECT_EQ(law_text(beta(2, 5, -1, 1)), "{beta: [2, 5, -1, 1]}");
}

}  // namespace
}  // namespace leaven::ops
