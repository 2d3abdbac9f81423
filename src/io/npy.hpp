// NumPy's array files: the header, and arrays inside files.
// Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "io/codec.hpp"
#include "io/file.hpp"

namespace leaven::io {

struct NpyHeader {
  char kind{};                 ///< u, i, f, b (bool), U, S as in NumPy's descr
  std::uint64_t item_bytes{};  ///< of one element
  bool big_endian{};
  bool fortran{};  ///< column-major
  std::vector<std::uint64_t> shape{};
  std::uint64_t data_offset{};  ///< from the start of the array's file
  std::uint64_t items() const;  ///< product of the shape
};

/// `head` holds at least the header. Throws Error(data): no NPY, an unknown version, Python objects, sizes that
/// overflow.
NpyHeader parse_npy_header(BytesView head);
/// Header of an array that starts at `offset` of the file.
NpyHeader read_npy_header(const InputFile& file, std::uint64_t offset, std::uint64_t size);
/// The bytes before the data, a multiple of 64 long, with room for `reserve` rows to be patched in later.
/// `descr`: "|u1", "<f4"; `behind_first`: the dimensions but the first.
std::string npy_header(const std::string& descr, std::uint64_t rows, const std::vector<std::uint64_t>& behind_first);

/// One array: its own .npy file, or a member of an .npz.
struct NpyArray {
  std::string name{};  ///< without .npy
  std::shared_ptr<const InputFile> file{};
  std::uint64_t data{};  ///< where the elements start
  NpyHeader header{};
};
/// Of an .npz, or the one of an .npy. Packed members are unpacked into temporary files. Members that are no arrays are
/// left out. Throws Error(data).
std::vector<NpyArray> npy_arrays(const std::filesystem::path& path);

/// One row's elements as texts: whole numbers "3", floats "0.25", strings as they are. `first`: index of the element.
std::vector<std::string> npy_texts(const NpyArray& array, std::uint64_t first, std::uint64_t count);

}  // namespace leaven::io
