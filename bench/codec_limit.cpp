// The limit of any folder-to-folder job: libjpeg-turbo decodes each source once and encodes each output once, and does
// nothing else. With OUT, a folder, each output is written to a file there as well: what a job could reach on this disk.
//   bench_codec_limit FOLDER TIMES THREADS CROP [OUT]     (CROP 0: whole frame; N: the first N×N pixels are encoded)
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>
#include <vector>

#include "io/codec.hpp"

using namespace leaven;
using Clock = std::chrono::steady_clock;

int main(int argc, char** argv) {
  if (argc != 5 && argc != 6) return std::fprintf(stderr, "usage: bench_codec_limit FOLDER TIMES THREADS CROP [OUT]\n"), 2;
  const std::filesystem::path out = argc == 6 ? argv[5] : "";
  if (!out.empty()) std::filesystem::create_directories(out);
  std::vector<std::vector<char>> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(argv[1])) {
    if (!entry.is_regular_file()) continue;
    std::ifstream in(entry.path(), std::ios::binary);
    files.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  const int times = std::atoi(argv[2]), threads = std::atoi(argv[3]), crop = std::atoi(argv[4]);
  std::atomic<std::size_t> next{0}, bytes{0}, made{0};
  const auto work = [&] {
    for (std::size_t i; (i = next++) < files.size();) {
      const io::BytesView file = std::as_bytes(std::span(files[i]));
      const io::ImageHeader header = io::read_header(file);
      const Raster image = io::decode(file, header);
      RasterView view = image.view();
      if (crop > 0) {
        view.shape.width = std::min(view.shape.width, crop);
        view.shape.height = std::min(view.shape.height, crop);
      }
      const io::EncodeOptions options{.format = io::ImageFormat::jpeg, .quality = header.jpeg_quality, .subsampling = header.subsampling};
      for (int k = 0; k < times; ++k) {
        const io::Bytes encoded = io::encode(view, options);
        if (!out.empty()) {
          const std::filesystem::path target = out / (std::to_string(i) + "_" + std::to_string(k) + ".jpg");
          std::ofstream(target, std::ios::binary).write(reinterpret_cast<const char*>(encoded.data()), std::ssize(encoded));
        }
        bytes += encoded.size(), ++made;
      }
    }
  };
  const auto start = Clock::now();
  std::vector<std::thread> pool;
  for (int t = 0; t < threads; ++t) pool.emplace_back(work);
  for (auto& t : pool) t.join();
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  std::printf("{\"seconds\": %.4f, \"outputs\": %zu, \"bytes\": %zu}\n", seconds, made.load(), bytes.load());
}
