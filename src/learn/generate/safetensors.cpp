#include "learn/generate/safetensors.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/error.hpp"
#include "learn/generate/network_weights.hpp"

namespace leaven::learn {

using Json = nlohmann::ordered_json;

static_assert(std::endian::native == std::endian::little, "the file's numbers are little-endian");

namespace {

constexpr std::size_t kLengthBytes = 8;
constexpr std::uint64_t kLongestHeader = 100ULL << 20;  // the format's own bound
constexpr std::size_t kAlignment = 8;
constexpr const char* kMetadata = "__metadata__";

std::uint64_t product(const std::vector<std::uint64_t>& shape) {
  std::uint64_t count = 1;
  for (const std::uint64_t side : shape) {
    if (side != 0 && count > (std::uint64_t{1} << 48) / side) throw data_error("a tensor's shape is too large");
    count *= side;
  }
  return count;
}

template <class T>
Tensor made(std::string name, std::vector<T> values, std::vector<std::uint64_t> shape, std::vector<T> Tensor::*where) {
  if (shape.empty()) shape = {values.size()};
  if (product(shape) != values.size()) throw bug("tensor " + name + " has another number of values than its shape says");
  Tensor tensor{.name = std::move(name), .shape = std::move(shape)};
  tensor.*where = std::move(values);
  return tensor;
}

const char* kind_of(const Tensor& t) { return !t.floats.empty() ? "F32" : !t.integers.empty() ? "I32" : "F64"; }

std::span<const std::byte> bytes_of(const Tensor& t) {
  if (!t.floats.empty()) return std::as_bytes(std::span(t.floats));
  if (!t.integers.empty()) return std::as_bytes(std::span(t.integers));
  return std::as_bytes(std::span(t.doubles));
}

template <class T>
std::vector<T> copied(std::string_view bytes) {
  std::vector<T> values(bytes.size() / sizeof(T));
  if (!values.empty()) std::memcpy(values.data(), bytes.data(), values.size() * sizeof(T));
  return values;
}

Json header_of(std::string_view bytes) {
  if (bytes.size() < kLengthBytes) throw data_error("is too short for a safetensors file");
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), kLengthBytes);
  if (length > kLongestHeader || length > bytes.size() - kLengthBytes) throw data_error("is no safetensors file, or is cut off: its header is said to be " + std::to_string(length) + " bytes long");
  Json header = Json::parse(bytes.substr(kLengthBytes, length), nullptr, false);
  if (!header.is_object()) throw data_error("is no safetensors file: its header is no JSON object");
  return header;
}

std::uint64_t whole(const Json& value) {
  if (!value.is_number_unsigned()) throw data_error("a number in the header of tensors is not whole");
  return value.get<std::uint64_t>();
}

/// Bytes of one value; 0 for kinds that the format does not have.
std::uint64_t bytes_of_kind(std::string_view kind) {
  if (kind == "F64" || kind == "I64" || kind == "U64") return 8;
  if (kind == "F32" || kind == "I32" || kind == "U32") return 4;
  if (kind == "F16" || kind == "BF16" || kind == "I16" || kind == "U16") return 2;
  return kind == "I8" || kind == "U8" || kind == "BOOL" ? 1 : 0;
}

/// Half precision of IEEE 754; exact.
float from_half(std::uint16_t half) {
  const std::uint32_t sign = (half & 0x8000U) << 16, exponent = (half >> 10) & 0x1fU, rest = half & 0x3ffU;
  if (exponent == 0) return (sign ? -1.0f : 1.0f) * static_cast<float>(rest) * 0x1p-24f;
  return std::bit_cast<float>(sign | (exponent == 31 ? 0xffU << 23 : (exponent + 112) << 23) | rest << 13);
}

/// Numbers of any precision as floats.
std::vector<float> floats_from(std::string_view kind, std::string_view part) {
  if (kind == "F32") return copied<float>(part);
  std::vector<float> values;
  if (kind == "F64")
    for (const double value : copied<double>(part)) values.push_back(static_cast<float>(value));
  else
    for (const std::uint16_t bits : copied<std::uint16_t>(part)) values.push_back(kind == "F16" ? from_half(bits) : std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16));
  return values;
}

enum class Reading { exactly, as_floats };

struct Place {
  std::uint64_t begin{}, end{};
};

/// Adds the tensor, as far as the header can be believed; where it lies in the data.
Place read_tensor(const std::string& name, const Json& entry, std::string_view data, Reading reading, Tensors& to) {
  const auto broken = [&](const std::string& what) { return data_error("tensor " + name + " " + what); };
  if (!entry.is_object() || !entry.contains("dtype") || !entry.contains("shape") || !entry.contains("data_offsets")) throw broken("lacks a part of its description");
  const Json &kind = entry["dtype"], &sides = entry["shape"], &offsets = entry["data_offsets"];
  if (!kind.is_string() || !sides.is_array() || !offsets.is_array() || offsets.size() != 2) throw broken("is described as no tensor is");
  std::vector<std::uint64_t> shape;
  for (const Json& side : sides) shape.push_back(whole(side));
  const Place place{whole(offsets[0]), whole(offsets[1])};
  if (place.begin > place.end || place.end > data.size()) throw broken("lies outside the file");
  const std::string word = kind.get<std::string>();
  const bool exact = word == "F32" || word == "F64" || word == "I32";
  const std::uint64_t size = bytes_of_kind(word), length = place.end - place.begin;
  if (size == 0 || (reading == Reading::exactly && !exact))
    throw broken("holds " + word + ", and " + (reading == Reading::exactly ? "F32, F64 and I32 are read" : "F64, F32, F16 and BF16 are read"));
  if (product(shape) != length / size || length % size != 0) throw broken("has another size than its shape says");
  const std::string_view part = data.substr(place.begin, length);
  const bool number = word.find('F') != std::string::npos;
  if (reading == Reading::as_floats) {
    if (number) to.add(name, floats_from(word, part), std::move(shape));
  } else if (word == "F32" && length > 0) {
    to.add(name, copied<float>(part), std::move(shape));
  } else if (word == "I32" && length > 0) {
    to.add(name, copied<std::int32_t>(part), std::move(shape));
  } else {
    to.add(name, copied<double>(word == "F64" ? part : std::string_view{}), std::move(shape));
  }
  return place;
}

