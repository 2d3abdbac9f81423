#include "learn/torch/machinery.hpp"

#include <ATen/Config.h>
#include <ATen/Version.h>
#include <dlfcn.h>
#include <malloc.h>
#include <sys/mman.h>
#include <torch/torch.h>
#include <torch/version.h>

#include <new>
#include <regex>
#include <string_view>

#include "core/error.hpp"
#include "flow/pool.hpp"
#include "flow/report_text.hpp"

namespace leaven::learn {

namespace {

/// What a function of a library that torch was linked with says, if it is there.
template <class F>
F* found(const char* function) {
  return reinterpret_cast<F*>(dlsym(RTLD_DEFAULT, function));
}

/// The part of a text about libraries that the expression's bracket holds.
std::string part_of(const std::string& text, const char* expression) {
  std::smatch match;
  return std::regex_search(text, match, std::regex(expression)) ? match[1].str() : "of unknown kind";
}

}  // namespace

std::string machinery() {
  torch::set_num_threads(1);
  std::string text = "libtorch " TORCH_VERSION " " + part_of(at::show_config(), R"(CPU capability usage: (\w+))");
  text += ", oneDNN " + part_of(at::get_mkldnn_version(), R"(v(\d+\.\d+\.\d+))");
  if (auto* const isa = found<int()>("dnnl_get_effective_cpu_isa")) text += " ISA " + std::to_string(isa());
  if (auto* const blas = found<const char*()>("openblas_get_config"))
    text += ", " + part_of(blas(), R"((OpenBLAS \S+))") + " " + part_of(blas(), R"((\w+) MAX_THREADS)");
  else
    text += ", BLAS " + part_of(at::show_config(), R"(BLAS_INFO=(\w+))");
  return text + ", 1 thread a training";
}

void require_room_to_train(int threads) {
  constexpr std::size_t kEach = std::size_t{144} << 20;  // a buffer of 128 MiB each, and what is around it
  const std::size_t bytes = kEach * static_cast<std::size_t>(threads > 0 ? threads : flow::available_threads());
  void* const room = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (room == MAP_FAILED)
    throw environment_error("there is not enough memory to train: " + flow::bytes_text(static_cast<double>(bytes)) + " more are needed").with_hint("a larger limit (ulimit -v), or fewer --threads");
  munmap(room, bytes);
}

void keep_freed_memory() {
  mallopt(M_MMAP_THRESHOLD, 1 << 29);
  mallopt(M_TRIM_THRESHOLD, 1 << 29);
}

bool says_memory_ran_out(const std::exception& error) {
  const std::string_view text = error.what();
  return text.find("allocate memory") != std::string_view::npos || dynamic_cast<const std::bad_alloc*>(&error) != nullptr;
}

}  // namespace leaven::learn
