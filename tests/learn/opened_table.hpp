// A table in a folder of its own, all of its rows taken up.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <numeric>
#include <string>

#include "learn/table_material.hpp"
#include "tests/learn/small_data.hpp"

namespace leaven::learn {

class OpenedTable : public testing::Test {
 protected:
  std::unique_ptr<TableMaterial> opened(const std::string& text, const MaterialOptions& more = {}) {
    write_text(scratch_ / "t.csv", text);
    MaterialOptions options = more;
    options.data = scratch_ / "t.csv";
    auto material = std::make_unique<TableMaterial>(options);
    Entries all(material->index().entries.size());
    std::iota(all.begin(), all.end(), 0U);
    material->take(all);
    return material;
  }
  ScratchFolder scratch_{};
};

}  // namespace leaven::learn
