#include "io/png_session.hpp"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstring>
#include <new>
#include <string>

#include "core/error.hpp"

namespace leaven::io::png {

namespace {

[[noreturn]] void on_error(png_structp png, png_const_charp text) {
  auto& failure = *static_cast<Failure*>(png_get_error_ptr(png));
  std::snprintf(failure.text, sizeof failure.text, "%s", text);
  std::longjmp(failure.escape, 1);
}

void on_warning(png_structp, png_const_charp) {}

/// libpng's words begin with a capital, or with a chunk's name, which keeps its case.
std::string plain_words(const char* text) {
  std::string words = text;
  if (words.size() > 1 && std::islower(static_cast<unsigned char>(words[1])))
    words[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(words[0])));
  return words;
}

}  // namespace

Reader::Reader(BytesView file) : rest_(file) {
  png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &failure_, on_error, on_warning);
  info = png ? png_create_info_struct(png) : nullptr;
  if (!info) {
    png_destroy_read_struct(&png, nullptr, nullptr);
    throw environment_error("libpng does not start: out of memory, or another version than built with");
  }
  png_set_read_fn(png, this, read);
  png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);  // the caller's limit counts
  png_set_crc_action(png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
}

void Reader::read(png_structp png, png_bytep out, std::size_t size) {
  auto& self = *static_cast<Reader*>(png_get_io_ptr(png));
  if (self.rest_.size() < size) {
    self.failure_.truncated = true;
    png_error(png, "the file ends");
  }
  std::memcpy(out, self.rest_.data(), size);
  self.rest_ = self.rest_.subspan(size);
}

void Reader::fail() const {
  if (failure_.truncated) throw data_error("truncated PNG: the file ends before the image does");
  throw data_error("corrupt PNG: " + plain_words(failure_.text));
}

Writer::Writer() {
  png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &failure_, on_error, on_warning);
  info = png ? png_create_info_struct(png) : nullptr;
  if (!info) {
    png_destroy_write_struct(&png, nullptr);
    throw environment_error("libpng does not start: out of memory, or another version than built with");
  }
  png_set_write_fn(png, this, write, nullptr);
  png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
}

void Writer::write(png_structp png, png_bytep data, std::size_t size) {
  auto& self = *static_cast<Writer*>(png_get_io_ptr(png));
  const auto* first = reinterpret_cast<const std::byte*>(data);
  try {
    self.bytes_.insert(self.bytes_.end(), first, first + size);
  } catch (const std::bad_alloc&) {
    self.failure_.out_of_memory = true;
  }
  if (self.failure_.out_of_memory) png_error(png, "out of memory");
}

void Writer::fail() const {
  if (failure_.out_of_memory) throw environment_error("out of memory while writing a PNG");
  throw bug("PNG encoder: " + plain_words(failure_.text));
}

}  // namespace leaven::io::png
