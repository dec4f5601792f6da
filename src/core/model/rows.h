// What a fit answers and a load reads: plain structs, each one row of a table of persona
// (src/sql/models.sql).
#pragma once

#include <cstdint>
#include <functional>
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
  std::string attribute;                ///< of the option diversity_key; empty without one
  std::vector<std::int32_t> neighbors;  ///< item numbers
  std::vector<float> scores;            ///< same length
};

/// persona.popularity: the items of all users, or of a segment, by falling popularity, ties by number.
struct PopularityRow {
  std::string segment;              ///< unused in the row of all users, which is the first
  std::vector<std::int32_t> items;  ///< item numbers
  std::vector<float> scores;        ///< same length: in how many baskets, or what is left of that by decay
};

/// persona.factor: the vector of one item or user.
struct FactorRow {
  std::string id;          ///< of a user; an item's is that of its number
  std::int32_t item = -1;  ///< item number, -1 for a user
  std::vector<float> factors;
};

/// persona.rule. Shares are of all baskets.
struct RuleRow {
  std::vector<std::int32_t> antecedent;  ///< item numbers, ascending
  std::int32_t consequent = 0;           ///< item number
  std::int64_t count = 0;                ///< baskets that have all of them
  double support = 0;                    ///< their share
  double confidence = 0;                 ///< their share of the baskets that have the antecedent
  double lift = 0;                       ///< confidence / share of the consequent
  double leverage = 0;                   ///< support - share of the antecedent * share of the consequent
  double conviction = 0;  ///< (1 - share of the consequent) / (1 - confidence), may be infinite
};

/// persona.session, persona.item_session: sessions numbered from 0, the oldest first.
struct SessionRows {
  std::vector<std::vector<std::int32_t>> items;  ///< by session: item numbers in order, each once
  /// By item number: the sessions that have it, the newest first, as pairs of the session's number and its
  /// number of items: to rank sessions takes no other row.
  std::vector<std::vector<std::int32_t>> sessions;
};

struct FittedModel {
  std::vector<Coefficient> coefficients;
  std::vector<Feature> features;  ///< in the source's column order, the target last
  std::vector<Metric> metrics;
  std::vector<NeighborRow> neighbors;
  /// Makes the neighbors and scores of one item when they are wanted, where all at once would take too much
  /// memory; null where they are there.
  std::function<void(std::int32_t item, NeighborRow& row)> make_neighbors;
  std::vector<PopularityRow> popularity;  ///< of all users first
  std::vector<FactorRow> factors;
  std::vector<RuleRow> rules;
  SessionRows sessions;
  std::vector<std::string> notices;  ///< raised as NOTICE: aliased terms, separation, no convergence
};

/// The stored rows from which a Scorer is loaded.
struct StoredModel {
  std::string name;  ///< "churn@8", for messages
  std::vector<Coefficient> coefficients;
  std::vector<Feature> features;
};

}  // namespace persona
