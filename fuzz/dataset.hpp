// Dataset containers and tables: whatever the bytes, an index whose samples can be read or are refused one by one.
#pragma once

#include "fuzz/target.hpp"

namespace leaven::fuzz {

bool run_idx(io::BytesView input);
std::vector<io::Bytes> idx_seeds();

bool run_cifar(io::BytesView input);
std::vector<io::Bytes> cifar_seeds();

bool run_npz(io::BytesView input);
std::vector<io::Bytes> npz_seeds();

bool run_webdataset(io::BytesView input);
std::vector<io::Bytes> webdataset_seeds();

bool run_manifest(io::BytesView input);
std::vector<io::Bytes> manifest_seeds();

bool run_table(io::BytesView input);
std::vector<io::Bytes> table_seeds();

}  // namespace leaven::fuzz
