// What paired differences say: one number a seed, both arms of a pair sharing everything but the arm. Terms as in
// Bouthillier et al., "Accounting for variance in machine learning benchmarks" (MLSys 2021).
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace leaven::learn {

using Differences = std::span<const double>;

struct Interval {
  double lo{}, hi{};
};

double mean_of(Differences d);
/// With n − 1; 0 for fewer than two.
double deviation_of(Differences d);

/// Student's interval of the mean of at least two. `resolution` is the step in which single differences can change
/// (0: none): seeds that all give the same still stand for values that far apart, so their deviation counts as at least
/// that of a uniform law so wide.
Interval t_interval(Differences d, double confidence, double resolution = 0);
/// Of a share seen in `count` independent items, 95 % (Wilson 1927); [0, 1] for none.
Interval share_interval(double share, std::size_t count);

/// Two-sided p of mean ≠ 0.
double t_test(Differences d, double resolution = 0);
/// The larger p of two one-sided tests of |mean| < margin (Schuirmann 1987): small means equal within the margin.
double equivalence_test(Differences d, double margin, double resolution = 0);

/// Two-sided p of a mean of 0 when signs are arbitrary: over all 2ⁿ signs, n ≤ 20; the first 20 differences otherwise.
/// Its least value is 2 / 2ⁿ, so fewer than six seeds never reach 0.05.
double sign_flip_test(Differences d);

/// Bias-corrected and accelerated bootstrap interval of the mean (Efron 1987). All nⁿ resamples are counted up to six
/// differences, 20,000 drawn ones above; drawn from a fixed key, so equal differences give equal intervals. Differences
/// that are all the same give that value twice.
Interval bca_interval(Differences d, double confidence);

/// p values adjusted for being many (Benjamini and Hochberg 1995), in the order given.
std::vector<double> adjusted_for_many(std::span<const double> p);

/// Probability that a two-sided paired t test of n pairs at `level` finds an effect of this size.
double power_of_test(double effect, double deviation, std::size_t n, double level = 0.05);
/// The least effect that n pairs find with this power; infinite for fewer than two.
double least_detectable(double deviation, std::size_t n, double power = 0.8, double level = 0.05);
/// How many pairs find `effect` with this power; 0 when more than 10,000 would be needed.
std::size_t pairs_needed(double effect, double deviation, double power = 0.8, double level = 0.05);

}  // namespace leaven::learn
