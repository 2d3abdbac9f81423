#include "io/jpeg_session.hpp"

#include <fmt/format.h>
#include <jerror.h>

#include <algorithm>
#include <cctype>
#include <new>
#include <utility>

#include "core/error.hpp"

namespace leaven::io::jpeg {

namespace {

constexpr int kMaxScans = 500;  // libjpeg-turbo's own advice; real files have about ten
constexpr std::size_t kFirstBuffer = 64 << 10;

/// Warnings after which every pixel is still the one that was encoded.
bool harmless(int code) {
  switch (code) {
    case JWRN_ADOBE_XFORM:      // an unknown transform code is read as YCbCr or YCCK
    case JWRN_BOGUS_ICC:        // the profile is dropped
    case JWRN_EXTRANEOUS_DATA:  // padding between a scan's end and the next marker
    case JWRN_JFIF_MAJOR:       // an unknown JFIF revision
    case JWRN_NOT_SEQUENTIAL:   // spectral selection in a sequential file, without meaning there
      return true;
    default: return false;
  }
}

Failure& failure_of(j_common_ptr info) { return *reinterpret_cast<Failure*>(info->err); }

[[noreturn]] void on_error(j_common_ptr info) {
  Failure& failure = failure_of(info);
  failure.code = info->err->msg_code;
  info->err->format_message(info, failure.text);
  std::longjmp(failure.escape, 1);
}

void on_message(j_common_ptr info, int level) {
  if (level < 0 && !harmless(info->err->msg_code)) on_error(info);
}

void on_progress(j_common_ptr info) {
  const auto* decompress = reinterpret_cast<const jpeg_decompress_struct*>(info);
  if (decompress->input_scan_number <= kMaxScans) return;
  Failure& failure = failure_of(info);
  failure.code = JWRN_BOGUS_PROGRESSION;
  std::snprintf(failure.text, sizeof failure.text, "more than %d scans", kMaxScans);
  std::longjmp(failure.escape, 1);
}

bool unsupported(int code) {
  return code == JERR_BAD_PRECISION || code == JERR_SOF_UNSUPPORTED || code == JERR_ARITH_NOTIMPL ||
         code == JERR_CONVERSION_NOTIMPL || code == JERR_IMAGE_TOO_BIG || code == JERR_COMPONENT_COUNT ||
         code == JERR_CCIR601_NOTIMPL || code == JERR_FRACT_SAMPLE_NOTIMPL;
}

/// libjpeg's words without their "Corrupt JPEG data: ", beginning in lower case.
std::string plain_words(const char* text) {
  std::string words = text;
  constexpr std::string_view kPrefix = "Corrupt JPEG data: ";
  if (words.starts_with(kPrefix)) words.erase(0, kPrefix.size());
  if (words.size() > 1 && !std::isupper(static_cast<unsigned char>(words[1])))
    words[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(words[0])));
  return words;
}

/// " (row 128 of 375)" once rows have come out.
std::string reached(const jpeg_decompress_struct& info) {
  const bool decoding = info.output_scanline > 0 && info.output_scanline < info.output_height;
  return decoding ? fmt::format(" (row {} of {})", info.output_scanline, info.output_height) : std::string();
}

}  // namespace

jpeg_error_mgr* arm(Failure& failure) {
  jpeg_error_mgr* manager = jpeg_std_error(&failure.manager);
  manager->error_exit = on_error;
  manager->emit_message = on_message;
  manager->output_message = [](j_common_ptr) {};
  return manager;
}

Reader::Reader(BytesView file) {
  info.err = arm(failure_);
  const auto* bytes = reinterpret_cast<const unsigned char*>(file.data());
  const bool ready = attempt(failure_, [&] {
    jpeg_create_decompress(&info);
    jpeg_mem_src(&info, bytes, static_cast<unsigned long>(file.size()));
  });
  if (ready) return;
  jpeg_destroy_decompress(&info);
  fail();
}

void Reader::limit_scans() {
  progress_.progress_monitor = on_progress;
  info.progress = &progress_;
}

void Reader::fail() const {
  switch (failure_.code) {
    case JERR_OUT_OF_MEMORY: throw environment_error("out of memory while reading a JPEG");
    case JWRN_JPEG_EOF:
    case JERR_INPUT_EOF:
    case JERR_INPUT_EMPTY: throw data_error("truncated JPEG: the file ends before the image does" + reached(info));
    default: break;
  }
  const std::string words = plain_words(failure_.text);
  if (unsupported(failure_.code)) throw data_error("unsupported JPEG: " + words);
  throw data_error("corrupt JPEG: " + words + reached(info));
}

Writer::Writer() {
  info.err = arm(failure_);
  sink_.manager.init_destination = begin;
  sink_.manager.empty_output_buffer = grow;
  sink_.manager.term_destination = finish;
  const bool ready = attempt(failure_, [&] { jpeg_create_compress(&info); });
  if (!ready) {
    jpeg_destroy_compress(&info);
    fail();
  }
  info.dest = &sink_.manager;
}

/// Gives libjpeg the space from `used` to `size`; false when memory runs out. No exception may cross libjpeg's frames.
bool Writer::resize(j_compress_ptr info, std::size_t size, std::size_t used) {
  auto& sink = *reinterpret_cast<Sink*>(info->dest);
  try {
    sink.bytes.resize(size);
  } catch (const std::bad_alloc&) {
    return false;
  }
  sink.manager.next_output_byte = reinterpret_cast<JOCTET*>(sink.bytes.data()) + used;
  sink.manager.free_in_buffer = size - used;
  return true;
}

void Writer::begin(j_compress_ptr info) {
  // Photos at quality 95 take about a quarter of their raw size.
  const std::size_t raw = static_cast<std::size_t>(info->image_width) * info->image_height *
                          static_cast<std::size_t>(info->input_components);
  if (!resize(info, std::max(kFirstBuffer, raw / 4), 0)) ERREXIT1(info, JERR_OUT_OF_MEMORY, 0);
}

boolean Writer::grow(j_compress_ptr info) {
  // Called with the buffer full, whatever free_in_buffer says (libjpeg's contract).
  const std::size_t used = reinterpret_cast<Sink*>(info->dest)->bytes.size();
  if (!resize(info, used * 2, used)) ERREXIT1(info, JERR_OUT_OF_MEMORY, 0);
  return TRUE;
}

void Writer::finish(j_compress_ptr info) {
  auto& sink = *reinterpret_cast<Sink*>(info->dest);
  sink.bytes.resize(sink.bytes.size() - sink.manager.free_in_buffer);
}

void Writer::fail() const {
  if (failure_.code == JERR_OUT_OF_MEMORY) throw environment_error("out of memory while writing a JPEG");
  throw bug("JPEG encoder: " + plain_words(failure_.text));
}

}  // namespace leaven::io::jpeg
