// libpng in C++: its errors jump back to `run`, which throws; its warnings are silent. See jpeg_session.hpp for why.
#pragma once

#include <png.h>

#include <csetjmp>
#include <utility>

#include "io/codec.hpp"

namespace leaven::io::png {

struct Failure {
  std::jmp_buf escape{};
  bool truncated{}, out_of_memory{};
  char text[256]{};
};

/// False when libpng failed. `step` must create nothing that has a destructor: the jump skips it.
template <class Step>
[[nodiscard]] bool attempt(Failure& failure, const Step& step) {
  if (setjmp(failure.escape) != 0) return false;
  step();
  return true;
}

/// One reader of a file in memory.
class Reader {
 public:
  explicit Reader(BytesView file);
  ~Reader() { png_destroy_read_struct(&png, &info, nullptr); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  template <class Step>
  void run(const Step& step) {
    if (!attempt(failure_, step)) fail();
  }

  png_structp png{};
  png_infop info{};

 private:
  static void read(png_structp png, png_bytep out, std::size_t size);
  [[noreturn]] void fail() const;

  BytesView rest_;
  Failure failure_;
};

/// One writer into memory.
class Writer {
 public:
  Writer();
  ~Writer() { png_destroy_write_struct(&png, &info); }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  template <class Step>
  void run(const Step& step) {
    if (!attempt(failure_, step)) fail();
  }

  Bytes take() { return std::move(bytes_); }

  png_structp png{};
  png_infop info{};

 private:
  static void write(png_structp png, png_bytep data, std::size_t size);
  [[noreturn]] void fail() const;

  Bytes bytes_;
  Failure failure_;
};

}  // namespace leaven::io::png
