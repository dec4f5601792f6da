#include "core/regression/regression_rows.h"

#include <vector>

namespace persona {
namespace {

int base_numbers(const Design& design) { return static_cast<int>(design.base_numbers().size()); }
int base_labels(const Design& design) { return static_cast<int>(design.base_labels().size()); }

}  // namespace

RegressionRows::RegressionRows(const Design& design, const FitRequest& request)
    : target_(base_numbers(design)),
      weight_(design.weight_stream() < 0 ? -1 : target_ + 1),
      offset_(design.offset_stream() < 0 ? -1 : target_ + (weight_ < 0 ? 1 : 2)),
      cluster_(design.cluster_stream() < 0 ? -1 : base_labels(design)),
      cache_(target_ + 1 + (weight_ < 0 ? 0 : 1) + (offset_ < 0 ? 0 : 1),
             base_labels(design) + (cluster_ < 0 ? 0 : 1),
             static_cast<std::size_t>(request.options.integer("memory")) << 20, request.open_store) {}

void RegressionRows::set_folds(int folds, std::uint64_t seed) {
  folds_.emplace(folds, seed);
  sorter_.emplace(folds);
}

FoldSorter::Sink RegressionRows::sink() {
  return [this](int fold, const std::vector<const double*>& numbers,
                const std::vector<const std::int32_t*>& labels,
                int rows) { cache_.append(numbers.data(), labels.data(), rows, fold); };
}

void RegressionRows::finish() {
  if (sorter_) sorter_->flush(sink());
}

void RegressionRows::append(const Design& design, const RowBlock& block, const double* target) {
  std::vector<const double*> numbers = design.base_numbers();
  numbers.push_back(target);
  if (weight_ >= 0) numbers.push_back(design.weights());
  if (offset_ >= 0) numbers.push_back(design.offsets());
  std::vector<const std::int32_t*> labels = design.base_labels();
  if (cluster_ >= 0) labels.push_back(design.cluster_codes());
  if (sorter_) {
    sorter_->add(numbers, labels, block.rows(), folds_->assign(design.stream(), block), sink());
  } else {
    cache_.append(numbers.data(), labels.data(), block.rows());
  }
}

std::vector<OptionSpec> row_options() {
  return {
      {"weight", OptionType::text, "null",
       "A column with each row's weight, as in R's lm and glm; rows of weight 0 are left out."},
      {"offset", OptionType::text, "null",
       "A column that is added to the linear predictor with coefficient 1, in scoring too."},
      {"standard_errors",
       OptionType::text,
       "\"classical\"",
       "Standard errors that trust the model, or robust ones (HC1), or robust ones by cluster.",
       -1e300,
       1e300,
       {"classical", "robust", "cluster"}},
      {"cluster", OptionType::text, "null",
       "For standard errors by cluster: the column whose values say which rows belong together."},
      {"memory", OptionType::integer, "256",
       "Megabytes of rows kept in memory; the others go to a temporary file that each pass reads again.", 1,
       1048576},
  };
}

Feature describe_offset(const std::string& name, const CrossProducts& products,
                        const CrossProductsAccumulator& accumulator, int column) {
  Feature feature;
  feature.name = name;
  feature.role = "offset";
  feature.basis = "linear";
  feature.mean = products.mean_value(column);
  if (products.rows() > 1) feature.stddev = products.sample_deviation(column);
  feature.min = accumulator.minimum(column);
  feature.max = accumulator.maximum(column);
  return feature;
}

}  // namespace persona
