// What a line of set-aside samples says of an error.
#pragma once

#include <string>

#include "core/error.hpp"

namespace leaven::flow {

/// "labels/a.txt:3: a row has …": what is wrong and, where that is known, in which file and line.
inline std::string placed_message(const Error& error) {
  return error.place().empty() ? error.message() : error.place() + ": " + error.message();
}

}  // namespace leaven::flow
