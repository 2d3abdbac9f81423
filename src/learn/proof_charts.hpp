// The sections of a proof's page that are charts over time, classes and severities.
#pragma once

#include "flow/html.hpp"
#include "learn/proof.hpp"

namespace leaven::learn {

/// Null where there was no such training.
const ArmResult* result_of(const Proof& proof, const std::string& arm, Regime regime);

// Each writes nothing where there is nothing to draw.
void write_curves(flow::HtmlWriter& page, const Proof& proof);
/// Of arms whose strength follows the training, and of those that have its mean all along.
void write_strengths(flow::HtmlWriter& page, const Proof& proof);
void write_classes(flow::HtmlWriter& page, const Proof& proof);
void write_robustness(flow::HtmlWriter& page, const Proof& proof);

}  // namespace leaven::learn
