// libjpeg in C++. libjpeg reports an error by a call that must not return; throwing through its C frames is not
// allowed, so the call jumps back to `run`, which throws. Warnings that mean lost pixels are errors here.
#pragma once

#include <csetjmp>
#include <cstdio>  // jpeglib.h wants FILE and size_t

#include <jpeglib.h>

#include "io/codec.hpp"

namespace leaven::io::jpeg {

/// The last error of one libjpeg object. `manager` comes first: libjpeg knows this struct by it.
struct Failure {
  jpeg_error_mgr manager{};
  std::jmp_buf escape{};
  int code{};
  char text[JMSG_LENGTH_MAX]{};
};

/// Silent, strict and jumping.
jpeg_error_mgr* arm(Failure& failure);

/// False when libjpeg failed. `step` must create nothing that has a destructor: the jump skips it.
template <class Step>
[[nodiscard]] bool attempt(Failure& failure, const Step& step) {
  if (setjmp(failure.escape) != 0) return false;
  step();
  return true;
}

/// One decompressor on one file in memory.
class Reader {
 public:
  explicit Reader(BytesView file);
  ~Reader() { jpeg_destroy_decompress(&info); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  template <class Step>
  void run(const Step& step) {
    if (!attempt(failure_, step)) fail();
  }

  /// Refuses a progressive file with absurdly many scans: each costs a pass over all coefficients.
  void limit_scans();

  jpeg_decompress_struct info{};

 private:
  [[noreturn]] void fail() const;

  Failure failure_;
  jpeg_progress_mgr progress_{};
};

/// One compressor that writes into memory.
class Writer {
 public:
  Writer();
  ~Writer() { jpeg_destroy_compress(&info); }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  template <class Step>
  void run(const Step& step) {
    if (!attempt(failure_, step)) fail();
  }

  /// The file, once jpeg_finish_compress has run.
  Bytes take() { return std::move(sink_.bytes); }

  jpeg_compress_struct info{};

 private:
  struct Sink {
    jpeg_destination_mgr manager{};  ///< first: libjpeg knows this struct by it
    Bytes bytes{};
  };
  static void begin(j_compress_ptr info);
  static boolean grow(j_compress_ptr info);
  static void finish(j_compress_ptr info);
  static bool resize(j_compress_ptr info, std::size_t size, std::size_t used);
  [[noreturn]] void fail() const;

  Failure failure_;
  Sink sink_;
};

}  // namespace leaven::io::jpeg
