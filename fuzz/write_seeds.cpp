// Writes the seeds of every target into FOLDER/fuzz_<target>/, where libFuzzer begins.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>

#include "fuzz/target.hpp"

int main(int count, char** arguments) {
  if (count != 2) {
    std::cerr << "usage: write_seeds FOLDER\n";
    return 2;
  }
  for (const leaven::fuzz::Target& target : leaven::fuzz::targets()) {
    const auto folder = std::filesystem::path(arguments[1]) / ("fuzz_" + std::string(target.name));
    std::filesystem::create_directories(folder);
    int number = 0;
    for (const leaven::io::Bytes& seed : target.seeds()) {
      std::ofstream file(folder / ("seed" + std::to_string(number++)), std::ios::binary);
      file.write(reinterpret_cast<const char*>(seed.data()), static_cast<std::streamsize>(seed.size()));
    }
  }
}