Tensors read_all(std::string_view bytes, Reading reading) {
  const Json header = header_of(bytes);
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), kLengthBytes);
  const std::string_view data = bytes.substr(kLengthBytes + length);
  Tensors tensors;
  std::vector<Place> places;
  for (const auto& [name, entry] : header.items())
    if (name != kMetadata) places.push_back(read_tensor(name, entry, data, reading, tensors));
  // The format: arrays fill the file without gaps and without overlapping.
  std::ranges::sort(places, {}, [](const Place& place) { return std::pair(place.begin, place.end); });
  std::uint64_t at = 0;
  for (const Place& place : places) {
    if (place.begin != at) throw data_error("the tensors of the file overlap or leave gaps");
    at = place.end;
  }
  if (at != data.size()) throw data_error("the file goes on behind its tensors, or is cut off");
  return tensors;
}

}  // namespace

void Tensors::add(std::string name, std::vector<float> values, std::vector<std::uint64_t> shape) {
  tensors_.push_back(made(std::move(name), std::move(values), std::move(shape), &Tensor::floats));
}
void Tensors::add(std::string name, std::vector<double> values, std::vector<std::uint64_t> shape) {
  tensors_.push_back(made(std::move(name), std::move(values), std::move(shape), &Tensor::doubles));
}
void Tensors::add(std::string name, std::vector<std::int32_t> values, std::vector<std::uint64_t> shape) {
  tensors_.push_back(made(std::move(name), std::move(values), std::move(shape), &Tensor::integers));
}

const Tensor& Tensors::find(std::string_view name) const {
  const auto at = std::ranges::find(tensors_, name, &Tensor::name);
  if (at == tensors_.end()) throw data_error("the generator's file has no tensor " + std::string(name));
  return *at;
}

namespace {

template <class T>
const std::vector<T>& checked(const Tensor& tensor, const std::vector<T>& values, std::size_t size) {
  const std::uint64_t count = product(tensor.shape);
  if (values.size() != count || (size != Tensors::kAnySize && count != size))
    throw data_error("tensor " + tensor.name + " of the generator's file has another kind or size than its card says");
  return values;
}

}  // namespace

const std::vector<float>& Tensors::floats(std::string_view name, std::size_t size) const {
  const Tensor& tensor = find(name);
  return checked(tensor, tensor.floats, size);
}
const std::vector<double>& Tensors::doubles(std::string_view name, std::size_t size) const {
  const Tensor& tensor = find(name);
  return checked(tensor, tensor.doubles, size);
}
const std::vector<std::int32_t>& Tensors::integers(std::string_view name, std::size_t size) const {
  const Tensor& tensor = find(name);
  return checked(tensor, tensor.integers, size);
}

std::string to_safetensors(const Tensors& tensors, const Metadata& metadata) {
  Json header = Json::object();
  if (!metadata.empty()) header[kMetadata] = metadata;
  std::uint64_t at = 0;
  for (const Tensor& tensor : tensors.all()) {
    const std::uint64_t size = bytes_of(tensor).size();
    if (header.contains(tensor.name)) throw bug("two tensors are called " + tensor.name);
    header[tensor.name] = {{"dtype", kind_of(tensor)}, {"shape", tensor.shape}, {"data_offsets", {at, at + size}}};
    at += size;
  }
  std::string text = header.dump();
  text.resize((text.size() + kAlignment - 1) / kAlignment * kAlignment, ' ');
  std::string bytes(kLengthBytes, '\0');
  const std::uint64_t length = text.size();
  std::memcpy(bytes.data(), &length, kLengthBytes);
  bytes += text;
  for (const Tensor& tensor : tensors.all()) {
    const auto part = bytes_of(tensor);
    bytes.append(reinterpret_cast<const char*>(part.data()), part.size());
  }
  return bytes;
}

Tensors from_safetensors(std::string_view bytes) { return read_all(bytes, Reading::exactly); }

Metadata metadata_of_safetensors(std::string_view bytes) {
  const Json said = header_of(bytes).value(kMetadata, Json::object());
  if (!said.is_object()) throw data_error("what is said of the tensors is no JSON object");
  Metadata metadata;
  for (const auto& [name, text] : said.items()) {
    if (!text.is_string()) throw data_error("what is said of the tensors under " + name + " is no text");
    metadata[name] = text.get<std::string>();
  }
  return metadata;
}

Tensors weights_from_safetensors(std::string_view bytes) { return read_all(bytes, Reading::as_floats); }

}  // namespace leaven::learn
