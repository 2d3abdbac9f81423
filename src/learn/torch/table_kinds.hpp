// Every generator of tables that there is.
#pragma once

#include <vector>

#include "learn/generate/row_model.hpp"

namespace leaven::learn {

/// "copula" first, then "bootstrap", "tvae", "ctgan", "wgan".
std::vector<TableKind> table_kinds();

TableKind tvae_kind();
TableKind ctgan_kind();
TableKind wgan_kind();

}  // namespace leaven::learn
