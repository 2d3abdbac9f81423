// The program `leaven`: reads the command line, does it, and turns whatever went wrong into a line and an exit code.
#include <exception>
#include <filesystem>
#include <new>
#include <string>
#include <vector>

#include "cli/arguments.hpp"
#include "cli/print.hpp"
#include "core/error.hpp"

namespace {

int fail(const leaven::Error& error) {
  leaven::cli::complain(std::string("leaven: ") + error.what() + "\n");
  return leaven::exit_code(error.fault());
}

}  // namespace

int main(int argc, char** argv) {
  try {
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
