// Which rows to make of which: the part of the roster that no source holds. Pure decisions, no cell is made here.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/key.hpp"
#include "flow/balance/neighbourhood.hpp"
#include "flow/balance/row_matrix.hpp"
#include "flow/pool.hpp"
#include "recipe/balance.hpp"

namespace leaven::flow {

/// One row to make; indices are rows of the matrix.
struct Synthetic {
  std::uint32_t label{};
  std::uint32_t base{};
  std::uint32_t partner{kernels::kNoRow};  ///< none: copies, and rows towards the middle of the class
  double lambda{};
  std::uint32_t voters{kernels::kNoRow};   ///< where in SampledRows::voters its voters begin; none: words are the base's
  Key key{};                               ///< g_smote draws its direction from it, mixup and cutmix which cells they take
};

struct SampledRows {
  std::vector<Synthetic> rows{};          ///< class by class, in order of the labels
  std::vector<std::uint32_t> voters{};
  std::size_t voters_each{};
  std::vector<std::uint32_t> removed{};   ///< rows that go, ascending
  std::vector<std::string> notes{};       ///< what a person must know: k was lowered, a class was copied
};

/// What one class needs.
struct ClassTask {
  const RowMatrix& matrix;
  const RowSpace& space;
  const recipe::Balance& rules;
  Pool& pool;
  std::uint64_t seed{};
  std::uint32_t label{};
  std::vector<std::uint32_t> rows{};  ///< of the class, ascending
  std::uint64_t wanted{};             ///< rows to make

  const std::string& name() const { return matrix.labels[label]; }
  /// A stream of this class.
  Key key(std::string_view purpose) const;
  /// The class's rows in an order that the seed decides; the i-th new row begins with number i modulo their count, so
  /// that all serve alike and more rows never change those before.
  std::vector<std::uint32_t> shuffled() const;
  /// min(k, rows − 1), with a note where that is less. Throws Error(data) when the class has but one row.
  std::size_t neighbours(SampledRows& to) const;
  /// nearest() in the space of the task, with a note where it is not exact.
  Neighbours near(std::span<const std::uint32_t> points, std::span<const std::uint32_t> queries, std::size_t k, SampledRows& to) const;
};

/// Says once that neighbours are approximate, and how they become exact.
void note_search(const Neighbours& found, std::size_t points, std::vector<std::string>& notes);

/// Makes `wanted[label]` rows of each class, or removes what is too many (`keep[label]` rows stay; random_under), or what
/// the method removes. `method` is not automatic. Deterministic in its arguments; threads change nothing. Throws
/// Error(data) naming the class that the method cannot serve, and why.
SampledRows sample_rows(const RowMatrix& matrix, recipe::BalanceMethod method, const recipe::Balance& rules,
                        std::span<const std::uint64_t> wanted, std::span<const std::uint64_t> keep, std::uint64_t seed, Pool& pool);

/// The method that `automatic` stands for.
recipe::BalanceMethod chosen_method(const RowMatrix& matrix, bool target_is_number);

// One function a method; each adds task.wanted rows.
void add_copies(const ClassTask& task, SampledRows& to);
void add_smote(const ClassTask& task, bool with_voters, SampledRows& to);
void add_borderline(const ClassTask& task, bool towards_others, SampledRows& to);
void add_adasyn(const ClassTask& task, SampledRows& to);
void add_kmeans_smote(const ClassTask& task, SampledRows& to);
void add_polynom_fit(const ClassTask& task, SampledRows& to);
void add_prowsyn(const ClassTask& task, SampledRows& to);
void add_g_smote(const ClassTask& task, SampledRows& to);
void add_svm_smote(const ClassTask& task, SampledRows& to);
/// mixup and cutmix: which row with which, and how much of it.
void add_mixed(const ClassTask& task, SampledRows& to);
/// `wanted` rows from `bases` in turn towards one of their neighbours, `near` one list a base.
void add_between(const ClassTask& task, std::span<const std::uint32_t> bases, const Neighbours& near, std::uint64_t wanted, SampledRows& to);
// And of rows that go.
void remove_tomek_links(const RowMatrix& matrix, const RowSpace& space, std::uint32_t smallest, Pool& pool, SampledRows& to);
void remove_contradicted_rows(const RowMatrix& matrix, const RowSpace& space, std::uint32_t smallest, Pool& pool, SampledRows& to);

/// Largest remainders: whole numbers near total·weights/Σ weights whose sum is `total`; of equal remainders the first.
std::vector<std::uint64_t> shared_out(std::uint64_t total, std::span<const double> weights);

}  // namespace leaven::flow
