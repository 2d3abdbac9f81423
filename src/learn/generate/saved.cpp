#include "learn/generate/saved.hpp"

#include <fmt/format.h>

#include <vector>

#include "core/error.hpp"
#include "core/lineage.hpp"
#include "flow/out_folder.hpp"
#include "io/atomic_file.hpp"
#include "learn/generate/checkpoint.hpp"
#include "learn/generate/gate_file.hpp"
#include "learn/generate/gate_mix.hpp"
#include "learn/generate/generate.hpp"

namespace leaven::learn {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

namespace {

constexpr int kCardVersion = 1;

std::string text_of(const fs::path& file) {
  const io::Bytes bytes = io::read_file(file);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string digest(const std::string& text) { return digest_of(text.data(), text.size()); }

}  // namespace

void save_generator(const fs::path& folder, SavedGenerator& generator) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw environment_error("cannot be made: " + error.message()).with_place(folder.string());
  const std::string tensors = to_safetensors(generator.tensors);
  generator.card["leaven_generator"] = kCardVersion;
  generator.card["tensors"] = digest(tensors);
  const std::string card = generator.card.dump(1) + "\n";
  // Where there is no room for the new one, the one before stays.
  const auto fresh = [&](const char* file) { return folder / (std::string(file) + ".new"); };
  try {
    io::write_file_atomically(fresh(kTensorsFile), tensors);
    io::write_file_atomically(fresh(kCardFile), card);
  } catch (...) {
    for (const char* file : {kTensorsFile, kCardFile}) fs::remove(fresh(file), error);
    throw;
  }
  // What is said of the one before goes with it.
  for (const char* file : {kCardFile, kGateFile, kGatePage}) fs::remove(folder / file, error);
  for (const char* file : {kTensorsFile, kCardFile}) fs::rename(fresh(file), folder / file);
  generator.hash = digest(card);
}

void require_room_for(const FitOptions& options) {
  if (fs::is_directory(options.data)) flow::require_apart(options.data, options.out);  // grids among pictures would be a class of their own
  if (options.overwrite || options.resume) return;
  std::error_code error;
  if (fs::exists(options.out / kCardFile, error)) throw usage_error("holds a generator already").with_place(options.out.string()).with_hint("--overwrite fits one in its place");
  require_no_stopped_fit(options.out);
}

void require_held_out(const FitOptions& options, std::size_t held_out, const char* many, std::vector<std::string>& notes) {
  if (held_out >= kLeastHeldOut) return;
  const std::string lacking = fmt::format("the gate needs {} {} that are held out, and has {}", kLeastHeldOut, many, held_out);
  if (options.to_be_accepted) throw data_error(lacking).with_place(options.data.string()).with_hint("a larger held_out:, or force: true");
  notes.push_back(lacking + ": nobody can say whether what this generator makes may be used");
}

void require_no_stopped_fit(const fs::path& folder) {
  std::error_code error;
  if (fs::exists(folder / kCheckpointFile, error)) throw usage_error("holds a fit that was stopped").with_place(folder.string()).with_hint("--resume goes on with it, --overwrite begins anew");
}

std::optional<Fitted> taken_up(const FitOptions& options, const Json& identity, Checkpoint& checkpoint) {
  const auto tell = [&](const std::string& what) {
    if (options.tell) options.tell(what);
  };
  std::error_code error;
  if (!options.resume) {
    checkpoint.remove();
    return std::nullopt;
  }
  if (checkpoint.take_up()) {
    tell("goes on where it was stopped");
    return std::nullopt;
  }
  if (!fs::exists(options.out / kCardFile, error)) {
    tell("nothing to go on from: begins with the first step");
    return std::nullopt;
  }
  const SavedGenerator whole = load_generator(options.out);
  if (const std::string differs = difference(identity, whole.card); !differs.empty()) {
    if (!options.overwrite) throw usage_error("holds a generator that was fitted " + differs).with_place(options.out.string()).with_hint("--overwrite instead of --resume fits one in its place");
    return std::nullopt;
  }
  return Fitted{.kind = from_card<std::string>(whole.card, "kind"), .hash = whole.hash, .train = from_card<std::uint64_t>(whole.card, "train"), .held_out = from_card<std::uint64_t>(whole.card, "held_out"),
                .notes = from_card<std::vector<std::string>>(whole.card, "notes"), .done_before = true};
}

SavedGenerator load_generator(const fs::path& folder, const std::optional<double>& guidance) {
  std::error_code error;
  if (!fs::is_regular_file(folder / kCardFile, error))
    throw usage_error("holds no generator: there is no " + std::string(kCardFile)).with_place(folder.string()).with_hint("leaven generate fit makes one");
  const std::string card = text_of(folder / kCardFile);
  SavedGenerator generator{.card = Json::parse(card, nullptr, false)};
  try {
    if (!generator.card.is_object()) throw data_error("is no JSON object");
    if (from_card<int>(generator.card, "leaven_generator") != kCardVersion) throw data_error("was written by another version of leaven");
  } catch (Error& e) {
    throw e.with_place((folder / kCardFile).string());
  }
  try {
    const std::string tensors = text_of(folder / kTensorsFile);
    if (digest(tensors) != from_card<std::string>(generator.card, "tensors")) throw data_error("is damaged: it is not what the card names");
    generator.tensors = from_safetensors(tensors);
  } catch (Error& e) {
    throw e.with_place((folder / kTensorsFile).string());
  }
  generator.hash = digest(card);
  if (!guidance) return generator;
  if (!generator.card.contains("guidance")) throw usage_error("was fitted without guidance, and draws without").with_place(folder.string()).with_hint("leaven generate fit --kind flow --guidance 2");
  generator.card["guidance"] = *guidance;
  return generator;
}

double guidance_of(const SavedGenerator& generator) {
  if (!generator.card.contains("guidance")) return 1;
  const auto guidance = from_card<double>(generator.card, "guidance");
  if (!(guidance >= 0 && guidance <= kMostGuidance)) throw data_error("the generator's card has a broken guidance");
  return guidance;
}

template <class T>
T from_card(const Json& card, const std::string& name) {
  const auto at = card.find(name);
  if (at == card.end()) throw data_error("the generator's card lacks " + name);
  try {
    return at->template get<T>();
  } catch (const nlohmann::json::exception&) {
    throw data_error("the generator's card has a broken " + name);
  }
}

template int from_card(const Json&, const std::string&);
template double from_card(const Json&, const std::string&);
template bool from_card(const Json&, const std::string&);
template std::string from_card(const Json&, const std::string&);
template std::uint64_t from_card(const Json&, const std::string&);
template Json from_card(const Json&, const std::string&);
template std::vector<std::string> from_card(const Json&, const std::string&);
template std::vector<int> from_card(const Json&, const std::string&);

}  // namespace leaven::learn
