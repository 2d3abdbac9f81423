#include "io/tiff_file.hpp"

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <memory>
#include <new>

#include "core/error.hpp"

namespace leaven::io::tiff {

namespace {

// libtiff's own tables of one file (offsets, colour maps, text); pixels are read into our memory.
constexpr tmsize_t kMaxTable = tmsize_t{256} << 20;

constexpr int kHandled = 1;  // libtiff then keeps its process-wide handlers, which print, out of it

template <char (Log::*text)[256]>
int keep_first(TIFF*, void* log, const char*, const char* format, va_list arguments) {
  auto& kept = static_cast<Log*>(log)->*text;
  if (!kept[0]) std::vsnprintf(kept, sizeof kept, format, arguments);
  return kHandled;
}

struct FreeOptions {
  void operator()(TIFFOpenOptions* options) const { TIFFOpenOptionsFree(options); }
};

std::unique_ptr<TIFFOpenOptions, FreeOptions> options_for(Log& log) {
  std::unique_ptr<TIFFOpenOptions, FreeOptions> options(TIFFOpenOptionsAlloc());
  if (!options) throw environment_error("out of memory while opening a TIFF");
  TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), kMaxTable);
  TIFFOpenOptionsSetErrorHandlerExtR(options.get(), keep_first<&Log::error>, &log);
  TIFFOpenOptionsSetWarningHandlerExtR(options.get(), keep_first<&Log::warning>, &log);
  return options;
}

toff_t moved(toff_t at, toff_t size, toff_t offset, int whence) {
  return whence == SEEK_SET ? offset : whence == SEEK_CUR ? at + offset : size + offset;
}

/// Copies what lies at `at`, at most `wanted` bytes, and moves on.
tmsize_t copy_from(BytesView bytes, toff_t& at, void* out, tmsize_t wanted) {
  if (at >= bytes.size() || wanted <= 0) return 0;
  const std::size_t count = std::min(static_cast<std::size_t>(wanted), bytes.size() - static_cast<std::size_t>(at));
  std::memcpy(out, bytes.data() + at, count);
  at += count;
  return static_cast<tmsize_t>(count);
}

int refuse_map(thandle_t, void**, toff_t*) { return 0; }
void unmap(thandle_t, void*, toff_t) {}
int close(thandle_t) { return 0; }

}  // namespace

Input::Input(BytesView file) : file_(file) {
  const auto options = options_for(log_);
  const auto write = [](thandle_t, void*, tmsize_t) -> tmsize_t { return 0; };
  // "c": strips stay as they are, however large.
  handle = TIFFClientOpenExt("TIFF", "rc", this, read, write, seek, close, size, map, unmap, options.get());
  if (!handle) fail();
}

void Input::fail() const {
  const char* words = log_.error[0] ? log_.error : log_.warning;
  throw data_error(std::string("corrupt or truncated TIFF: ") + (words[0] ? words : "no image in it"));
}

tmsize_t Input::read(thandle_t self, void* out, tmsize_t size) {
  auto& input = *static_cast<Input*>(self);
  return copy_from(input.file_, input.at_, out, size);
}

toff_t Input::seek(thandle_t self, toff_t offset, int whence) {
  auto& input = *static_cast<Input*>(self);
  return input.at_ = moved(input.at_, input.file_.size(), offset, whence);
}

toff_t Input::size(thandle_t self) { return static_cast<Input*>(self)->file_.size(); }

int Input::map(thandle_t self, void** base, toff_t* size) {
  const BytesView file = static_cast<Input*>(self)->file_;
  *base = const_cast<std::byte*>(file.data());  // libtiff only reads what it has mapped
  *size = file.size();
  return 1;
}

Output::Output(bool big) {
  const auto options = options_for(log_);
  // "l": little endian on every machine, so that the bytes are the same.
  handle = TIFFClientOpenExt("TIFF", big ? "wl8" : "wl", this, read, write, seek, close, size, refuse_map, unmap,
                             options.get());
  if (!handle) fail();
}

Output::~Output() {
  if (handle) TIFFClose(handle);
}

Bytes Output::finish() {
  if (!TIFFFlush(handle)) fail();
  TIFFClose(handle);
  handle = nullptr;
  if (log_.error[0]) fail();
  return std::move(bytes_);
}

void Output::fail() const {
  if (out_of_memory_) throw environment_error("out of memory while writing a TIFF");
  throw bug(std::string("TIFF encoder: ") + log_.error);
}

tmsize_t Output::read(thandle_t self, void* out, tmsize_t size) {
  auto& output = *static_cast<Output*>(self);
  return copy_from(output.bytes_, output.at_, out, size);
}

tmsize_t Output::write(thandle_t self, void* data, tmsize_t size) {
  auto& output = *static_cast<Output*>(self);
  const std::size_t count = static_cast<std::size_t>(size), end = static_cast<std::size_t>(output.at_) + count;
  try {
    if (output.bytes_.capacity() < end) output.bytes_.reserve(std::max(end, output.bytes_.capacity() * 2));
    if (output.bytes_.size() < end) output.bytes_.resize(end);
  } catch (const std::bad_alloc&) {  // no exception may cross libtiff's frames
    output.out_of_memory_ = true;
    return -1;
  }
  std::memcpy(output.bytes_.data() + output.at_, data, count);
  output.at_ = end;
  return size;
}

toff_t Output::seek(thandle_t self, toff_t offset, int whence) {
  auto& output = *static_cast<Output*>(self);
  return output.at_ = moved(output.at_, output.bytes_.size(), offset, whence);
}

toff_t Output::size(thandle_t self) { return static_cast<Output*>(self)->bytes_.size(); }

}  // namespace leaven::io::tiff
