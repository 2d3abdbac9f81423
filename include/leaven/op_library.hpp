// Ops of your own in a shared library, which the program and the Python package open alike: structs and functions as C has
// them, so that compiler and standard library may be others than ours. See examples/custom_op.
//
//   static int fade(const LeavenCall* call, void* out, char* error, std::size_t error_size) { ...; return 0; }
//   static const LeavenField fields[] = {{"amount", "How far", "fraction", 0.5, 0.0, 1.0, 0}};
//   static const LeavenOp ops[] = {{"fade", "Fade to white", LEAVEN_LABELS_KEEP, 1, fields, 1, fade}};
//   extern "C" const LeavenOpLibrary leaven_op_library = {LEAVEN_OP_LIBRARY_VERSION, ops, 1};
#pragma once

#include <cstddef>
#include <cstdint>

extern "C" {

enum { LEAVEN_OP_LIBRARY_VERSION = 1 };
enum { LEAVEN_LABELS_KEEP = 0, LEAVEN_LABELS_LOSE = 1 };
enum { LEAVEN_U8 = 0, LEAVEN_U16 = 1, LEAVEN_F32 = 2 };

/// A number that recipes give or draw; `low` and `high` may be infinite.
struct LeavenField {
  const char* name;
  const char* doc;
  const char* unit;
  double usual, low, high;
  int whole;
};

/// Interleaved pixels, `stride` bytes from row to row; type is one of LEAVEN_U8, LEAVEN_U16, LEAVEN_F32.
struct LeavenCall {
  const void* data;
  std::ptrdiff_t stride;
  int width, height, channels, type;
  int alpha;             ///< the last channel is
  int bounded;           ///< floats lie in [0, 1]
  const double* values;  ///< one for each field
  std::uint64_t seed;         ///< random bits, the same for the same draw
};

struct LeavenOp {
  const char* name;     ///< recipes write custom.NAME
  const char* summary;
  int labels;           ///< LEAVEN_LABELS_KEEP or LEAVEN_LABELS_LOSE
  int version;
  const LeavenField* fields;
  std::size_t field_count;
  /// Writes an image of the same shape to `out`, rows without gaps, and returns 0; or writes a text that ends in 0 to
  /// `error` and returns something else. Called by several threads at once. Throws nothing.
  int (*work)(const LeavenCall* call, void* out, char* error, std::size_t error_size);
};

/// What a library has to export as `leaven_op_library`.
struct LeavenOpLibrary {
  int version;  ///< LEAVEN_OP_LIBRARY_VERSION
  const LeavenOp* ops;
  std::size_t op_count;
};
}
