#include "learn/torch/table_kinds.hpp"

namespace leaven::learn {

std::vector<TableKind> table_kinds() {
  std::vector<TableKind> kinds = plain_table_kinds();
  kinds.push_back(tvae_kind());
  kinds.push_back(ctgan_kind());
  kinds.push_back(wgan_kind());
  return kinds;
}

}  // namespace leaven::learn
