#include "flow/fitted_file.hpp"

#include <cmath>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "core/lineage.hpp"
#include "io/atomic_file.hpp"

namespace leaven::flow {

namespace {

using Json = nlohmann::ordered_json;

std::string digest_of_fits(const Json& fits) {
  const std::string text = fits.dump();
  return digest_of(text.data(), text.size());
}

/// JSON has no infinity and no NaN, and a fit may hold both.
Json number_to_json(double number) {
  if (std::isfinite(number)) return number;
  return std::isnan(number) ? "nan" : number > 0 ? "inf" : "-inf";
}

double number_from_json(const Json& json) {
  if (json.is_number()) return json.get<double>();
  const std::string text = json.get<std::string>();
  return text == "nan" ? std::numeric_limits<double>::quiet_NaN() : text == "inf" ? kInfinity : -kInfinity;
}

}  // namespace

void write_fits(const std::filesystem::path& file, const plan::FittedOps& fitted) {
  Json fits = Json::object();
  for (const auto& [path, values] : fitted) {
    Json& op = fits[path] = Json::object();
    for (const auto& [name, value] : values) {
      Json numbers = Json::array();
      for (const double number : value) numbers.push_back(number_to_json(number));
      if (value.words.empty()) op[name] = std::move(numbers);
      else op[name] = {{"numbers", std::move(numbers)}, {"words", value.words}};
    }
  }
  const Json json{{"fitted", fits}, {"digest", digest_of_fits(fits)}};
  io::write_file_atomically(file, json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
}

plan::FittedOps read_fits(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return {};
  try {
    const Json json = Json::parse(in);
    if (digest_of_fits(json.at("fitted")) != json.at("digest").get<std::string>())
      throw data_error(file.string() + ": was changed after it was written; its digest is another");
    plan::FittedOps fitted;
    for (const auto& [path, values] : json.at("fitted").items()) {
      Fitted& op = fitted[path];
      for (const auto& [name, value] : values.items()) {
        FittedValues& to = op[name];
        for (const Json& number : value.is_object() ? value.at("numbers") : value) to.push_back(number_from_json(number));
        if (value.is_object()) to.words = value.at("words").get<std::vector<std::string>>();
      }
    }
    return fitted;
  } catch (const Json::exception& e) {
    throw data_error(file.string() + ": is broken: " + e.what());
  }
}

}  // namespace leaven::flow
