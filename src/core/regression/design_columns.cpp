// The columns of a design from base columns, and the change of columns that imputes.
#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "core/base/error.h"
#include "core/model/feature_columns.h"
#include "core/regression/design.h"

namespace persona {
namespace {

constexpr std::size_t kRows = RowBlock::kMaxRows;

}  // namespace

void Design::expand_levels(std::size_t index, int rows) {
  const DesignFeature& feature = features_[index];
  for (const int column : feature.columns) {
    std::fill_n(computed(column), rows, 0.0);
    pointers_[static_cast<std::size_t>(column)] = computed(column);
  }
  const std::int32_t* levels = this->levels(static_cast<int>(index));
  for (int r = 0; r < rows; ++r) computed(feature.columns[static_cast<std::size_t>(levels[r])])[r] = 1.0;
}

void Design::expand_numbers(std::size_t index, int rows) {
  const DesignFeature& feature = features_[index];
  const int missing = feature.missing_column();
  for (int i = 0; i < feature.numbers; ++i) {
    const int column = feature.columns[static_cast<std::size_t>(i)];
    const double* x = base_numbers_[static_cast<std::size_t>(feature.base + i)];
    pointers_[static_cast<std::size_t>(column)] = missing < 0 ? x : computed(column);
    for (int r = 0; r < rows && missing >= 0; ++r) computed(column)[r] = std::isnan(x[r]) ? 0.0 : x[r];
  }
  if (missing < 0) return;
  const double* x = base_numbers_[static_cast<std::size_t>(feature.base)];
  for (int r = 0; r < rows; ++r) computed(missing)[r] = std::isnan(x[r]) ? 1.0 : 0.0;
  pointers_[static_cast<std::size_t>(missing)] = computed(missing);
}

void Design::expand_product(std::size_t column, int rows) {
  const double* a = pointers_[static_cast<std::size_t>(factors_[column].first)];
  const double* b = pointers_[static_cast<std::size_t>(factors_[column].second)];
  double* product = computed(static_cast<int>(column));
  bool finite = true;
  for (int r = 0; r < rows; ++r) {
    product[r] = a[r] * b[r];
    finite &= std::isfinite(product[r]);
  }
  if (!finite) throw_out_of_range("a product of two columns that interact");
  pointers_[column] = product;
}

const std::vector<const double*>& Design::expand(const RowBlock& block) {
  pointers_.resize(recipes_.size());
  computed_.resize(recipes_.size() * kRows);
  for (std::size_t f = 0; f < features_.size(); ++f) {
    if (features_[f].has_levels()) {
      expand_levels(f, block.rows());
    } else {
      expand_numbers(f, block.rows());
    }
  }
  for (std::size_t c = 0; c < factors_.size(); ++c) {
    if (factors_[c].first >= 0) expand_product(c, block.rows());
  }
  return pointers_;
}

// With x0 the column as accumulated, 0 where missing, i its indicator and m the mean of the values there, the
// column wanted is x0 + m i. A product with another column z is x0 z + m (i z), whose parts are columns too.
void Design::impute(CrossProducts& products, int offset) {
  for (const DesignFeature& feature : features_) {
    const int missing = feature.missing_column();
    if (missing < 0) continue;
    const DoubleDouble there = DoubleDouble(1) - products.mean(offset + missing);
    for (int i = 0; i < feature.numbers; ++i) {
      const int column = offset + feature.columns[static_cast<std::size_t>(i)];
      double fill = 0;  // of a number that is always missing
      if (there.hi > 0) {
        fill = std::ldexp((products.mean(column) / there).value(), products.exponent(column));
      }
      products.add_multiple(column, offset + missing, fill);
      for (Recipe& recipe : recipes_) {
        for (Factor* factor : {&recipe.first, &recipe.second}) {
          if (factor->number == feature.base + i && !factor->missing) factor->fill = fill;
        }
      }
    }
  }
  // A product with a term of `second` as accumulated, while the first factor is changed; then the second.
  for (const Interaction& interaction : interactions_) {
    const DesignFeature& first = features_[static_cast<std::size_t>(interaction.first)];
    const DesignFeature& second = features_[static_cast<std::size_t>(interaction.second)];
    const auto fill_of = [this](const DesignFeature& feature, int i) {
      return recipes_[static_cast<std::size_t>(feature.columns[static_cast<std::size_t>(i)])].first.fill;
    };
    for (int i = 0; i < first.numbers && first.missing_column() >= 0; ++i) {
      const std::vector<int>& row = interaction.columns[static_cast<std::size_t>(i)];
      for (std::size_t j = 0; j < row.size(); ++j) {
        products.add_multiple(offset + row[j], offset + interaction.columns.back()[j], fill_of(first, i));
      }
    }
    for (const std::vector<int>& row : interaction.columns) {
      for (int j = 0; j < second.numbers && second.missing_column() >= 0; ++j) {
        products.add_multiple(offset + row[static_cast<std::size_t>(j)], offset + row.back(),
                              fill_of(second, j));
      }
    }
  }
}

namespace {

// A term of one feature, and its place in the feature's columns.
struct TermPlace {
  std::string name;
  std::size_t column;
};

std::vector<TermPlace> term_places(const DesignFeature& feature) {
  std::vector<TermPlace> places;
  const std::string& name = feature.name();
  if (feature.has_levels()) {
    const std::vector<int> order = feature.sorted_levels();
    for (std::size_t k = 1; k < order.size(); ++k) {
      const auto level = static_cast<std::size_t>(order[k]);
      places.push_back({level_term(name, feature.levels[level]), level});
    }
    return places;
  }
  for (int i = 0; i < feature.numbers; ++i) {
    places.push_back(
        {feature.plan.basis == Basis::spline ? spline_term(name, i) : name, static_cast<std::size_t>(i)});
  }
  if (feature.missing_column() >= 0) places.push_back({missing_term(name), feature.columns.size() - 1});
  return places;
}

}  // namespace

std::vector<Term> Design::terms() const {
  std::vector<Term> terms;
  for (const DesignFeature& feature : features_) {
    for (TermPlace& place : term_places(feature)) {
      terms.push_back({std::move(place.name), feature.columns[place.column]});
    }
  }
  for (const Interaction& interaction : interactions_) {
    const std::vector<TermPlace> first = term_places(features_[static_cast<std::size_t>(interaction.first)]);
    for (const TermPlace& b : term_places(features_[static_cast<std::size_t>(interaction.second)])) {
      for (const TermPlace& a : first) {
        terms.push_back({product_term(a.name, b.name), interaction.columns[a.column][b.column]});
      }
    }
  }
  std::set<std::string> names = {kInterceptTerm};
  for (const Term& term : terms) {
    if (names.insert(term.name).second) continue;
    throw Error(sqlstate::kInvalidParameter, "two terms would be named " + quoted(term.name), "",
                "Rename a column in the source.");
  }
  return terms;
}

}  // namespace persona
