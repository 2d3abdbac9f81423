// `leaven --version` and `leaven version`.
#include "cli/commands.hpp"
#include "cli/print.hpp"
#include "flow/report_text.hpp"

namespace leaven::cli {

int version(bool verbose) {
  print("leaven " LEAVEN_VERSION "\n");
  if (verbose) print(flow::library_versions() + "\n");
  return 0;
}

}  // namespace leaven::cli
