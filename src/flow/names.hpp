// Where every output lies: a name for each original and copy, such that no two are ever the same.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "io/dataset.hpp"

namespace leaven::flow {

/// Names depend on the index alone: neither on the order of files nor on how many copies are made, in which split, or on
/// what was set aside. So a dataset can grow, be resumed and be made in shards under the same names.
///
/// A copy is `<base>_aug<k>.<extension>` beside its original. The base is the source's stem, or the beginning and a digest
/// of one that is so long that a file system could refuse its copies. Where another source of that folder has the same
/// stem, it is `<stem>_<extension>`; and while a source of that folder is named `<base>_aug<digits>` or the base is taken,
/// '_' is added, in id order. An original keeps its path; where it has none that can be kept (bare pixels, another
/// layout), it is `<stem>.<extension>`, or `<base>.<extension>` where it shares its stem, in the folder that io::tree_path() gives it.
class OutputNames {
 public:
  /// Throws Error(usage) when `layout` needs one class a sample and the dataset has none, or a label cannot be the name
  /// of a folder.
  OutputNames(const io::DatasetIndex& index, io::OutputLayout layout);

  /// `split` is where the sample ended; its folder is put in front unless the id has it already.
  std::string original(std::uint32_t entry, io::Split split) const;
  /// `extension` is that of the encoding; where the source's own means the same ("JPEG", "jpeg"), it is kept.
  std::string copy(std::uint32_t entry, io::Split split, std::uint32_t k, std::string_view extension) const;

 private:
  struct Name {
    std::string folder{};     ///< "" or "cat/"
    std::string stem{}, extension{};
  };
  Name preferred(std::uint32_t entry) const;
  std::string base(std::uint32_t entry, const Name& name) const;
  std::string split_folder(std::uint32_t entry, io::Split split) const;
  void resolve_collisions();

  const io::DatasetIndex& index_;
  io::OutputLayout layout_;
  bool class_folders_{};  ///< <label>/<name>
  bool keeps_paths_{};    ///< originals have the path that is their id
  bool keys_{};           ///< packed: names without dots that are unique without their extension
  bool pixels_{};         ///< packed as arrays, which have no extension
  bool lists_splits_{};   ///< splits are told by lists, not by folders
  std::vector<std::pair<std::uint32_t, std::string>> odd_bases_;  ///< by entry; sources whose base is not their stem
};

/// "jpg" for "JPEG", "tif" for "Tiff", else the extension in lower case: equal for spellings of one format.
std::string plain_extension(std::string_view extension);

}  // namespace leaven::flow
