// A program: one line of the roster as concrete steps, containers dissolved, every value drawn. It is what runs, what
// lineage records and all that replay needs beside the source.
#pragma once

#include <string>
#include <vector>

#include "core/op.hpp"

namespace leaven {

struct ProgramStep;

/// Another sample that a step mixes in, and what was done to it first.
struct ProgramPartner {
  std::string source{};  ///< its id
  std::string digest{};  ///< XXH3-128 of its bytes
  std::string label{};
  std::vector<ProgramStep> steps;  ///< no {}: the type is not complete here, and clang minds
};

struct ProgramStep {
  std::string path{};  ///< "sequence/one_of/gaussian_blur#2"
  OpValue op{};
  Key key{};           ///< the op's own stream
  std::vector<std::string> on{};  ///< fields or columns it was restricted to; empty: all
  std::vector<ProgramPartner> partners{};
  std::vector<std::vector<ProgramStep>> inside{};  ///< of an op that holds steps: what ran on each of its pictures
};

struct Program {
  std::vector<ProgramStep> steps{};
};

}  // namespace leaven
