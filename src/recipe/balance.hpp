// How rows that no source holds are made, and how many: the recipe's `balance:` stage.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace leaven::recipe {

enum class BalanceMethod : std::uint8_t {
  none, automatic, random_over, random_under, smote, smote_nc, smote_n, borderline_1, borderline_2, adasyn, kmeans_smote,
  polynom_fit, prowsyn, g_smote, svm_smote, smote_regression, mixup, cutmix, tomek, enn
};

/// Everything a person must know of a method; help, JSON Schema and errors are printed from here.
struct BalanceMethodDoc {
  BalanceMethod method{};
  std::string_view name{};
  std::string_view summary{};  ///< one phrase, no full stop
  std::string_view detail{};   ///< what is drawn and how, the paper
};
std::span<const BalanceMethodDoc> balance_methods();
std::string_view name_of(BalanceMethod method);
/// Throws Error(usage) with the nearest name.
BalanceMethod balance_method(std::string_view name);

/// How nearest rows are found: `automatic` compares all of them, but in large tables of many columns.
enum class NeighbourSearch : std::uint8_t { automatic, exact, approximate };
inline constexpr std::array<std::string_view, 3> kNeighbourSearchNames{"auto", "exact", "approximate"};

struct Balance {
  BalanceMethod method{BalanceMethod::none};
  std::uint32_t k{5};          ///< neighbours among the rows of the class
  std::uint32_t m{10};         ///< neighbours among all rows that tell whether a row stands near another class
  bool scale{true};            ///< distances in standard deviations of each column, else in its own units
  NeighbourSearch search{};
  std::uint32_t clusters{8};   ///< kmeans_smote
  std::uint32_t levels{5};     ///< prowsyn
  double theta{1};             ///< prowsyn: how fast the weight of a level falls with its distance
  double truncation{1};        ///< g_smote: −1 … 1, which half of the ball is cut away
  double deformation{0};       ///< g_smote: 0 a ball … 1 the line to the neighbour

  double reach{0.5};           ///< svm_smote: how far beyond the row, away from the neighbour, in its distances
  double alpha{1};             ///< mixup, cutmix: shares of the two rows are drawn from Beta(alpha, alpha)

  friend bool operator==(const Balance&, const Balance&) = default;
};

}  // namespace leaven::recipe
