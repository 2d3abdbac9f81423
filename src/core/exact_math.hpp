// Elementary functions with the same bits on every CPU: libm picks its code by the CPU's features and may differ in
// the last place, and a draw that differs in the last place is another dataset. Only + - * / and sqrt are used
// (IEEE 754 fixes those), without contraction to fused multiply-add. Accurate to about 2 ulp on ordinary ranges.
#pragma once

namespace leaven::exact {

double log(double x);            ///< natural logarithm, x > 0; −inf at 0, NaN below
double exp(double x);            ///< 0 below −745, +inf above 709.7
double pow(double x, double y);  ///< x ≥ 0
double sin(double x);            ///< radians, |x| ≤ 2^20
double cos(double x);            ///< radians, |x| ≤ 2^20
double tan(double x);            ///< radians, |x| ≤ 2^20
double atan2(double y, double x);  ///< radians in [−π, π]; 0 at the origin; within 4 ulp
/// Inverse of the standard normal distribution function, p in (0, 1) (Wichura, algorithm AS 241, PPND16).
double normal_quantile(double p);

}  // namespace leaven::exact
