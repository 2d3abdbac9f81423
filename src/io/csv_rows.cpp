#include "io/csv_rows.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <span>
#include <utility>

#include "core/error.hpp"

namespace leaven::io {

namespace {

constexpr std::size_t kChunk = 1 << 20;        // bytes read at a time
constexpr std::size_t kLongestRow = 64 << 20;  // a longer one is a quote that somebody forgot to close
constexpr std::string_view kBom = "\xEF\xBB\xBF";

/// Counts of cells in the first rows under one separator; equal counts above 1 speak for it.
struct Fit {
  std::size_t cells{};
  std::size_t agreeing{};  ///< rows with as many cells as the first
};

Fit fit_of(const InputFile& file, CsvDialect dialect, char separator) {
  constexpr int kRowsLookedAt = 20;
  dialect.separator = separator;
  CsvScanner scanner(file, dialect);
  CsvRow row;
  Fit fit;
  for (int i = 0; i < kRowsLookedAt && scanner.next(row); ++i) {
    if (row.blank()) continue;
    if (fit.cells == 0) fit.cells = row.cells.size();
    fit.agreeing += row.cells.size() == fit.cells ? 1 : 0;
  }
  return fit;
}

/// The first separator or line feed from `at` on, or the end; eight characters at a time (Mycroft's test for a zero byte).
const char* cell_end_of(const char* at, const char* end, char separator) {
  constexpr std::uint64_t kOnes = 0x0101010101010101, kHighs = 0x8080808080808080;
  const std::uint64_t separators = kOnes * static_cast<unsigned char>(separator), feeds = kOnes * static_cast<unsigned char>('\n');
  const auto zeros = [](std::uint64_t word) { return (word - kOnes) & ~word & kHighs; };
  for (; end - at >= 8; at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, sizeof word);
    // The lowest bit set is exact; those above it may be set by a borrow.
    if (const std::uint64_t found = zeros(word ^ separators) | zeros(word ^ feeds); found != 0) return at + std::countr_zero(found) / 8;
  }
  while (at < end && *at != separator && *at != '\n') ++at;
  return at;
}

constexpr std::size_t kMostCells = std::size_t{1} << 22;  // 24 bytes each
constexpr std::size_t kTooManyCells = std::string::npos - 1;

/// Cuts the row at the start of `text` into cells and returns where the next one starts; npos when the text ends within
/// the row although more may follow, kTooManyCells where no table has so many. `lines`: how many lines the row has.
std::size_t cut_row(std::string_view text, bool is_all, char separator, CsvRow& row, std::size_t& lines) {
  const char* const start = text.data();
  const char* const end = start + text.size();
  const char* at = start;
  row.cells.clear();
  lines = 1;
  for (;;) {
    const char* const cell = at;
    const char* quotes_end = nullptr;
    if (at < end && *at == '"') {
      for (++at;; ++at) {
        const auto* quote = static_cast<const char*>(std::memchr(at, '"', static_cast<std::size_t>(end - at)));
        if (!quote) return std::string::npos;
        lines += static_cast<std::size_t>(std::count(at, quote, '\n'));
        at = quote + 1;
        if (at == end && !is_all) return std::string::npos;
        if (at == end || *at != '"') break;
      }
      quotes_end = at;
    }
    at = cell_end_of(at, end, separator);
    if (at == end && !is_all) return std::string::npos;
    const bool more = at < end && *at == separator;
    const char* cell_end = at;
    if (!more && cell_end > cell && cell_end[-1] == '\r' && at < end) --cell_end;
    if (row.cells.size() == kMostCells) return kTooManyCells;
    row.cells.push_back({std::string_view(cell, static_cast<std::size_t>(cell_end - cell)), quotes_end == cell_end});
    if (!more) {
      row.raw = text.substr(0, static_cast<std::size_t>(cell_end - start));
      return static_cast<std::size_t>(at - start) + (at < end ? 1 : 0);
    }
    ++at;
  }
}

}  // namespace

