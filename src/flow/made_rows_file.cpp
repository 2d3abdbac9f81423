#include "flow/made_rows_file.hpp"

#include <array>
#include <bit>
#include <cstring>
#include <span>
#include <type_traits>

#include "core/error.hpp"
#include "core/lineage.hpp"
#include "ops/families.hpp"

namespace leaven::flow {

namespace {

static_assert(std::endian::native == std::endian::little, "numbers are written as they lie in memory");

class Packer {
 public:
  std::string text{};

  template <class T>
    requires std::is_arithmetic_v<T>
  void put(T value) {
    std::array<char, sizeof(T)> bytes{};
    std::memcpy(bytes.data(), &value, sizeof(T));
    text.append(bytes.data(), bytes.size());
  }
  void put(const std::string& value) {
    put(std::uint64_t{value.size()});
    text += value;
  }
  template <class T>
  void put(const std::vector<T>& values) {
    put(std::uint64_t{values.size()});
    for (const T& value : values) put(value);
  }
};

class Unpacker {
 public:
  explicit Unpacker(std::string_view text) : left_(text) {}

  template <class T>
    requires std::is_arithmetic_v<T>
  void get(T& value) {
    std::memcpy(&value, take(sizeof(T)).data(), sizeof(T));
  }
  void get(std::string& value) {
    value = std::string(take(length(1)));
  }
  template <class T>
  void get(std::vector<T>& values) {
    values.resize(length(1));
    for (T& value : values) get(value);
  }
  /// A count of things that are at least `size` bytes long each: never more than the rest can hold.
  std::size_t length(std::size_t size) {
    std::uint64_t count = 0;
    get(count);
    if (count > left_.size() / size) throw data_error("is cut off");
    return static_cast<std::size_t>(count);
  }
  template <class T>
  T value() {
    T got{};
    get(got);
    return got;
  }

 private:
  std::string_view take(std::size_t size) {
    if (size > left_.size()) throw data_error("is cut off");
    const std::string_view bytes = left_.substr(0, size);
    left_.remove_prefix(size);
    return bytes;
  }
  std::string_view left_;
};

void pack(Packer& to, const Column& c) {
  to.put(c.name);
  to.put(static_cast<std::uint8_t>(c.type));
  to.put(std::int32_t{c.places});
  to.put(static_cast<std::uint8_t>(c.kind));
  to.put(c.mark);
  to.put(std::uint8_t{c.target});
  to.put(c.text), to.put(c.number), to.put(c.null), to.put(c.changed), to.put(c.quoted);
}

Column unpack_column(Unpacker& from) {
  Column c;
  from.get(c.name);
  c.type = static_cast<Column::Type>(from.value<std::uint8_t>());
  c.places = from.value<std::int32_t>();
  c.kind = static_cast<ColumnKind>(from.value<std::uint8_t>());
  from.get(c.mark);
  c.target = from.value<std::uint8_t>() != 0;
  from.get(c.text), from.get(c.number), from.get(c.null), from.get(c.changed), from.get(c.quoted);
  return c;
}

std::string packed(const MadeRows& rows) {
  Packer to;
  to.put(std::uint64_t{rows.tables.size()});
  for (const auto& [split, block] : rows.tables) {
    to.put(static_cast<std::uint8_t>(split));
    to.put(std::uint64_t{block.rows});
    to.put(std::uint64_t{block.columns.size()});
    for (const Column& column : block.columns) pack(to, column);
  }
  to.put(std::uint64_t{rows.rows.size()});
  for (const MadeRows::Row& row : rows.rows) {
    to.put(static_cast<std::uint8_t>(row.split));
    to.put(std::uint64_t{row.at});
    to.put(row.label);
    to.put(to_json_line(row.record));
  }
  to.put(std::uint64_t{rows.aside.size()});
  for (const SetAside& line : rows.aside) to.put(to_json_line(line));
  to.put(rows.unmet);
  return std::move(to.text);
}

MadeRows unpacked(std::string_view text) {
  Unpacker from(text);
  MadeRows rows;
  for (std::size_t tables = from.length(1); tables > 0; --tables) {
    Block& block = rows.tables[static_cast<io::Split>(from.value<std::uint8_t>())];
    block.rows = static_cast<std::size_t>(from.value<std::uint64_t>());
    for (std::size_t columns = from.length(1); columns > 0; --columns) block.columns.push_back(unpack_column(from));
  }
  for (std::size_t left = from.length(1); left > 0; --left) {
    MadeRows::Row row;
    row.split = static_cast<io::Split>(from.value<std::uint8_t>());
    row.at = static_cast<std::size_t>(from.value<std::uint64_t>());
    from.get(row.label);
    row.record = lineage_from_json(from.value<std::string>(), ops::op_table());
    rows.rows.push_back(std::move(row));
  }
  for (std::size_t left = from.length(1); left > 0; --left) rows.aside.push_back(set_aside_from_json(from.value<std::string>()));
  from.get(rows.unmet);
  return rows;
}

}  // namespace

MadeRowsWriter::MadeRowsWriter(const std::filesystem::path& file) : file_(file) { file_.cut(0); }

void MadeRowsWriter::write(std::size_t part, const MadeRows& rows) {
  const std::string text = packed(rows);
  Packer head;
  head.put(std::uint64_t{part});
  head.put(std::uint64_t{text.size()});
  file_.append(head.text);
  file_.append(text);
}

void MadeRowsWriter::publish() { file_.publish(); }

MadeRows MadeRowsReader::next(std::size_t part) {
  constexpr std::uint64_t kHead = 2 * sizeof(std::uint64_t);
  try {
    if (file_.size() < at_ + kHead) throw data_error("is cut off");
    const std::string head = file_.read_text(at_, kHead);
    Unpacker from(head);
    if (from.value<std::uint64_t>() != part) throw data_error("holds other parts of the table");
    const auto size = from.value<std::uint64_t>();
    if (size > file_.size() - at_ - kHead) throw data_error("is cut off");
    MadeRows rows = unpacked(file_.read_text(at_ + kHead, size));
    at_ += kHead + size;
    return rows;
  } catch (const Error& error) {
    throw data_error(io::printable(file_.path().native()) + ": " + error.what()).with_hint("run the shard anew");
  }
}

}  // namespace leaven::flow
