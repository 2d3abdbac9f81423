#include "recipe/balance.hpp"

#include <algorithm>
#include <vector>

#include "core/error.hpp"
#include "core/op.hpp"

namespace leaven::recipe {

namespace {

using enum BalanceMethod;

constexpr std::array kMethods{
    BalanceMethodDoc{automatic, "auto", "The SMOTE that fits the columns",
                     "smote where all columns are numbers, smote_n where none is, smote_nc for both, smote_regression where the "
                     "target is a number. A class of one row is copied."},
    BalanceMethodDoc{random_over, "random_over", "Copies of rows, evenly",
                     "Every row of the class as often as any other, those left over by a hash of the row. Steps of the recipe make "
                     "the copies differ."},
    BalanceMethodDoc{random_under, "random_under", "Rows of large classes are set aside",
                     "Down to per_class rows, or to the smallest class; which ones is decided by a hash of the row."},
    BalanceMethodDoc{smote, "smote", "A place between a row and one of its k nearest of the class",
                     "x = a + λ·(b − a), λ uniform in [0, 1), every a as often as any other, b one of its k nearest rows of the class "
                     "(Chawla et al., JAIR 16, 2002). Numbers only."},
    BalanceMethodDoc{smote_nc, "smote_nc", "The same for tables with categories",
                     "Numbers as smote; each category is the most frequent one of the k nearest rows, of several the nearest row's. A "
                     "different category counts in the squared distance as the square of the median standard deviation of the "
                     "class's numbers (Chawla et al. 2002)."},
    BalanceMethodDoc{smote_n, "smote_n", "The same for tables of categories alone",
                     "Each category is the most frequent one of the k nearest rows by the value difference metric, q = 2 (Wilson and "
                     "Martinez, JAIR 6, 1997), of several the nearest row's."},
    BalanceMethodDoc{borderline_1, "borderline_1", "smote from rows at the border of the class",
                     "Only rows of which at least half, but not all, of the m nearest of all rows are of other classes (Han, Wang and "
                     "Mao, ICIC 2005)."},
    BalanceMethodDoc{borderline_2, "borderline_2", "The same, also towards other classes",
                     "Every other row goes towards the nearest row of another class, λ in [0, 0.5) (Han, Wang and Mao 2005)."},
    BalanceMethodDoc{adasyn, "adasyn", "More rows where other classes are near",
                     "A row's share is that of other classes among its k nearest of all rows (He et al., IJCNN 2008); shares are rounded "
                     "so that their sum is exact."},
    BalanceMethodDoc{kmeans_smote, "kmeans_smote", "smote inside clusters where the class is at home",
                     "All rows are clustered; clusters whose share of the class exceeds the table's take part, sparse ones more (Douzas, "
                     "Bacao and Last, Information Sciences 465, 2018)."},
    BalanceMethodDoc{polynom_fit, "polynom_fit", "Places on the line from a row to the middle of the class",
                     "x = a + j/(n + 1)·(mean − a), j = 1 … n, the star of Gazzah and Essoukri Ben Amara (DAS 2008)."},
    BalanceMethodDoc{prowsyn, "prowsyn", "More rows near other classes, level by level",
                     "Level 1 are the rows that are among the k nearest of some row of another class, level 2 those of what is left, and "
                     "so on; a level weighs exp(−theta·(level − 1)), and both parents are of one level (Barua et al., PAKDD 2013)."},
    BalanceMethodDoc{g_smote, "g_smote", "A place in a ball around a row",
                     "The ball reaches to one of the k nearest rows of the class; truncation cuts a half of it away, deformation makes it "
                     "a line (Douzas and Bacao, Information Sciences 501, 2019)."},
    BalanceMethodDoc{svm_smote, "svm_smote", "smote along the margin of a support vector machine",
                     "Only rows of the class inside the margin of a machine with Gaussian kernel (C 1, gamma 1 ÷ columns; above 4,096 rows trained on "
                     "so many of them, evenly) that are not among strangers alone. Where half of the m nearest rows are of other classes they go "
                     "towards a neighbour, else up to `reach` away from it (Nguyen, Cooper and Kamei 2011)."},
    BalanceMethodDoc{smote_regression, "smote_regression", "smote for a target that is a number",
                     "Rows are cut at the median of the target, each half grows by itself, and the target is interpolated as the other "
                     "numbers are."},
    BalanceMethodDoc{mixup, "mixup", "A row mixed with any row of train, labels by their shares",
                     "x = a + λ·(b − a), λ the smaller of u and 1 − u, u from Beta(alpha, alpha); a category is b's with chance λ (Zhang et al., ICLR "
                     "2018). A target that is a number is mixed too; for classes a column of shares is added for each of them (table_one_hot)."},
    BalanceMethodDoc{cutmix, "cutmix", "A row with some cells of any row of train, labels by their shares",
                     "λ of the cells, as for mixup, are another row's; the shares of the classes, or a target that is a number, are mixed by how many "
                     "they are (Yun et al., ICCV 2019; for tables Somepalli et al., SAINT, 2021)."},
    BalanceMethodDoc{tomek, "tomek", "Rows of large classes that form Tomek links are set aside",
                     "Two rows of different classes that are each other's nearest (Tomek 1976); the row of a class that is not the "
                     "smallest goes."},
    BalanceMethodDoc{enn, "enn", "Rows of large classes that their neighbours contradict are set aside",
                     "Edited nearest neighbours: a row goes when one of its 3 nearest is of another class (Wilson 1972); the smallest class "
                     "stays."}};

}  // namespace

std::span<const BalanceMethodDoc> balance_methods() { return kMethods; }

std::string_view name_of(BalanceMethod method) {
  const auto at = std::ranges::find(kMethods, method, &BalanceMethodDoc::method);
  return at == kMethods.end() ? "none" : at->name;
}

BalanceMethod balance_method(std::string_view name) {
  const auto at = std::ranges::find(kMethods, name, &BalanceMethodDoc::name);
  if (at != kMethods.end()) return at->method;
  std::vector<std::string_view> names;
  for (const BalanceMethodDoc& doc : kMethods) names.push_back(doc.name);
  throw usage_error("no balance method is called " + std::string(name)).with_hint(did_you_mean(name, names));
}

}  // namespace leaven::recipe
