#include "plan/raster/passes.hpp"

namespace leaven::plan {

BytesMoved bytes_moved(const Pass& pass) {
  const Region read = region_read(pass);
  const auto width = static_cast<std::uint64_t>(read.width), height = static_cast<std::uint64_t>(read.height);
  std::uint64_t in = width * height * pass.in.pixel_bytes();
  if (pass.reduce) in *= 2;  // once for the statistics, once to apply them
  return {in, pass.out.bytes()};
}

BytesMoved bytes_moved(const RasterPlan& plan) {
  BytesMoved sum;
  for (const Pass& pass : plan.passes) {
    const BytesMoved moved = bytes_moved(pass);
    sum.read += moved.read;
    sum.written += moved.written;
  }
  for (const RasterPlan& group : plan.groups) {  // and each takes its channels out of the picture, and puts them back
    const BytesMoved moved = bytes_moved(group);
    const std::uint64_t in = static_cast<std::uint64_t>(group.read.width) * static_cast<std::uint64_t>(group.read.height) * group.source.pixel_bytes();
    sum.read += moved.read + in + group.out.bytes();
    sum.written += moved.written + in + group.out.bytes();
  }
  return sum;
}

}  // namespace leaven::plan
