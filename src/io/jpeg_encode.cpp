#include <fmt/format.h>

#include <algorithm>

#include "core/error.hpp"
#include "io/codec_formats.hpp"
#include "io/jpeg_session.hpp"

namespace leaven::io::jpeg {

namespace {

/// T.81 allows factors up to 4 and 10 blocks in an MCU: luma's and one for each chroma.
void require_subsampling(const Subsampling& s) {
  const auto whole = [](int factor) { return factor >= 1 && factor <= 4; };
  if (whole(s.horizontal) && whole(s.vertical) && s.horizontal * s.vertical <= 8) return;
  throw usage_error(fmt::format("JPEG subsampling must have factors in [1, 4] with a product up to 8, got {}×{}",
                                s.horizontal, s.vertical));
}

void configure(jpeg_compress_struct& info, const RasterShape& shape, const EncodeOptions& options) {
  info.image_width = static_cast<JDIMENSION>(shape.width);
  info.image_height = static_cast<JDIMENSION>(shape.height);
  info.input_components = shape.channels;
  info.in_color_space = shape.channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(&info);
  jpeg_set_quality(&info, options.quality, TRUE);
  if (shape.channels == 1) return;
  info.comp_info[0].h_samp_factor = options.subsampling.horizontal;
  info.comp_info[0].v_samp_factor = options.subsampling.vertical;
}

}  // namespace

Bytes encode(const RasterShape& shape, const EncodeOptions& options, const MakeRows& make) {
  require_subsampling(options.subsampling);
  Writer writer;
  auto& info = writer.info;
  writer.run([&] {
    configure(info, shape, options);
    jpeg_start_compress(&info, TRUE);
    if (!options.icc.empty())
      jpeg_write_icc_profile(&info, reinterpret_cast<const JOCTET*>(options.icc.data()),
                             static_cast<unsigned>(options.icc.size()));
  });
  make([&](const RasterView& rows) {
    writer.run([&] {
      for (int y = 0; y < rows.shape.height; ++y) {
        auto* row = const_cast<JSAMPLE*>(rows.row<JSAMPLE>(y));  // libjpeg only reads it
        jpeg_write_scanlines(&info, &row, 1);
      }
    });
  });
  writer.run([&] { jpeg_finish_compress(&info); });
  return writer.take();
}

}  // namespace leaven::io::jpeg
