// What a fit answers and a load reads: plain structs, each one row of a table of persona
// (src/sql/models.sql).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace persona {

/// persona.coefficient. An aliased (collinear) term has no estimate; penalized fits have no standard errors.
struct Coefficient {
  std::string term;       ///< "(intercept)", "recency_days", "country=GB"
  std::string outcome;    ///< the class, for kinds with several; else empty
  std::string group_key;  ///< the group, for grouped fits; else empty
  double lambda = 0;      ///< the penalty, for kinds that store a path
  std::optional<double> estimate, std_error, statistic, p_value, ci_low, ci_high;
  std::optional<double> mean;        ///< of the term in the training rows; absent for the intercept
  std::optional<double> odds_ratio;  ///< exp(estimate) of a term, where the link is logit or log
  std::optional<double> vif;         ///< variance inflation, 1 / (1 - R^2) of the term given the others
};

/// persona.feature: one source column, or a part of one, as the training rows had it. Role "target" describes
/// the target, role "offset" the column of that option, role "score" what the model answers for its training
/// rows, role "group" the column of the option group_by: its levels are the groups that have a model. A row
/// with a group_key says what its coefficients do not: the levels it has seen, the mean of its offsets or
/// bins.
struct Feature {
  std::string name;  ///< "age", "ordered_at.weekday", "v[1]"
  std::string role = "feature";
  std::string group_key = {};  ///< the group, for grouped fits; else empty
  bool is_label = false;
  std::string source_column;  ///< the column read, where it is not the name
  int element = 0;            ///< of an array, from 1; else 0
  std::string basis;  ///< "linear", "label", "bins", "spline", or the part of a date; empty: not known
  std::vector<double> knots;  ///< edges of bins, knots of a spline
  std::int64_t missing = 0;   ///< rows of the source in which it was NULL, NaN or infinite
  int stream = -1;            ///< which stream column, for the fit to count its missing values; not stored
  std::optional<double> mean, stddev, min, max;  ///< numbers only, of the values that are there
  std::vector<double> quantiles;  ///< numbers only: at 0, .05, ..., 1 (21 values), of a seeded sample
  std::vector<double> ranks;      ///< numbers only: share of the sample at or below each of the quantiles
  /// Labels and bins: reference level first; target: negative, positive.
  std::vector<std::string> levels;
  bool missing_level = false;  ///< the last level stands for missing values
  /// Labels and bins: training share of each level, adding to 1; of groups with those that have no model.
  std::vector<double> shares;
};

/// persona.metric.
struct Metric {
  std::string name;
  double value = 0;
  std::string group_key = {};  ///< the group, for grouped fits; else empty
};

/// persona.neighbor: one item of a recommender, with its neighbors in decreasing score. Items are numbered
/// from 0 by falling support, then by id, so that a smaller number is the winner of a tie.
struct NeighborRow {
  std::string item;
  std::int64_t support = 0;             ///< distinct users who have the item
  std::vector<std::int32_t> neighbors;  ///< item numbers
  std::vector<float> scores;            ///< same length
};

struct FittedModel {
  std::vector<Coefficient> coefficients;
  std::vector<Feature> features;  ///< in the source's column order, the target last
  std::vector<Metric> metrics;
  std::vector<NeighborRow> neighbors;
  std::vector<std::string> notices;  ///< raised as NOTICE: aliased terms, separation, no convergence
};

/// The stored rows from which a Scorer is loaded.
struct StoredModel {
  std::string name;  ///< "churn@8", for messages
  std::vector<Coefficient> coefficients;
  std::vector<Feature> features;
};

}  // namespace persona
