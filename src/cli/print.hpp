// The only doors to standard output and standard error.
#pragma once

#include <string_view>

namespace leaven::cli {

/// Throws Error(environment) when it cannot be written (a full disk behind a redirection).
void print(std::string_view text);
/// To standard error; what cannot be written there is lost.
void complain(std::string_view text);
/// Throws as print() does, for what the system still held back.
void flush();

}  // namespace leaven::cli