CsvDialect csv_dialect(const InputFile& file) {
  std::string head(std::min<std::uint64_t>(file.size(), 1 << 16), '\0');
  head.resize(file.read_some(0, std::as_writable_bytes(std::span(head))));
  const std::string name = printable(file.path().native());
  if (head.starts_with("\xFF\xFE") || head.starts_with("\xFE\xFF"))
    throw data_error(name + ": is UTF-16").with_hint("save it as UTF-8");
  if (const std::size_t zero = head.find('\0'); zero != std::string::npos)
    throw data_error(name + ":" + std::to_string(1 + std::count(head.begin(), head.begin() + static_cast<std::ptrdiff_t>(zero), '\n')) +
                     ": a zero byte: this is no text");
  if (head.find('\n') == std::string::npos && std::ranges::count(head, '\r') > 1)
    throw data_error(name + ": its lines end in carriage returns alone").with_hint("save it with line feeds");
  CsvDialect dialect;
  dialect.bom = head.starts_with(kBom);
  dialect.start = dialect.bom ? kBom.size() : 0;
  const std::size_t line_end = head.find('\n');
  dialect.crlf = line_end != std::string::npos && line_end > 0 && head[line_end - 1] == '\r';
  Fit best;
  for (const char separator : {',', ';', '\t', '|'}) {
    if (separator == '|' && best.cells > 1) break;  // where cells have another one between them it joins labels: cat|dog
    Fit fit;
    try {
      fit = fit_of(file, dialect, separator);
    } catch (const Error&) {
      continue;  // a quote that is open under this separator only
    }
    if (fit.cells < 2) continue;
    if (fit.agreeing < best.agreeing || (fit.agreeing == best.agreeing && fit.cells <= best.cells)) continue;
    best = fit;
    dialect.separator = separator;
  }
  return dialect;
}

CsvScanner::CsvScanner(const InputFile& file, const CsvDialect& dialect)
    : CsvScanner(file, dialect, dialect.start, 1) {}

CsvScanner::CsvScanner(const InputFile& file, const CsvDialect& dialect, std::uint64_t offset, std::uint64_t line)
    : file_(file), separator_(dialect.separator), buffer_offset_(offset), line_(line) {}

bool CsvScanner::refill() {
  if (at_end_) return false;
  buffer_.erase(0, begin_);
  buffer_offset_ += begin_;
  begin_ = 0;
  const std::size_t kept = buffer_.size();
  buffer_.resize(kept + std::max(kChunk, kept));  // doubling keeps long rows from being scanned again and again
  const std::size_t got =
      file_.read_some(buffer_offset_ + kept, std::as_writable_bytes(std::span(buffer_).subspan(kept)));
  at_end_ = kept + got < buffer_.size();
  buffer_.resize(kept + got);
  return got > 0;
}

bool CsvScanner::next(CsvRow& row) {
  for (;;) {
    if (begin_ < buffer_.size()) {
      std::size_t lines = 1;
      const std::size_t length = cut_row(std::string_view(buffer_).substr(begin_), at_end_, separator_, row, lines);
      if (length == kTooManyCells)
        throw data_error(printable(file_.path().native()) + ":" + std::to_string(line_) + ": the row has more than " + std::to_string(kMostCells) + " cells");
      if (length != std::string::npos) {
        row.offset = buffer_offset_ + begin_;
        row.line = line_;
        line_ += lines;
        begin_ += length;
        return true;
      }
      if (at_end_ || buffer_.size() - begin_ > kLongestRow) {
        const bool quote_open = at_end_ || std::ranges::count(std::string_view(buffer_).substr(begin_), '"') % 2 == 1;
        throw data_error(printable(file_.path().native()) + ":" + std::to_string(line_) +
                         (quote_open ? ": a quote is opened in this row and never closed"
                                     : ": the row is longer than 64 MB"));
      }
    } else if (at_end_) {
      return false;
    }
    refill();
  }
}

bool CsvScanner::next_filled(CsvRow& row) {
  do {
    if (!next(row)) return false;
  } while (row.blank());
  return true;
}

std::vector<CsvCell> csv_cells(std::string_view row, char separator) {
  CsvRow cut;
  std::size_t lines = 0;
  if (cut_row(row, true, separator, cut, lines) >= kTooManyCells) return {};
  return std::move(cut.cells);
}

std::string csv_value(const CsvCell& cell) {
  if (!cell.quoted) return std::string(cell.raw);
  std::string text;
  for (std::size_t i = 1; i + 1 < cell.raw.size(); ++i) {
    text += cell.raw[i];
    if (cell.raw[i] == '"') ++i;
  }
  return text;
}

void append_csv_cell(std::string& to, std::string_view text, char separator, bool quoted) {
  const std::array<char, 3> special{separator, '\n', '\r'};
  if (!quoted && !text.starts_with('"') &&
      text.find_first_of(std::string_view(special.data(), special.size())) == std::string_view::npos) {
    to += text;
    return;
  }
  to += '"';
  for (const char c : text) {
    if (c == '"') to += '"';
    to += c;
  }
  to += '"';
}

}  // namespace leaven::io
