// One line of leaven.lineage.jsonl: where an output came from and every value that made it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/program.hpp"

namespace leaven {

/// How an output file was encoded, so that replay writes the same bytes.
struct EncodingRecord {
  std::string format{};       ///< jpeg, png, webp, tiff, npy, csv; empty: bytes copied from the source
  int quality{};
  std::string subsampling{};  ///< "4:2:0"
  bool lossless{};
  bool icc{};                 ///< the source's profile was embedded
  int channels{};             ///< npy: widened() to so many, to lie in one array with others; 0: as many as there were
  bool without_metadata{};    ///< copied, less camera data (io/metadata.hpp)
};

/// Where a row came from that no source holds: all that its first cells are computed from.
struct SynthesisRecord {
  std::string method{};                 ///< smote, polynom_fit, …
  std::vector<std::string> parents{};   ///< source ids; the first is the row that it began with
  std::vector<std::string> parent_digests{};  ///< of those rows
  std::vector<double> lambda{};         ///< how far from the first parent to the others
  std::vector<std::string> voters{};    ///< rows whose most frequent category it took; empty: the first parent's
  Key key{};                            ///< of what is too long to list
  friend bool operator==(const SynthesisRecord&, const SynthesisRecord&) = default;
};

struct LineageRecord {
  std::string id{};        ///< output id: path inside OUT, or index in a packed file
  std::string source{};    ///< source id
  std::string label{};     ///< as in the roster, JSON text for multi-label and numbers; empty: none; of mixed numbers their mean
  std::vector<std::pair<std::string, double>> weights{};  ///< of a mixed sample: how much each class counts; empty: `label` alone
  std::string split{};     ///< train, val, test or empty
  std::uint32_t copy{};    ///< 0: the original
  std::uint32_t attempt{};
  Program program{};       ///< empty for an original
  bool fuse{true};
  bool decode_scaled{};  ///< the source's decoder was allowed to shrink
  /// What became of the instances marked on the source; nothing where it had none.
  struct Instances {
    std::size_t kept{}, dropped{};
    friend bool operator==(const Instances&, const Instances&) = default;
  };
  std::optional<Instances> instances{};
  std::optional<SynthesisRecord> synthesis{};
  std::string generated{};  ///< JSON: of a sample that a learned model made: generator, kind, seed, condition, gate; empty: it is real
  std::vector<std::string> repairs{};  ///< constraints that the row had to be repaired for, in order
  EncodingRecord encoding{};
  std::string digest{};    ///< XXH3-128 of the output's bytes, hex
  std::string source_digest{};  ///< XXH3-128 of the source's bytes
};

/// One line of JSON without the newline, keys in a fixed order, numbers shortest-exact: equal records, equal bytes.
std::string to_json_line(const LineageRecord& record);
/// Throws Error(data) for a malformed line, Error(usage) for an op or field that this build does not know.
LineageRecord lineage_from_json(std::string_view line, const OpTable& ops);

/// XXH3-128 as 32 hexadecimal digits.
std::string digest_of(const void* data, std::size_t size);

}  // namespace leaven
