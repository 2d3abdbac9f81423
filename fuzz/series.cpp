#include "fuzz/series.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "fuzz/dataset_folder.hpp"
#include "io/dataset.hpp"
#include "io/npy.hpp"
#include "io/series_file.hpp"

namespace leaven::fuzz {

namespace {

constexpr std::size_t kMostSeries = 16;

std::pair<const char*, const char*> format_of(std::byte first) {
  switch (static_cast<char>(first)) {
    case 't': return {"ts", "x.ts"};
    case 'w': return {"series_wide", "x.csv"};
    case 'l': return {"series_long", "x.csv"};
    case 'n': return {"series_npz", "x.npy"};
    default: return {"ucr", "x.tsv"};
  }
}

void check(const io::DatasetReader& reader, const io::Entry& entry) {
  const io::Bytes raw = reader.read(entry).file;
  const std::string text(reinterpret_cast<const char*>(raw.data()), raw.size());
  const io::SeriesLayout& layout = *reader.index().series;
  const Series series = io::parse_series(layout, text);
  if (series.length == 0 || series.channels != layout.names.size()) throw BrokenPromise("a series of another shape than its layout says");
  if (series.values.size() != series.length * series.channels) throw BrokenPromise("a series that is not whole");
  if (!series.stamps.empty() && series.stamps.size() != series.length) throw BrokenPromise("stamps of another length");
  for (const SeriesMarks& marks : series.marks)
    if (marks.words.size() != series.length) throw BrokenPromise("marks of another length");
  io::series_text(layout, text, series, 1);
}

}  // namespace

bool run_series(io::BytesView input) {
  if (input.empty()) return false;
  const auto [format, name] = format_of(input.front());
  const std::filesystem::path file = scratch_folder("series") / name;
  write(file, input.subspan(1));
  return expect_orderly([&, format = format] {
    const auto reader = io::open_dataset(file, {.format = format});
    const io::DatasetIndex& index = reader->index();
    for (std::size_t i = 0; i < std::min(kMostSeries, index.entries.size()); ++i)
      expect_orderly([&] { check(*reader, index.entries[i]); });
  });
}

std::vector<io::Bytes> series_seeds() {
  std::string array = "n" + io::npy_header("<f8", 2, {4});
  array.append(2 * 4 * sizeof(double), '\0');
  return {bytes_of("u1\t0.5\t-1e-3\tNaN\n2\t3\t4\t5\n"), bytes_of("u 1.0e+00  2.5 3 4\n 2.0e+00 1 2 3\n"),
          bytes_of("t@problemName x\n@timestamps false\n@univariate false\n@classLabel true a b\n@data\n1,2,?:4,5,6:a\n1,2:3,4:b\n"),
          bytes_of("t@problemName x\n@timestamps true\n@univariate true\n@classLabel false\n@data\n(0,1),(1.5,2)\n"),
          bytes_of("wid,v1,v2,class\na,1.50,,cat\n\"b,c\",2,3,dog\n"),
          bytes_of("lid,time,heart,doing,label\na,0,1.5,rest,x\na,2,,walk,x\nb,0,2,walk,y\n"), bytes_of(array)};
}

}  // namespace leaven::fuzz
