// How one source column becomes features and terms: the options bins, splines and date_parts as they apply to
// it, and the names of terms.
#pragma once

#include <string>
#include <vector>

#include "core/model/kind.h"

namespace persona {

enum class Basis {
  linear,  ///< a number is its own term
  label,   ///< a 0/1 term for each level but the reference
  bins,    ///< as label, the levels being the intervals between edges
  spline   ///< the terms of a natural cubic spline
};

/// A feature before any row is seen: what is read of which source column, and what becomes of it.
struct FeaturePlan {
  std::string name;    ///< "age", "ordered_at.weekday", "v[1]"
  std::string source;  ///< the column's name
  Basis basis = Basis::linear;
  StreamColumn stream;
  std::vector<double> knots;  ///< edges of bins, or knots of a spline

  bool has_levels() const noexcept { return basis == Basis::label || basis == Basis::bins; }
};

/// The features that a column of the source becomes, in order; none for a time without "date_parts". Throws
/// 42804 for a column that cannot be a feature, 55000 for one that has no value to choose knots from, and
/// 22023 for knots that make no basis.
std::vector<FeaturePlan> plan_features(const FitRequest& request, int column);

/// Throws 42703, 42804 and 22023 for columns named in "bins", "splines" and "date_parts" that do not exist,
/// are no features or of the wrong type, and for values that say nothing sensible.
void check_basis_options(const FitRequest& request);

struct QuantileRequest {
  std::string column;
  std::vector<double> probabilities;  ///< increasing, within (0, 1)
};

/// What FitRequest::quantiles has to hold before a fitter is made: the quantiles that become edges of bins or
/// knots of splines. Throws as the fitter does for options that are wrong.
std::vector<QuantileRequest> quantile_requests(const FitRequest& request);

/// "linear", "label", "bins", "spline", or the part of a date: persona.feature.basis.
std::string basis_name(const FeaturePlan& plan);

/// "[18,25)" and so on: one more than edges, the outer ones unbounded, as PostgreSQL writes ranges.
std::vector<std::string> bin_names(const std::vector<double>& edges);

/// Which bin x is in: the number of edges <= x.
int bin_of(const std::vector<double>& edges, double x) noexcept;

/// Terms: "country=GB", "spline(age,1)" (k from 0), "age=NULL", "age:country=GB", "v[1]" (element from 1).
std::string level_term(const std::string& feature, const std::string& level);
std::string spline_term(const std::string& feature, int k);
std::string missing_term(const std::string& feature);
std::string product_term(const std::string& a, const std::string& b);
std::string element_name(const std::string& column, int element);

/// The level's name where a label is missing.
inline constexpr const char* kMissingLevelName = "NULL";

}  // namespace persona
