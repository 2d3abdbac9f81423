#include <gtest/gtest.h>

#include <string_view>

#include "tests/flow/job_process.hpp"

int main(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]) == "--job") return leaven::flow::be_a_job({argv + 2, argv + argc});
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
