// The program `leaven`: reads the command line, does it, and turns whatever went wrong into a line and an exit code.
#include <malloc.h>

#include <cstdlib>
#include <exception>
#include <filesystem>
#include <new>
#include <sstream>
#include <string>
#include <vector>

#include "cli/arguments.hpp"
#include "cli/print.hpp"
#include "core/error.hpp"
#include "leaven/custom_op.hpp"

namespace {

/// $LEAVEN_OPS lists shared libraries of ops, with colons between them.
void load_op_libraries() {
  const char* list = std::getenv("LEAVEN_OPS");
  std::istringstream paths(list ? list : "");
  for (std::string path; std::getline(paths, path, ':');)
    if (!path.empty()) leaven::load_op_library(path);
}

int fail(const leaven::Error& error) {
  leaven::cli::complain(std::string("leaven: ") + error.what() + "\n");
  return leaven::exit_code(error.fault());
}

}  // namespace

int main(int argc, char** argv) {
  // Each picture takes and gives back large blocks; from the kernel each would come empty, page by page.
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 256 << 20);
  mallopt(M_TOP_PAD, 4 << 20);
  try {
    load_op_libraries();
    const int code = leaven::cli::obey(std::vector<std::string>(argv + (argc > 0), argv + argc));
    leaven::cli::flush();
    return code;
  } catch (const leaven::Error& error) {
    return fail(error);
  } catch (const std::bad_alloc&) {
    return fail(leaven::environment_error("memory ran out"));
  } catch (const std::filesystem::filesystem_error& error) {
    return fail(leaven::environment_error(error.what()));
  } catch (const std::exception& error) {
    return fail(leaven::bug(error.what()));
  }
}
