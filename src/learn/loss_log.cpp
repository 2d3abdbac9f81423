#include "learn/loss_log.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/error.hpp"

namespace leaven::learn {

using Json = nlohmann::ordered_json;

LossLog::LossLog(std::filesystem::path file, std::string search) : file_(std::move(file)), search_(std::move(search)) {
  std::ifstream in(file_);
  for (std::string line; std::getline(in, line);) {
    Json json = Json::parse(line, nullptr, false);
    if (!json.is_object() || !json.contains("search") || json["search"] != search_) continue;
    if (const Json &fold = json["fold"], &number = json["number"], &loss = json["loss"]; fold.is_number_unsigned() && number.is_number_unsigned() && loss.is_number())
      losses_[{fold.get<std::size_t>(), number.get<std::uint32_t>()}] = loss.get<double>();
  }
}

std::optional<double> LossLog::find(std::size_t fold, std::uint32_t number) const {
  const std::lock_guard lock(mutex_);
  const auto found = losses_.find({fold, number});
  return found == losses_.end() ? std::nullopt : std::optional(found->second);
}

void LossLog::add(std::size_t fold, std::uint32_t number, double loss) {
  const std::lock_guard lock(mutex_);
  losses_[{fold, number}] = loss;
  std::ofstream out(file_, std::ios::app);
  // A line end first: what a kill cut off stays a line of its own.
  out << (std::filesystem::file_size(file_) > 0 ? "\n" : "") << Json{{"search", search_}, {"fold", fold}, {"number", number}, {"loss", loss}}.dump() << '\n' << std::flush;
  if (!out) throw environment_error("cannot be written: " + std::string(std::strerror(errno))).with_place(file_.string());
}

}  // namespace leaven::learn
