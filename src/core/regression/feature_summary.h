// What the training rows looked like, column by column: the rows of persona.feature. Kept with the model so
// that a score can be explained against the average row and later data can be compared with the training
// data.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/poll.h"
#include "core/model/row_block.h"
#include "core/model/rows.h"
#include "core/regression/cross_products_accumulator.h"
#include "core/regression/design.h"
#include "core/regression/reservoir.h"

namespace persona {

/// Quantiles kept: at 0, .05, ..., 1.
inline constexpr int kQuantiles = 21;

/// Offers the rows of an observed block to the sample, as Design::sample_width() says: the number itself or
/// the design's level number for each streamed feature, `target[r]`, and further base columns.
void sample_rows(const Design& design, const RowBlock& block, const double* target, Reservoir& sample);

/// Quantiles of a sample by linear interpolation (type 7 of Hyndman and Fan, The American Statistician 50(4),
/// 1996), but for the ends, which are the exact extremes. Empty for an empty sample.
std::vector<double> sample_quantiles(std::vector<double> sample, double minimum, double maximum);

/// The share of a sample's values at or below each of its quantiles, which are in order.
std::vector<double> sample_ranks(const std::vector<double>& sample, const std::vector<double>& quantiles);

/// One quantile of a nonempty sample, by the same interpolation and of the sample alone; reorders the sample.
double sample_quantile(std::vector<double>& sample, double probability);

/// Mean, sample standard deviation (absent for one row), extremes and quantiles of a number column; `column`
/// is its place in the accumulator and `sampled` in the sample.
Feature describe_number(const std::string& name, const CrossProducts& products,
                        const CrossProductsAccumulator& accumulator, int column, const Reservoir& sample,
                        int sampled);

/// The features in stream order. Design column c is column `offset` + c of
/// the products, in which missing values are imputed (Design::impute).
std::vector<Feature> describe_features(const Design& design, const CrossProducts& products,
                                       const CrossProductsAccumulator& accumulator, int offset,
                                       const Reservoir& sample, Poll& poll);

/// Of these only those with levels: their names, levels, and the mean of numbers in bins.
std::vector<Feature> describe_levels(const Design& design, double rows);

/// Fills in Coefficient::mean of the design's terms, by name.
void add_term_means(const std::vector<Term>& terms, const CrossProducts& products, int offset,
                    std::vector<Coefficient>& coefficients);

}  // namespace persona
