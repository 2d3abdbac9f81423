#include "cli/print.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>

#include "core/error.hpp"

namespace leaven::cli {

namespace {

[[noreturn]] void refuse() {
  const std::string why = std::strerror(errno);
  throw environment_error("standard output cannot be written: " + why);
}

}  // namespace

void print(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) refuse();
}

void complain(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

void flush() {
  if (std::fflush(stdout) != 0) refuse();
}

}  // namespace leaven::cli
