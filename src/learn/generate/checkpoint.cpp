#include "learn/generate/checkpoint.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <map>
#include <string_view>
#include <utility>

#include "core/lineage.hpp"
#include "io/atomic_file.hpp"

namespace leaven::learn {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

namespace {

constexpr const char* kNext = ".next";
constexpr const char* kVersion = "1";
constexpr const char* kAnew = "--overwrite instead of --resume begins anew";
constexpr std::array<std::string_view, 2> kParts{"pretraining", "training"};

// At most a tenth of the work is lost, and never more than ten seconds; writing takes a two-hundredth of the time at most.
constexpr std::chrono::seconds kSoonest{1}, kLatest{10};
constexpr int kWorth = 200;

/// Of all tensors and what is said of them.
std::string digest_of_all(const Tensors& tensors, const Metadata& metadata) {
  const std::string bytes = to_safetensors(tensors, metadata);
  return digest_of(bytes.data(), bytes.size());
}

/// Takes the file's place only when it is on the disk, so that a loss of power leaves the old one or the new one.
void replace_durably(const fs::path& file, std::string_view bytes) {
  const fs::path next = fs::path(file) += kNext;
  io::write_file_atomically(next, bytes);
  const io::Descriptor written{::open(next.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!written || ::fsync(written.get()) != 0 || ::rename(next.c_str(), file.c_str()) != 0)
    throw environment_error("cannot be written: " + io::reason_of(errno)).with_place(file.string());
}

std::string text_of(const Json& value) { return value.is_string() ? value.get<std::string>() : value.is_null() || (value.is_number() && value == 0) ? "the usual" : value.dump(); }

}  // namespace

std::string difference(const Json& asked, const Json& there) {
  // What a person cannot be shown in a line, and what is no flag.
  static const std::map<std::string, std::string> kWords{{"data_digest", "other data"}, {"recipe", "another recipe"}, {"begun_with", "another beginning (--from, --pretrain)"}};
  static const std::map<std::string, std::string> kFlags{{"held_out_share", "--held-out"}, {"per_class", "--per-class"}, {"side", "--size"}, {"format", "--input-format"}, {"leaven", "leaven"}, {"data", "data named"}};
  std::vector<std::string> names{"guidance", "begun_with"};
  for (const auto& [name, value] : asked.items()) names.push_back(name);
  for (const std::string& name : names) {
    const Json was = there.value(name, Json()), is = asked.value(name, Json());
    if (was == is || (name == "steps" && was.is_null())) continue;  // a card does not say how many were asked for
    if (const auto words = kWords.find(name); words != kWords.end()) return "with " + words->second;
    const auto flag = kFlags.find(name);
    return fmt::format("with {} {}, and now it is {}", flag == kFlags.end() ? "--" + name : flag->second, text_of(was), text_of(is));
  }
  return "";
}

Checkpoint::Checkpoint(fs::path folder, Json identity) : folder_(std::move(folder)), identity_(std::move(identity)) {}

bool Checkpoint::take_up() {
  std::error_code error;
  if (!fs::exists(file(), error)) return false;
  const io::Bytes bytes = io::read_file(file());
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const auto damaged = [&](const std::string& how) { return data_error("is damaged: " + how).with_place(file().string()).with_hint(kAnew); };
  There there;
  Metadata said;
  try {
    said = metadata_of_safetensors(text);
    there.tensors = from_safetensors(text);
  } catch (const Error& e) {
    throw damaged(e.message());
  }
  const std::string digest = std::exchange(said["digest"], "");
  if (said["leaven_checkpoint"] != kVersion && !digest.empty()) throw usage_error("was written by another version of leaven").with_place(file().string()).with_hint(kAnew);
  if (digest != digest_of_all(there.tensors, said)) throw damaged("its bytes are not those that were written");
  const Json fit = Json::parse(said["fit"], nullptr, false);
  const auto part = std::ranges::find(kParts, said["part"]);
  if (!fit.is_object() || part == kParts.end()) throw damaged("it does not say of which fit it is");
  if (const std::string differs = difference(identity_, fit); !differs.empty())
    throw usage_error("holds a fit that was begun " + differs).with_place(folder_.string()).with_hint(std::string("--resume goes on with the same fit; ") + kAnew);
  there.part = static_cast<FitPart>(part - kParts.begin());
  there.machinery = said["machinery"];
  there_ = std::move(there);
  return true;
}

void Checkpoint::remove() {
  std::error_code error;
  const fs::path next = file() += kNext;
  for (const fs::path& left : {file(), next, fs::path(next) += io::kTemporarySuffix}) fs::remove(left, error);
}

void Checkpoint::give_back(const std::string& machinery, const Walk& training) {
  if (!stands_in(part_)) return;
  const There there = *std::exchange(there_, std::nullopt);
  if (there.machinery != machinery)
    throw usage_error("was begun by " + there.machinery + ", and here is " + machinery + ", which calculates otherwise").with_place(folder_.string()).with_hint(std::string("go on where it was begun; ") + kAnew);
  try {
    Carried state(there.tensors);
    for (const Walk& walk : always_) walk(state);
    training(state);
    state.end();
  } catch (const Error& e) {
    throw e.fault() == Fault::data ? data_error("is damaged: " + e.message()).with_place(file().string()).with_hint(kAnew) : e;
  }
}

bool Checkpoint::is_due() const {
  const auto now = Clock::now();
  return now - last_ > std::max<Clock::duration>(kWorth * cost_, std::clamp<Clock::duration>((now - begun_) / 10, kSoonest, kLatest));
}

void Checkpoint::write(const std::string& machinery, const Walk& training) {
  const auto begun = Clock::now();
  Carried state;
  for (const Walk& walk : always_) walk(state);
  training(state);
  Metadata said{{"leaven_checkpoint", kVersion}, {"fit", identity_.dump()}, {"part", std::string(kParts[static_cast<std::size_t>(part_)])}, {"machinery", machinery}, {"digest", ""}};
  said["digest"] = digest_of_all(state.tensors(), said);
  const std::string bytes = to_safetensors(state.tensors(), said);
  try {
    replace_durably(file(), bytes);
  } catch (Error& e) {
    throw e.with_hint("when that is mended --resume goes on");
  }
  last_ = Clock::now();
  cost_ = last_ - begun;
}

}  // namespace leaven::learn
