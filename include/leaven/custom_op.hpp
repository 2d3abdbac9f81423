// Ops of your own: a function on pixels that recipes of this process may name.
//
//   leaven::add_custom_op({.name = "fade", .summary = "Fade to white", .labels = leaven::CustomLabels::keep,
//                          .fields = {{.name = "amount", .usual = 0.5, .lo = 0, .hi = 1}}, .work = fade});
//   const auto recipe = leaven::Recipe::from_text("leaven: 1\nsteps:\n  - custom.fade: {amount: {uniform: [0, 1]}}\n");
//
// Their values are drawn, checked and written into lineage as those of any op. What they compute is not: another process
// makes the same picture again when it has declared the same op.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "leaven/leaven.hpp"

namespace leaven {

/// What becomes of masks, boxes and keypoints.
enum class CustomLabels : std::uint8_t {
  keep,  ///< nothing moves: labels stay as they are
  lose,  ///< labels cannot follow: samples that have some are refused
};

/// A number that recipes give or draw.
struct CustomField {
  std::string name{}, doc{}, unit{};
  double usual{};  ///< where a recipe leaves it out
  double lo{-std::numeric_limits<double>::infinity()}, hi{std::numeric_limits<double>::infinity()};
  bool whole{};
};

/// One call: the picture, a value for each field, and random bits of its own, the same for the same draw.
struct CustomCall {
  ImageView image{};
  std::vector<double> values{};
  std::uint64_t seed{};
};

struct CustomOp {
  std::string name{};     ///< a word of a to z, 0 to 9 and _; recipes write custom.NAME
  std::string summary{};  ///< one phrase
  CustomLabels labels{CustomLabels::keep};
  int version{1};         ///< raise it when the same values make other pixels
  std::vector<CustomField> fields{};
  /// Writes an image of the same shape to `out`, rows without gaps. Nothing but the call decides the bytes. Runs on any
  /// thread, several at once; what it throws ends the sample's work.
  std::function<void(const CustomCall& call, void* out)> work{};
};

/// Recipes read from now on know it; one of the same name gives way. Throws Error(usage) for names that cannot be.
void add_custom_op(CustomOp op);
/// Adds the ops of a shared library (leaven/op_library.hpp). Throws Error(environment) when it cannot be opened, Error(usage)
/// when it holds no ops, or those of another version of the interface.
void load_op_library(const std::filesystem::path& library);

}  // namespace leaven
