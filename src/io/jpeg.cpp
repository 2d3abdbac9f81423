#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "core/error.hpp"
#include "io/cmyk.hpp"
#include "io/codec_formats.hpp"
#include "io/exif.hpp"
#include "io/jpeg_quality.hpp"
#include "io/jpeg_session.hpp"

namespace leaven::io::jpeg {

namespace {

constexpr int kExifMarker = JPEG_APP0 + 1, kIccMarker = JPEG_APP0 + 2;
constexpr unsigned kWholeMarker = 0xFFFF;

// Chroma is smoothed across block borders, so a region's edge needs neighbours; 16 px hold a chroma sample and its
// neighbours at any subsampling that libjpeg smooths.
constexpr int kMargin = 16;

struct FreeMemory {
  void operator()(void* memory) const { std::free(memory); }
};

bool is_cmyk(const jpeg_decompress_struct& info) {
  return info.jpeg_color_space == JCS_CMYK || info.jpeg_color_space == JCS_YCCK;
}

RasterShape stored_shape(const jpeg_decompress_struct& info) {
  if (info.num_components == 2 || info.num_components > 4)
    throw data_error("unsupported JPEG: " + std::to_string(info.num_components) + " components, 1, 3 or 4 are read");
  return {.width = static_cast<int>(info.image_width),
          .height = static_cast<int>(info.image_height),
          .channels = info.num_components == 1 ? 1 : 3};
}

/// As an encoder can write it again: whole factors, at most 10 blocks in an MCU.
Subsampling subsampling_of(const jpeg_decompress_struct& info) {
  if (info.num_components < 3) return {1, 1};
  const jpeg_component_info &luma = info.comp_info[0], &chroma = info.comp_info[1];
  Subsampling factors{std::max(1, luma.h_samp_factor / chroma.h_samp_factor),
                      std::max(1, luma.v_samp_factor / chroma.v_samp_factor)};
  if (factors.horizontal * factors.vertical > 8) factors = {2, 2};
  return factors;
}

int quality_of(const jpeg_decompress_struct& info) {
  const int number = info.comp_info[0].quant_tbl_no;  // any byte of the file; libjpeg checks it when it decodes
  const JQUANT_TBL* table = number < NUM_QUANT_TBLS ? info.quant_tbl_ptrs[number] : nullptr;
  if (!table) throw data_error("corrupt JPEG: no quantisation table");
  static_assert(sizeof(table->quantval[0]) == sizeof(std::uint16_t));
  return estimate_quality(std::span<const std::uint16_t, 64>(table->quantval));
}

int orientation_of(const jpeg_decompress_struct& info) {
  for (const auto* marker = info.marker_list; marker; marker = marker->next) {
    const BytesView data(reinterpret_cast<const std::byte*>(marker->data), marker->data_length);
    if (marker->marker == kExifMarker && data.size() > 6 && std::memcmp(data.data(), "Exif\0\0", 6) == 0)
      return exif_orientation(data);
  }
  return 1;
}

Bytes icc_of(Reader& reader) {
  JOCTET* data = nullptr;
  unsigned size = 0;
  reader.run([&] { jpeg_read_icc_profile(&reader.info, &data, &size); });
  const std::unique_ptr<JOCTET, FreeMemory> owner(data);
  const auto* first = reinterpret_cast<const std::byte*>(data);
  return data ? Bytes(first, first + size) : Bytes();
}

/// A region may be read without ever reaching the end of its file, so that is looked for first: a file that was cut
/// off is broken, whatever part of it is asked for.
void require_end_of_image(const jpeg_decompress_struct& info) {
  const JOCTET* first = info.src->next_input_byte;
  const JOCTET* at = first + info.src->bytes_in_buffer;
  for (; at - first >= 2; --at)
    if (at[-2] == 0xFF && at[-1] == JPEG_EOI) return;
  throw data_error("truncated JPEG: the file ends before the image does");
}

/// In a file of several scans, a component that no scan brought would come out as flat grey.
void require_all_components(const jpeg_decompress_struct& info) {
  for (int i = 0; i < info.num_components; ++i)
    if (!info.comp_info[i].quant_table)
      throw data_error("corrupt JPEG: no data for component " + std::to_string(i + 1) + " of " +
                       std::to_string(info.num_components));
}

/// libjpeg estimates the low frequencies of a progressive file that leaves them out from the neighbouring blocks (its
/// smoothing looks at the first nine), which are not the same ones at a crop's edge.
bool smooths_blocks(const jpeg_decompress_struct& info) {
  if (!info.progressive_mode || !info.coef_bits) return false;
  for (int i = 0; i < info.num_components; ++i)
    if (std::any_of(info.coef_bits[i] + 1, info.coef_bits[i] + 10, [](int bits) { return bits != 0; })) return true;
  return false;
}

/// What libjpeg decodes for a region: columns as it aligns them, rows from `top`.
struct Window {
  JDIMENSION left, width, top;
};

Window narrow(Reader& reader, const Region& region) {
  auto& info = reader.info;
  Window window{0, info.output_width, 0};
  if (smooths_blocks(info)) return window;
  // Of components four times as fine as others libjpeg-turbo 2.1 shrinks a part otherwise than the whole.
  if (info.scale_denom > 1 && std::max(info.max_h_samp_factor, info.max_v_samp_factor) > 2) return window;

  const int block = DCTSIZE / static_cast<int>(info.scale_denom);
  const int row_block = info.max_v_samp_factor * block;
  window.top = static_cast<JDIMENSION>(std::max(0, region.y - kMargin) / row_block * row_block);
  const int column_block = info.max_h_samp_factor * block;
  const int left = std::max(0, region.x - kMargin) / column_block * column_block;
  const int right = std::min(static_cast<int>(info.output_width), region.x + region.width + kMargin);
  window.left = static_cast<JDIMENSION>(left);
  window.width = static_cast<JDIMENSION>(right - left);
  reader.run([&] {
    if (window.width < info.output_width) jpeg_crop_scanline(&info, &window.left, &window.width);
    if (window.top > 0) jpeg_skip_scanlines(&info, window.top);
  });
  return window;
}

/// Rows straight into the image where they fit, else through `scratch`, one decoded row. Owns nothing: libjpeg may
/// jump out.
void read_rows(jpeg_decompress_struct& info, const Window& window, const Region& region, Raster& image,
               JSAMPLE* scratch) {
  const bool cmyk = info.out_color_space == JCS_CMYK;
  const auto width = static_cast<std::size_t>(region.width);
  const bool direct = !cmyk && window.width == width;
  const JSAMPLE* first =
      scratch + (static_cast<std::size_t>(region.x) - window.left) * static_cast<std::size_t>(info.output_components);
  const int last = region.y + region.height;
  for (int y = static_cast<int>(window.top); y < last; ++y) {
    JSAMPLE* out = y < region.y ? nullptr : image.row<JSAMPLE>(y - region.y);
    JSAMPLE* row = direct && out ? out : scratch;
    jpeg_read_scanlines(&info, &row, 1);
    if (!out || direct) continue;
    if (cmyk)
      cmyk_to_rgb(first, out, width, /*inverted=*/true);
    else
      std::memcpy(out, first, image.shape().row_bytes());
  }
}

}  // namespace

ImageHeader read_header(BytesView file) {
  Reader reader(file);
  auto& info = reader.info;
  reader.run([&] {
    jpeg_save_markers(&info, kExifMarker, kWholeMarker);
    jpeg_save_markers(&info, kIccMarker, kWholeMarker);
    jpeg_read_header(&info, TRUE);
  });
  ImageHeader header{.format = ImageFormat::jpeg};
  header.stored = stored_shape(info);
  header.orientation = orientation_of(info);
  header.jpeg_quality = quality_of(info);
  header.subsampling = subsampling_of(info);
  header.cmyk = is_cmyk(info);
  if (!header.cmyk) header.icc = icc_of(reader);
  return header;
}

Raster decode(BytesView file, const ImageHeader& header, const Region& region) {
  return decode_shrunk(file, header, region, 1);
}

Raster decode_shrunk(BytesView file, const ImageHeader& header, const Region& region, int shrink) {
  Reader reader(file);
  auto& info = reader.info;
  reader.run([&] { jpeg_read_header(&info, TRUE); });
  if (stored_shape(info) != header.stored) throw data_error("changed since its header was read");
  require_end_of_image(info);

  info.scale_num = 1;
  info.scale_denom = static_cast<unsigned>(shrink);
  if (is_cmyk(info)) info.out_color_space = JCS_CMYK;
  if (jpeg_has_multiple_scans(&info)) reader.limit_scans();
  reader.run([&] { jpeg_start_decompress(&info); });
  require_all_components(info);
  const Window window = narrow(reader, region);

  RasterShape shape = header.stored;
  shape.width = region.width;
  shape.height = region.height;
  Raster image(shape);
  std::vector<JSAMPLE> scratch(static_cast<std::size_t>(window.width) *
                               static_cast<std::size_t>(info.output_components));
  reader.run([&] {
    read_rows(info, window, region, image, scratch.data());
    if (info.output_scanline == info.output_height) jpeg_finish_decompress(&info);
  });
  return image;
}

}  // namespace leaven::io::jpeg
