#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "io/atomic_file.hpp"
#include "learn/generate/gate_file.hpp"
#include "learn/generate/generate.hpp"
#include "learn/generate/table_gate.hpp"
#include "learn/generate/named_kind.hpp"
#include "learn/generate/table_source.hpp"
#include "learn/generate/training_curve.hpp"

namespace leaven::learn {

using Json = nlohmann::ordered_json;

namespace {

constexpr std::size_t kShown = 2000;  // rows of the page's pictures

Json to_json(const TableGate& gate, const std::string& hash) {
  Json columns = Json::array(), mixes = Json::array();
  for (const GateColumn& c : gate.columns) columns.push_back({{"name", c.name}, {"distance", c.made}, {"train", c.train}});
  for (const GateMix& m : gate.mixes)
    mixes.push_back({{"mix", m.name}, {"inner", m.inner}, {"gain", m.verdict.mean}, {"lo", m.verdict.interval.lo}, {"hi", m.verdict.interval.hi}, {"verdict", name_of(m.verdict.word)}});
  Json scores{{"association", gate.association.mean}, {"detection_auc", gate.detection}, {"nearer_train", gate.closeness.nearer_train}, {"nearest_5th", gate.closeness.nearest_5th},
              {"held_out_5th", gate.closeness.held_out_5th}, {"copies", gate.closeness.copies_seen}};
  if (gate.has_target) {
    scores["teacher_agreement"] = gate.teacher_made, scores["teacher_held_out"] = gate.teacher_held_out;
    scores["macro_f1_on_new_alone"] = gate.made_score, scores["macro_f1_on_real"] = gate.real_score;
    scores["best_mix"] = gate.mixes[gate.best].name, scores["gain"] = gate.mixes[gate.best].verdict.mean;
  }
  return {{"verdict", gate.accepted() ? kAccepted : kRefused}, {"generator", hash}, {"reasons", gate.reasons}, {"notes", gate.notes}, {"scores", scores}, {"columns", columns},
          {"mixes", mixes}, {"train", gate.train}, {"held_out", gate.held_out}, {"made", gate.made}, {"leaven", LEAVEN_VERSION}};
}

}  // namespace

Checked check_table(const CheckOptions& options, std::span<const TableKind> kinds, const std::atomic<bool>& stop) {
  const SavedGenerator saved = load_generator(options.generator, options.guidance);
  const std::unique_ptr<RowModel> model = load_row_model(saved, kinds, options.generator);
  const SplitTable split = split_as_fitted(saved, options.data);
  require_same_columns(model->shape(), split.train);
  const RowSource draw = [&](std::uint32_t label, std::uint64_t seed, std::uint64_t first, std::size_t count) { return model->draw(label, seed, first, count); };
  const TableGate gate = judge_table(split.train, split.held_out, draw, {}, options.threads, stop);
  const std::string title = from_card<std::string>(saved.card, "kind") + " of " + from_card<std::string>(saved.card, "data");
  io::write_file_atomically(options.generator / kGatePage, gate_page(gate, split.train, model->draw(kNoClass, 0, 0, kShown), training_of(saved.card), title));
  io::write_file_atomically(options.generator / kGateFile, to_json(gate, saved.hash).dump(1) + "\n");
  return {gate.accepted(), gate_text(gate), options.generator / kGatePage};
}

}  // namespace leaven::learn
