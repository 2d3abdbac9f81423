#include "flow/sample_task.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "core/error.hpp"
#include "flow/recipe_files.hpp"
#include "io/file.hpp"

namespace leaven::flow {

namespace {

constexpr int kUsualQuality = 95;

struct FormatName {
  io::ImageFormat format;
  std::string_view name;  ///< in recipes and lineage
};
constexpr std::array kFormatNames{FormatName{io::ImageFormat::jpeg, "jpeg"}, FormatName{io::ImageFormat::png, "png"},
                                  FormatName{io::ImageFormat::webp, "webp"}, FormatName{io::ImageFormat::tiff, "tiff"}};

io::ImageFormat format_named(std::string_view name) {
  const auto found = std::ranges::find(kFormatNames, name, &FormatName::name);
  if (found == kFormatNames.end())
    throw usage_error("image format must be jpeg, png, webp or tiff, got " + std::string(name));
  return found->format;
}

struct SubsamplingName {
  io::Subsampling factors;
  std::string_view name;
};
constexpr std::array kSubsamplingNames{
    SubsamplingName{{1, 1}, "4:4:4"}, SubsamplingName{{2, 1}, "4:2:2"}, SubsamplingName{{2, 2}, "4:2:0"},
    SubsamplingName{{1, 2}, "4:4:0"}, SubsamplingName{{4, 1}, "4:1:1"}, SubsamplingName{{4, 2}, "4:1:0"}};

/// The usual name, or "3x1" for the factors that have none.
std::string text_of(const io::Subsampling& s) {
  const auto found = std::ranges::find(kSubsamplingNames, s, &SubsamplingName::factors);
  if (found != kSubsamplingNames.end()) return std::string(found->name);
  return std::to_string(s.horizontal) + "x" + std::to_string(s.vertical);
}

io::Subsampling subsampling_from(std::string_view text) {
  const auto found = std::ranges::find(kSubsamplingNames, text, &SubsamplingName::name);
  if (found != kSubsamplingNames.end()) return found->factors;
  io::Subsampling s;
  const char* const end = text.data() + text.size();
  const auto [x, first_error] = std::from_chars(text.data(), end, s.horizontal);
  if (first_error == std::errc() && x != end && *x == 'x')
    if (const auto [rest, error] = std::from_chars(x + 1, end, s.vertical); error == std::errc() && rest == end) return s;
  throw data_error("chroma subsampling must be like 4:2:0, got " + std::string(text));
}

LoadedSource loaded(io::SourceImage image) {
  LoadedSource source;
  source.image = std::move(image);
  if (const Raster& pixels = source.image.pixels; !pixels.empty()) {
    source.header.format = io::ImageFormat::png;
    source.header.shape = source.header.stored = pixels.shape();
    source.digest = digest_of(pixels.data(), pixels.shape().bytes());
  } else {
    source.header = io::read_header(source.image.file);
    source.digest = digest_of(source.image.file.data(), source.image.file.size());
  }
  return source;
}

/// At least the region of a file's picture; from the cache, or into it while there is room.
Raster decoded_part(const LoadedSource& source, const Region& region) {
  const auto decode = [&](const Region& part) { return io::decode(source.image.file, source.header, {.region = part}); };
  if (!source.cache) return decode(region);
  if (auto kept = source.cache->read(source.digest, source.shape(), region)) return std::move(*kept);
  if (!source.cache->has_room(source.shape().bytes())) return decode(region);
  Raster whole = decode({});
  source.cache->keep(source.digest, whole.view());
  return whole;
}

/// What the plan reads: pixels where the source stores them, else decoded into `room`.
RasterView view_of(const LoadedSource& source, const plan::RasterPlan& plan, Raster& room) {
  if (!source.image.pixels.empty()) return source.image.pixels.view();
  // What is shrunk while it is decoded is other pixels than those that are kept, and quick to decode.
  room = plan.shrink > 1 ? io::decode(source.image.file, source.header, {.region = plan.read, .shrink = plan.shrink}) : decoded_part(source, plan.read);
  return room.view();
}

}  // namespace

plan::Surroundings surroundings_of(const LoadedSource& source) { return {&recipe_files(), source.annotations.get()}; }

LoadedSource load_source(const io::DatasetReader& reader, const io::Entry& entry) {
  try {
    LoadedSource source = loaded(reader.read(entry));
    if (reader.index().annotated)
      source.annotations = std::make_shared<const Annotations>(reader.annotations(entry, source.shape().size()));
    return source;
  } catch (Error& error) {
    throw error.with_sample(io::printable(entry.id));
  }
}

LoadedSource load_source_file(const std::filesystem::path& file) {
  try {
    return loaded({io::read_file(file), {}});
  } catch (Error& error) {
    throw error.with_sample(io::printable(file.native()));
  }
}

LoadedSource load_source_bytes(io::Bytes file) { return loaded({std::move(file), {}}); }

io::EncodeOptions encoding_for(const LoadedSource& source, const recipe::Sink& sink, const RasterShape& result) {
  io::EncodeOptions options;
  options.format = sink.image_format == "same" ? io::written_as(source.header.format, result) : format_named(sink.image_format);
  const bool same = options.format == source.header.format;
  const int own_quality = same ? source.header.jpeg_quality : 0;
  options.quality = sink.quality > 0 ? sink.quality : own_quality > 0 ? own_quality : kUsualQuality;
  if (same && options.format == io::ImageFormat::jpeg) options.subsampling = source.header.subsampling;
  // A quality is asked for on purpose, and lossless WebP has none.
  options.webp_lossless = same && source.header.webp_lossless && sink.quality == 0;
  // A profile speaks of the kind of pixels that it came with.
  if (result.colour_channels() == source.shape().colour_channels()) options.icc = source.header.icc;
  return options;
}

EncodingRecord record_of(const io::EncodeOptions& options) {
  EncodingRecord record;
  record.format = std::ranges::find(kFormatNames, options.format, &FormatName::format)->name;
  const bool jpeg = options.format == io::ImageFormat::jpeg;
  record.lossless = options.format == io::ImageFormat::webp && options.webp_lossless;
  if (jpeg || (options.format == io::ImageFormat::webp && !record.lossless)) record.quality = options.quality;
  if (jpeg) record.subsampling = text_of(options.subsampling);
  record.icc = !options.icc.empty();
  return record;
}

io::EncodeOptions encoding_from(const EncodingRecord& record, const LoadedSource& source) {
  io::EncodeOptions options;
  options.format = format_named(record.format);
  if (record.quality > 0) options.quality = record.quality;
  if (!record.subsampling.empty()) options.subsampling = subsampling_from(record.subsampling);
  options.webp_lossless = record.lossless;
  if (record.icc) options.icc = source.header.icc;
  return options;
}

Raster decode_whole(const LoadedSource& source) {
  return source.image.pixels.empty() ? decoded_part(source, Region::whole(source.shape().size())) : source.image.pixels.clone();
}

plan::PlanOptions plan_options(const LoadedSource& source, bool fuse, bool scaled) {
  const bool shrinks = scaled && source.image.pixels.empty();
  return {fuse, shrinks ? io::largest_shrink(source.header) : 1};
}

const Raster& SourcePixels::at(int shrink) {
  if (!source_.image.pixels.empty()) return source_.image.pixels;
  Raster& pixels = decoded_[shrink];
  if (pixels.empty()) pixels = io::decode(source_.image.file, source_.header, {.shrink = shrink});
  return pixels;
}

void run_plan(const LoadedSource& source, const plan::RasterPlan& plan, const plan::Output& out) {
  Raster room;
  plan::run_fast(plan, view_of(source, plan, room), out);
}

Raster run_program(const LoadedSource& source, const plan::DrawnProgram& program, const plan::PlanOptions& options) {
  const plan::RasterPlan plan = plan::plan_drawn(program, source.shape(), options);
  Raster room;
  return plan::run_fast(plan, view_of(source, plan, room));
}

}  // namespace leaven::flow
