// What the gate says, as text.
#include <fmt/format.h>

#include <algorithm>

#include "flow/report_text.hpp"
#include "learn/generate/table_gate.hpp"

namespace leaven::learn {

namespace {

std::string row(const std::string& name, const std::string& value, const std::string& reference) { return fmt::format("  {:<50} {:>12}   {}\n", name, value, reference); }

}  // namespace

std::string gate_text(const TableGate& g) {
  std::string text = g.accepted() ? "accepted" : "refused";
  if (g.accepted() && g.has_target) {
    const GateMix& best = g.mixes[g.best];
    text += fmt::format(": best mix {}, {:+.2f} points of macro-F1 (95 % interval {:+.2f} to {:+.2f}), {}", best.name, best.verdict.mean, best.verdict.interval.lo, best.verdict.interval.hi,
                        name_of(best.verdict.word));
  }
  text += "\n";
  for (const std::string& reason : g.reasons) text += "  refused    " + reason + "\n";
  for (const std::string& note : g.notes) text += "  note       " + note + "\n";
  text += fmt::format("\n{} new rows against {} held-out ones\n", flow::count_text(g.made), flow::count_text(g.held_out));
  text += row("", "new", "train's own");
  if (!g.columns.empty()) {
    const GateColumn& worst = *std::ranges::max_element(g.columns, {}, &GateColumn::made);
    double mean = 0, mean_of_train = 0;
    for (const GateColumn& column : g.columns) mean += column.made / static_cast<double>(g.columns.size()), mean_of_train += column.train / static_cast<double>(g.columns.size());
    text += row("columns apart, mean (KS, total variation)", fmt::format("{:.4f}", mean), fmt::format("{:.4f}", mean_of_train));
    text += row("  most: " + worst.name, fmt::format("{:.4f}", worst.made), fmt::format("{:.4f}", worst.train));
  }
  text += row("associations apart, mean", fmt::format("{:.4f}", g.association.mean), fmt::format("{:.4f}", g.association_of_train.mean));
  if (!g.association.first.empty()) text += row("  most: " + g.association.first + ", " + g.association.second, fmt::format("{:.4f}", g.association.most), fmt::format("{:.4f}", g.association_of_train.most));
  text += row("told from real rows by trees, AUC", fmt::format("{:.3f}", g.detection), "0.5 is not at all");
  text += row("nearer to rows that it saw than to held-out", fmt::format("{:.1f} %", 100 * g.closeness.nearer_train), "50 % remembers nothing");
  text += row("5th percentile of distances to rows that it saw", fmt::format("{:.3f}", g.closeness.nearest_5th), fmt::format("{:.3f} of held-out rows", g.closeness.held_out_5th));
  text += row("copies", flow::count_text(g.closeness.copies_seen), fmt::format("{:.2f} % of train have a twin", 100 * g.closeness.twins));
  if (!g.has_target) return text;
  text += row("classes as a teacher sees them", fmt::format("{:.1f} %", g.teacher_made), fmt::format("{:.1f} % of held-out rows", g.teacher_held_out));
  text += row("macro-F1 after training on them alone", fmt::format("{:.2f}", g.made_score), fmt::format("{:.2f} on as many real rows", g.real_score));
  for (const GateMix& mix : g.mixes)
    text += row("  real rows with " + (mix.name == "fill" ? std::string("small classes filled up") : mix.name + " new ones"), fmt::format("{:+.2f}", mix.verdict.mean),
                fmt::format("{:+.2f} to {:+.2f}, {}", mix.verdict.interval.lo, mix.verdict.interval.hi, name_of(mix.verdict.word)));
  return text;
}

}  // namespace leaven::learn
