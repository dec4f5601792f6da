#include "core/regression/cross_products.h"

#include <algorithm>

namespace persona {

DoubleDouble CrossProducts::raw_product(int i, int j) const {
  return product(i, j) + weight_ * mean(i) * mean(j);
}

bool CrossProducts::constant(int j) const {
  const double mean = means_[static_cast<std::size_t>(j)].hi;
  return product(j, j).hi <= 0x1p-140 * weight_.hi * mean * mean;
}

double CrossProducts::total_weight() const noexcept { return std::ldexp(weight_.value(), weight_exponent_); }

double CrossProducts::mean_value(int j) const { return std::ldexp(mean(j).value(), exponent(j)); }

double CrossProducts::sample_deviation(int j) const {
  if (constant(j)) return 0;
  const auto rows = static_cast<double>(rows_);
  const double divisor = weight_.hi == rows ? rows - 1 : weight_.value() * ((rows - 1) / rows);
  return std::ldexp(std::sqrt(product(j, j).value() / divisor), exponent(j));
}

double CrossProducts::population_deviation(int j) const {
  if (constant(j)) return 0;
  return std::ldexp(std::sqrt(product(j, j).value() / weight_.value()), exponent(j));
}

void CrossProducts::set_exponent(int j, int exponent) {
  const int shift = this->exponent(j) - exponent;
  if (shift == 0) return;
  set_mean(j, ldexp(mean(j), shift));
  for (int i = 0; i < columns(); ++i) {
    set_product(i, j, ldexp(product(i, j), i == j ? 2 * shift : shift));
  }
  exponents_[static_cast<std::size_t>(j)] = exponent;
}

void CrossProducts::set_weight_exponent(int exponent) {
  const int shift = weight_exponent_ - exponent;
  if (shift == 0) return;
  weight_ = ldexp(weight_, shift);
  for (DoubleDouble& product : products_) product = ldexp(product, shift);
  weight_exponent_ = exponent;
}

void CrossProducts::append_columns(int count) {
  const std::size_t columns = means_.size() + static_cast<std::size_t>(count);
  exponents_.resize(columns, 0);
  means_.resize(columns);
  products_.resize(columns * (columns + 1) / 2);
}

void CrossProducts::add_multiple(int j, int k, DoubleDouble factor) {
  if (factor.hi == 0) return;
  // The sum needs the larger unit of its two parts.
  int exponent = 0;
  std::frexp(factor.hi, &exponent);
  set_exponent(j, std::max(this->exponent(j), this->exponent(k) + exponent));
  const DoubleDouble scaled = ldexp(factor, this->exponent(k) - this->exponent(j));
  set_mean(j, mean(j) + scaled * mean(k));
  set_product(j, j, product(j, j) + scaled * (DoubleDouble(2) * product(j, k) + scaled * product(k, k)));
  for (int i = 0; i < columns(); ++i) {
    if (i != j) set_product(i, j, product(i, j) + scaled * product(i, k));
  }
}

void CrossProducts::merge(CrossProducts other) {
  if (other.rows_ == 0) return;
  if (rows_ == 0) {
    *this = std::move(other);
    return;
  }
  for (int j = 0; j < columns(); ++j) {
    const int unit = std::max(exponent(j), other.exponent(j));
    set_exponent(j, unit);
    other.set_exponent(j, unit);
  }
  const int weight_unit = std::max(weight_exponent_, other.weight_exponent_);
  set_weight_exponent(weight_unit);
  other.set_weight_exponent(weight_unit);
  const DoubleDouble total = weight_ + other.weight_;
  const DoubleDouble share = other.weight_ / total;
  const DoubleDouble weight = weight_ * share;
  std::vector<DoubleDouble> gaps(means_.size());
  for (std::size_t j = 0; j < means_.size(); ++j) gaps[j] = other.means_[j] - means_[j];
  std::size_t pair = 0;
  for (std::size_t j = 0; j < means_.size(); ++j) {
    const DoubleDouble weighted = weight * gaps[j];
    for (std::size_t i = 0; i <= j; ++i, ++pair) {
      products_[pair] = products_[pair] + other.products_[pair] + weighted * gaps[i];
    }
    means_[j] += gaps[j] * share;
  }
  rows_ += other.rows_;
  weight_ = total;
}

}  // namespace persona
