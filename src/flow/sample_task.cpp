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

/// Pixels where the source stores them, else decoded into `room`.
RasterView view_of(const LoadedSource& source, const Region& region, Raster& room) {
  if (!source.image.pixels.empty()) return source.image.pixels.view();
  room = io::decode(source.image.file, source.header, {.region = region, .orientation = Orientation::apply});
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
  return source.image.pixels.empty() ? io::decode(source.image.file, source.header) : source.image.pixels.clone();
}

void run_plan(const LoadedSource& source, const plan::RasterPlan& plan, const plan::Output& out) {
  Raster room;
  plan::run_fast(plan, view_of(source, plan.read, room), out);
}

std::vector<Raster> run_programs(const LoadedSource& source, std::span<const plan::DrawnProgram> programs, bool fuse) {
  std::vector<plan::RasterPlan> plans;
  Region read;
  for (const plan::DrawnProgram& program : programs) {
    plans.push_back(plan::plan_drawn(program, source.shape(), fuse));
    read = Region::joined(read, plans.back().read);
  }
  std::vector<Raster> results;
  if (programs.empty()) return results;
  Raster room;
  const RasterView view = view_of(source, read, room);
  for (const plan::RasterPlan& plan : plans) results.push_back(plan::run_fast(plan, view));
  return results;
}

}  // namespace leaven::flow
