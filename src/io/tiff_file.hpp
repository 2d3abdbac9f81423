// libtiff on memory, silent: what it says is kept with the file that it says it about.
#pragma once

#include <tiffio.h>

#include <string>

#include "io/codec.hpp"

namespace leaven::io::tiff {

/// The first thing that libtiff said, empty: nothing.
struct Log {
  char error[256]{};
  char warning[256]{};
};

/// A TIFF that is read, standing on its first page.
class Input {
 public:
  /// Throws Error(data) when the first directory cannot be read.
  explicit Input(BytesView file);
  ~Input() { TIFFClose(handle); }
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;

  /// From here on a warning is an error: while pixels are read it means that some are lost.
  void be_strict() { log_.warning[0] = '\0'; }
  bool clean() const { return !log_.error[0] && !log_.warning[0]; }
  bool failed() const { return log_.error[0] != '\0'; }
  /// Throws Error(data) with libtiff's words.
  [[noreturn]] void fail() const;

  BytesView file() const { return file_; }

  TIFF* handle{};

 private:
  static tmsize_t read(thandle_t self, void* out, tmsize_t size);
  static toff_t seek(thandle_t self, toff_t offset, int whence);
  static toff_t size(thandle_t self);
  static int map(thandle_t self, void** base, toff_t* size);

  BytesView file_;
  toff_t at_{};
  Log log_;
};

/// A TIFF that is written.
class Output {
 public:
  /// `big`: BigTIFF, for what does not fit 32-bit offsets.
  explicit Output(bool big);
  ~Output();
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  /// Writes the directory and gives the file.
  Bytes finish();
  [[noreturn]] void fail() const;

  TIFF* handle{};

 private:
  static tmsize_t read(thandle_t self, void* out, tmsize_t size);
  static tmsize_t write(thandle_t self, void* data, tmsize_t size);
  static toff_t seek(thandle_t self, toff_t offset, int whence);
  static toff_t size(thandle_t self);

  Bytes bytes_;
  toff_t at_{};
  bool out_of_memory_{};
  Log log_;
};

}  // namespace leaven::io::tiff
