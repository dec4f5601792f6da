// The numbers of a design: base columns of splines, design columns from base columns, and the change of
// columns that imputes.
#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "core/base/error.h"
#include "core/model/feature_columns.h"
#include "core/regression/design.h"
#include "core/regression/spline_basis.h"

namespace persona {
namespace {

double placeholder(const DesignFeature& feature, int number) {
  return feature.placeholders[static_cast<std::size_t>(number)];
}

Factor missing_factor(int number) {
  Factor factor;
  factor.number = number;
  factor.missing = true;
  return factor;
}

// The terms of the first value there is, for those of missing values: near the others, so that taking it back
// costs no digits. When the first block has no value at all, 0.
void choose_placeholders(const double* x, int rows, DesignFeature& feature) {
  const double* first = std::find_if(x, x + rows, [](double value) { return !std::isnan(value); });
  feature.placeholders.resize(static_cast<std::size_t>(feature.numbers));
  if (first == x + rows) return;
  feature.placeholders[0] = *first;
  if (feature.plan.basis == Basis::spline) {
    natural_spline(feature.plan.knots, *first, feature.placeholders.data());
  }
}

// Of a column that has `placeholder` where `missing` is 1; 0 when that is everywhere.
double mean_of_present(const CrossProducts& products, int column, int missing, double placeholder) {
  const DoubleDouble absent = products.mean(missing);
  const DoubleDouble present = DoubleDouble(1) - absent;
  if (!(present.hi > 0)) return 0;
  const int exponent = products.exponent(column);
  const DoubleDouble held = ldexp(DoubleDouble(placeholder), -exponent) * absent;
  return std::ldexp(((products.mean(column) - held) / present).value(), exponent);
}

}  // namespace

void Design::observe_number(std::size_t index, const RowBlock& block) {
  DesignFeature& feature = features_[index];
  const double* x = block.numbers(static_cast<int>(index));
  const auto base = static_cast<std::size_t>(feature.base);
  base_numbers_[base] = x;
  if (feature.plan.stream.missing == Missing::pass) {
    if (feature.placeholders.empty()) choose_placeholders(x, block.rows(), feature);
    for (int r = 0; r < block.rows(); ++r) {
      if (std::isnan(x[r])) ++feature.missing;
      feature.minimum = std::fmin(feature.minimum, x[r]);
      feature.maximum = std::fmax(feature.maximum, x[r]);
    }
    if (feature.missing > 0 && feature.missing_column() < 0) {
      append_term(index, missing_factor(feature.base));
    }
  }
  if (feature.numbers == 1) return;
  const auto count = static_cast<std::size_t>(feature.numbers);
  double values[kMostKnots];
  for (std::size_t r = 0; r < static_cast<std::size_t>(block.rows()); ++r) {
    natural_spline(feature.plan.knots, x[r], values);
    for (std::size_t k = 1; k < count; ++k) {
      if (std::isinf(values[k]))
        throw_out_of_range("a term of the spline of column " + quoted(feature.name()));
      splines_[(base + k) * kBlockRows + r] = values[k];
    }
  }
  for (std::size_t k = 1; k < count; ++k) base_numbers_[base + k] = &splines_[(base + k) * kBlockRows];
}

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
    const double* x = base_numbers_[static_cast<std::size_t>(feature.base) + static_cast<std::size_t>(i)];
    pointers_[static_cast<std::size_t>(column)] = missing < 0 ? x : computed(column);
    if (missing < 0) continue;
    const double held = placeholder(feature, i);
    for (int r = 0; r < rows; ++r) computed(column)[r] = std::isnan(x[r]) ? held : x[r];
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
  const auto is_computed = [](const DesignFeature& feature) {
    return feature.has_levels() || feature.missing_column() >= 0;
  };
  if (!interactions_.empty() || std::any_of(features_.begin(), features_.end(), is_computed))
    computed_.resize(recipes_.size() * kBlockRows);
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

// With x0 the column as accumulated, c where missing, i its indicator and m the mean of the values there, the
// column wanted is x0 + (m - c) i. A product with another column z is x0 z + (m - c) i z, whose parts are
// columns too.
void Design::impute(CrossProducts& products, int offset) {
  for (const DesignFeature& feature : features_) {
    const int missing = feature.missing_column();
    for (int i = 0; i < feature.numbers && missing >= 0; ++i) {
      const int column = offset + feature.columns[static_cast<std::size_t>(i)];
      const double fill = mean_of_present(products, column, offset + missing, placeholder(feature, i));
      if (!std::isfinite(fill - placeholder(feature, i))) {
        throw_out_of_range("the mean of column " + quoted(feature.name()));
      }
      for (Recipe& recipe : recipes_) {
        for (Factor* factor : {&recipe.first, &recipe.second}) {
          if (factor->number == feature.base + i && !factor->missing) factor->fill = fill;
        }
      }
    }
  }
  fill_in(products, offset);
}

void Design::fill_in(CrossProducts& products, int offset) const {
  const auto change = [this](const DesignFeature& feature, int i) {
    const int column = feature.columns[static_cast<std::size_t>(i)];
    return two_sum(recipes_[static_cast<std::size_t>(column)].first.fill, -placeholder(feature, i));
  };
  for (const DesignFeature& feature : features_) {
    const int missing = feature.missing_column();
    for (int i = 0; i < feature.numbers && missing >= 0; ++i) {
      products.add_multiple(offset + feature.columns[static_cast<std::size_t>(i)], offset + missing,
                            change(feature, i));
    }
  }
  // First the left factor of all products, then the right one, whose partner is then as wanted.
  for (const Interaction& interaction : interactions_) {
    const DesignFeature& first = features_[static_cast<std::size_t>(interaction.first)];
    const DesignFeature& second = features_[static_cast<std::size_t>(interaction.second)];
    for (int i = 0; i < first.numbers && first.missing_column() >= 0; ++i) {
      const std::vector<int>& row = interaction.columns[static_cast<std::size_t>(i)];
      for (std::size_t j = 0; j < row.size(); ++j) {
        products.add_multiple(offset + row[j], offset + interaction.columns.back()[j], change(first, i));
      }
    }
    for (const std::vector<int>& row : interaction.columns) {
      for (int j = 0; j < second.numbers && second.missing_column() >= 0; ++j) {
        products.add_multiple(offset + row[static_cast<std::size_t>(j)], offset + row.back(),
                              change(second, j));
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
