#include "core/regression/penalty_options.h"

#include "core/regression/row_folds.h"

namespace persona {

PenaltyOptions::PenaltyOptions(const Options& options)
    : l1(options.number("l1")),
      l2(options.number("l2")),
      path(options.boolean("path")),
      folds(options.has("folds") ? static_cast<int>(options.integer("folds")) : 0),
      one_se(options.text("lambda_rule") == "1se") {}

std::vector<OptionSpec> penalty_option_specs() {
  return {
      {"l1", OptionType::number, "0",
       "Lasso penalty on absolute coefficients of standardized columns, which sets some to zero; 0 for none.",
       0},
      {"l2", OptionType::number, "0",
       "Ridge penalty on squared coefficients of standardized columns; 0 for none.", 0},
      {"path", OptionType::boolean, "false",
       "Whether to store the fits at 100 penalties too, from one that leaves no term; l1 and l2 say in which "
       "ratio."},
      {"folds", OptionType::integer, "null",
       "Folds of a cross-validation that chooses the penalty on that path.", 2, RowFolds::kMost},
      {"lambda_rule",
       OptionType::text,
       "\"min\"",
       "Which penalty folds choose: the best, or the greatest within one standard error of it.",
       -1e300,
       1e300,
       {"min", "1se"}},
  };
}

}  // namespace persona
