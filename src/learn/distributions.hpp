// Normal and Student distributions, as far as tests and intervals need them.
#pragma once

namespace leaven::learn {

double normal_cdf(double x);
/// I_x(a, b), a and b > 0, x in [0, 1].
double incomplete_beta(double a, double b, double x);
/// Degrees of freedom > 0, whole or not.
double student_cdf(double t, double freedom);
/// p in (0, 1).
double student_quantile(double p, double freedom);
/// P(T ≤ t) where T = (Z + shift) / √(χ²(freedom) / freedom): what a t statistic follows when there is an effect.
double shifted_student_cdf(double t, double freedom, double shift);

}  // namespace leaven::learn
