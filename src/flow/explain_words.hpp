// What explain tells of an output, for any domain: words, a page and a text that say the same.
#pragma once

#include <string>
#include <vector>

#include "core/lineage.hpp"
#include "recipe/recipe.hpp"

namespace leaven::flow {

/// One value of a step and how it came about.
struct ToldValue {
  std::string name{}, text{};
  bool drawn{};
};

struct ToldStep {
  std::string name{}, sentence{};
  std::string shape{};  ///< afterwards; empty when it is as before
  std::vector<ToldValue> values{};
  std::vector<std::string> partners{};  ///< a sentence each
  /// Of an op that holds steps: what ran on each of its pictures, in order.
  std::vector<std::vector<ToldStep>> inside{};
};

/// Everything that page and text say, so that they say the same.
struct Told {
  std::string id{}, origin{}, source_shape{}, result{}, digest{}, command{}, verdict{};
  bool same{}, copied{};
  std::vector<ToldStep> steps{};
};

ToldStep tell_step(const ProgramStep& step, const recipe::Recipe& recipe);
/// "Copy 2 of cat/x.jpg, class cat, in train".
std::string origin_text(const LineageRecord& record);
/// What making it again showed.
std::string verdict_text(bool same);

/// `pictures`: markup, of the source and after each step.
std::string page_of(const Told& told, const std::vector<std::string>& pictures);
std::string text_of(const Told& told);

}  // namespace leaven::flow
