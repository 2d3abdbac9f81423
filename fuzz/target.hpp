// What is fuzzed: each reader of what strangers write, with the promise that it keeps for any bytes whatever. The same
// targets run under libFuzzer (make fuzz) and on inputs made from a seed with any compiler (tests/fuzz).
#pragma once

#include <functional>
#include <span>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "io/codec.hpp"

namespace leaven::fuzz {

struct Target {
  std::string_view name{};
  /// Reads the input; true when it was accepted, false when it was refused with an error that says what is wrong with
  /// it. Whatever else is thrown is a finding, BrokenPromise among it.
  bool (*run)(io::BytesView input){};
  /// Well-formed inputs, which are accepted and from which mutation begins.
  std::vector<io::Bytes> (*seeds)(){};
};

/// All targets, in the order in which they run.
std::span<const Target> targets();

/// A reader accepted the input and then contradicted itself.
struct BrokenPromise : std::logic_error {
  using std::logic_error::logic_error;
};

/// Runs a reader: true when it got to its end, false for Error(usage) and Error(data), which are good answers to bad
/// input. Other faults and exceptions pass through.
bool expect_orderly(const std::function<void()>& read);

io::Bytes bytes_of(std::string_view text);
std::string_view text_of(io::BytesView bytes);

}  // namespace leaven::fuzz
