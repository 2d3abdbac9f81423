// `leaven augment` of Parquet and Arrow files, and what looks back at its results: the Python package does it, and this starts it.
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "cli/commands.hpp"
#include "core/error.hpp"
#include "io/columnar.hpp"

namespace leaven::cli {

namespace {

std::vector<char*> words_of(std::vector<std::string>& texts) {
  std::vector<char*> words;
  for (std::string& text : texts) words.push_back(text.data());
  words.push_back(nullptr);
  return words;
}

/// Whether this Python has the package and what it reads such files with.
bool has_package(const std::string& python) {
  std::vector<std::string> texts{python, "-c", "import leaven, pyarrow"};
  const std::vector<char*> words = words_of(texts);
  const pid_t child = fork();
  if (child == 0) {
    const int nothing = open("/dev/null", O_RDWR);
    for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) dup2(nothing, stream);
    execvp(words.front(), words.data());
    _exit(127);
  }
  int status = 0;
  return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/// Python asks it in turn to explain and to make again what came out of a row.
void name_this_program() {
  std::error_code error;
  const std::filesystem::path own = std::filesystem::read_symlink("/proc/self/exe", error);
  if (!error) setenv("LEAVEN_PROGRAM", own.c_str(), /*overwrite=*/0);
}

}  // namespace

bool made_by_python(const std::string& result) {
  std::error_code error;
  for (std::filesystem::path at = std::filesystem::absolute(result, error).lexically_normal(); !at.empty() && at != at.root_path(); at = at.parent_path())
    if (std::filesystem::exists(at / "leaven.columnar.json", error)) return true;
  return false;
}

int start_python(const std::string& in, const std::vector<std::string>& arguments) {
  name_this_program();
  const char* chosen = std::getenv("LEAVEN_PYTHON");
  const std::vector<std::string> pythons = chosen ? std::vector<std::string>{chosen} : std::vector<std::string>{"python3", "python"};
  for (const std::string& python : pythons) {
    if (!has_package(python)) continue;
    std::vector<std::string> texts{python, "-m", "leaven"};
    texts.insert(texts.end(), arguments.begin(), arguments.end());
    execvp(texts.front().c_str(), words_of(texts).data());
  }
  throw environment_error("Parquet and Arrow files need the packages leaven and pyarrow, which " +
                          (chosen ? std::string(chosen) : "python3") + " does not have")
      .with_place(in)
      .with_hint(chosen ? "LEAVEN_PYTHON names the Python that is asked" : "pip install leaven pyarrow; LEAVEN_PYTHON names the Python of another environment");
}

}  // namespace leaven::cli
