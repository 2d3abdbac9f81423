// From a recipe and a key to concrete steps: containers dissolved, every value drawn and resolved, partners found.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/annotation.hpp"
#include "core/program.hpp"
#include "plan/raster/planner.hpp"
#include "recipe/recipe.hpp"

namespace leaven::plan {

/// Another sample to mix in, as it was read.
struct Partner {
  std::string source{}, digest{}, label{};
  RasterShape shape{};
  std::shared_ptr<const Raster> pixels{};            ///< null: nobody will run the program
  std::shared_ptr<const Annotations> annotations{};  ///< null where the dataset has none
};
/// Chooses a partner for a step with this op; `key` is that of the step's own place for it. May be empty: then the sample
/// is its own partner.
using ChoosePartner = std::function<Partner(const OpValue& op, Key key)>;
/// Finds the partner that a line of lineage names.
using FindPartner = std::function<Partner(const ProgramPartner& partner)>;

/// What steps may see besides the shape of the picture.
struct Surroundings {
  OpenedFiles* files{};              ///< null: steps that show files are refused
  const Annotations* annotations{};  ///< of the picture as it was read; null where the dataset has none
};

/// A partner of a step, with what was done to it before it was mixed in.
struct MixedIn {
  Partner partner{};
  std::vector<LoweredStep> lowered{};
};

/// A raster program with its nodes, so that nothing is lowered twice.
struct DrawnProgram {
  Program program{};
  std::vector<LoweredStep> lowered{};
  RasterShape out{};
  std::vector<std::vector<MixedIn>> mixed_in{};  ///< by step
};

/// The program for one image. Pure: the same arguments give the same values on every machine. A partner goes through the
/// top-level steps before the one that mixes it in, but for those that mix themselves, drawn for (the sample, its copy,
/// the partner's place). Throws Error(usage) when a step cannot work on this shape or is not of the raster domain, with
/// step and place.
DrawnProgram draw_program(const recipe::Recipe& recipe, const DrawContext& context, const RasterShape& image,
                          std::string_view label, const ChoosePartner& choose = {}, const Surroundings& around = {});

/// Nodes of a program that is already concrete (from lineage). Throws Error(usage) when it has partners and `find` is
/// empty.
DrawnProgram lower_program(const Program& program, const RasterShape& image, const FindPartner& find = {}, bool fuse = true,
                            const Surroundings& around = {});

/// plan_raster on what was drawn.
RasterPlan plan_drawn(const DrawnProgram& drawn, const RasterShape& image, const PlanOptions& options = {});

}  // namespace leaven::plan
