// `leaven prove`: starts leaven-learn, the program that trains.
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "cli/commands.hpp"
#include "core/error.hpp"

namespace leaven::cli {

namespace fs = std::filesystem;

int start_learn(const std::vector<std::string>& arguments) {
  std::error_code error;
  const fs::path own = fs::read_symlink("/proc/self/exe", error);
  const fs::path program = own.parent_path() / "leaven-learn";
  if (error || !fs::exists(program, error))
    throw environment_error("this build of leaven has no " + program.string() + ", which trains")
        .with_hint("apt-get install libtorch-dev libopenblas0 libxgboost-dev, then build again");
  // Each training has one thread, whose results depend on no other; trainings run side by side instead.
  for (const char* variable : {"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"}) setenv(variable, "1", 1);
  setenv("OMP_WAIT_POLICY", "passive", 1);
  std::vector<std::string> copies{"leaven-learn"};
  copies.insert(copies.end(), arguments.begin(), arguments.end());
  std::vector<char*> words;
  for (std::string& copy : copies) words.push_back(copy.data());
  words.push_back(nullptr);
  execv(program.c_str(), words.data());
  throw environment_error("cannot be started: " + std::string(std::strerror(errno))).with_place(program.string());
}

}  // namespace leaven::cli
