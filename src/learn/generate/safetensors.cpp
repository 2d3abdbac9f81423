#include "learn/generate/safetensors.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <nlohmann/json.hpp>

#include "core/error.hpp"

namespace leaven::learn {

using Json = nlohmann::ordered_json;

static_assert(std::endian::native == std::endian::little, "the file's numbers are little-endian");

namespace {

constexpr std::size_t kLengthBytes = 8;
constexpr std::uint64_t kLongestHeader = 100ULL << 20;  // the format's own bound
constexpr std::size_t kAlignment = 8;

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

/// The tensor's part of the data, as far as the header can be believed.
Tensor tensor_from(const std::string& name, const Json& entry, std::string_view data) {
  const auto broken = [&](const std::string& what) { return data_error("tensor " + name + " " + what); };
  if (!entry.is_object() || !entry.contains("dtype") || !entry.contains("shape") || !entry.contains("data_offsets")) throw broken("lacks a part of its description");
  const Json &kind = entry["dtype"], &shape = entry["shape"], &offsets = entry["data_offsets"];
  if (!kind.is_string() || !shape.is_array() || !offsets.is_array() || offsets.size() != 2) throw broken("is described as no tensor is");
  Tensor tensor{.name = name};
  for (const Json& side : shape) tensor.shape.push_back(whole(side));
  const std::uint64_t begin = whole(offsets[0]), end = whole(offsets[1]);
  if (begin > end || end > data.size()) throw broken("lies outside the file");
  const std::string word = kind.get<std::string>();
  const std::uint64_t size = word == "F64" ? 8 : word == "F32" || word == "I32" ? 4 : 0;
  if (size == 0) throw broken("holds " + word + ", and F32, F64 and I32 are read");
  if (product(tensor.shape) != (end - begin) / size || (end - begin) % size != 0) throw broken("has another size than its shape says");
  const std::string_view part = data.substr(begin, end - begin);
  if (word == "F32") tensor.floats = copied<float>(part);
  if (word == "F64") tensor.doubles = copied<double>(part);
  if (word == "I32") tensor.integers = copied<std::int32_t>(part);
  return tensor;
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

std::string to_safetensors(const Tensors& tensors) {
  Json header = Json::object();
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

Tensors from_safetensors(std::string_view bytes) {
  const Json header = header_of(bytes);
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), kLengthBytes);
  const std::string_view data = bytes.substr(kLengthBytes + length);
  Tensors tensors;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> places;
  for (const auto& [name, entry] : header.items()) {
    if (name == "__metadata__") continue;
    Tensor tensor = tensor_from(name, entry, data);
    places.emplace_back(whole(entry["data_offsets"][0]), whole(entry["data_offsets"][1]));
    if (!tensor.floats.empty())
      tensors.add(tensor.name, std::move(tensor.floats), tensor.shape);
    else if (!tensor.integers.empty())
      tensors.add(tensor.name, std::move(tensor.integers), tensor.shape);
    else
      tensors.add(tensor.name, std::move(tensor.doubles), tensor.shape);
  }
  // The format: arrays fill the file without gaps and without overlapping.
  std::ranges::sort(places);
  std::uint64_t at = 0;
  for (const auto& [begin, end] : places) {
    if (begin != at) throw data_error("the tensors of the file overlap or leave gaps");
    at = end;
  }
  if (at != data.size()) throw data_error("the file goes on behind its tensors, or is cut off");
  return tensors;
}

}  // namespace leaven::learn
