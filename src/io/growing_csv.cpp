#include "io/growing_csv.hpp"

#include <nlohmann/json.hpp>
#include <utility>

namespace leaven::io {

using Json = nlohmann::json;

GrowingCsv::GrowingCsv(std::filesystem::path path, std::function<std::string(bool adds_split)> header)
    : path_(std::move(path)), header_(std::move(header)) {}

void GrowingCsv::start(bool adds_split) {
  adds_split_ = adds_split;
  file_.emplace(path_);
  file_->cut(0);
  file_->append(header_(adds_split));
}

std::string GrowingCsv::append(std::string_view rows) {
  file_->append(rows);
  return Json{{"bytes", file_->size()}, {"adds_split", adds_split_}}.dump();
}

void GrowingCsv::resume(const std::string& state) {
  const Json json = Json::parse(state);
  adds_split_ = json.at("adds_split");
  GrowingFile::take_back(path_);
  file_.emplace(path_);
  file_->cut(json.at("bytes"));
}

void GrowingCsv::publish() {
  if (!file_) start(false);
  file_->publish();
}

}  // namespace leaven::io
