// The interface a model kind implements: what it is called, which options it takes, how it is fitted from a
// stream of rows and loaded from stored rows. src/core/kinds.cpp holds the one list of kinds.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/base/poll.h"
#include "core/model/date_parts.h"
#include "core/model/options.h"
#include "core/model/row_block.h"
#include "core/model/row_store.h"
#include "core/model/rows.h"
#include "core/model/scorer.h"
#include "core/model/transformer.h"

namespace persona {

class Recommender;
struct RecommenderFacts;

enum class Task { regression, classification, recommendation, transformation };

/// What a regression takes its target's distribution for, given the features: says what it is measured by.
enum class Distribution { normal, poisson };

/// A column of the source as the server describes it.
struct SourceColumn {
  /// Numeric types; text, boolean, enum; dates and timestamps; arrays of a numeric type; anything else.
  enum class Family { number, label, time, array, other };
  std::string name;
  std::string type_name;  ///< for messages: "timestamp with time zone"
  Family family = Family::number;
  int length = 0;  ///< of an array: how many elements the first one in the source has
};

struct FitRequest {
  std::vector<SourceColumn> columns;  ///< all columns of the source
  std::string target;                 ///< empty when not given
  std::vector<std::string> key;       ///< columns that identify a row and are no features
  Options options;
  /// One group's rows of a grouped fit: coefficients and metrics are wanted, and of the features what
  /// these leave open: levels, and the means of offset and bins.
  bool of_group = false;
  OpenRowStore open_store;  ///< for rows beyond the option memory; null: all stay in memory
  /// Of columns, exact and over all finite values of the source, as quantile_requests() of regression/basis.h
  /// asks for them; empty for a column without values.
  std::map<std::string, std::vector<double>> quantiles;
};

/// What the stream does with a row that lacks a value: NULL, or a number that is NaN or infinite.
enum class Missing {
  omit,  ///< leaves the row out and counts it
  fail,  ///< 22004, naming the column
  pass   ///< passes NaN for a number and kMissingLabel for a label
};

/// A column the fitter wants to be streamed.
struct StreamColumn {
  int source = 0;  ///< index into FitRequest::columns
  Encoding encoding = Encoding::number;
  Missing missing = Missing::omit;
  bool weight = false;             ///< rows with 0 are left out and counted; a negative number is 22023
  bool group = false;              ///< says whose model the row is for, and is nothing the row holds
  DatePart part = DatePart::none;  ///< of a date or timestamp
  int element = 0;                 ///< of an array, from 1; 0 for a column that is none
  int length = 0;                  ///< of an array: another length is 22023
  bool instant = false;            ///< a date or timestamp read as a number: microseconds since 2000, in UTC
};

/// One fit in progress. Used in this order: columns(), consume() for each block, finish() once.
class Fitter {
 public:
  virtual ~Fitter() = default;
  virtual const std::vector<StreamColumn>& columns() const noexcept = 0;
  virtual void consume(const RowBlock& block, Poll& poll) = 0;
  /// `skipped`: rows the stream left out because a value was NULL, NaN or infinite, for messages.
  virtual FittedModel finish(const RowBlock& last, std::int64_t skipped, Poll& poll) = 0;
};

struct Kind {
  const char* name;
  Task task;
  const char* summary;  ///< one sentence for persona.kind
  std::vector<OptionSpec> options;
  /// Checks the request against the source's columns; throws 42703, 42804, 22023.
  std::unique_ptr<Fitter> (*make_fitter)(const FitRequest& request);
  /// Null for transformers and recommenders.
  std::unique_ptr<Scorer> (*load)(const StoredModel& stored, const Options& options);
  std::unique_ptr<Transformer> (*load_transformer)(const StoredModel& stored) = nullptr;
  Distribution distribution = Distribution::normal;
  /// Null for kinds that do not recommend.
  std::unique_ptr<Recommender> (*load_recommender)(const RecommenderFacts& facts,
                                                   const Options& options) = nullptr;
};

}  // namespace persona
