#include "core/evaluation/evaluator.h"

#include <cmath>

#include "core/base/error.h"
#include "core/evaluation/metrics.h"

namespace persona {
namespace {

template <class Metrics>
class NumberEvaluator final : public Evaluator {
 public:
  explicit NumberEvaluator(const Scorer& scorer) : scorer_(scorer) {}
  void add(const double* x, double target) override { metrics_.add(checked_score(scorer_, x), target); }
  std::vector<Metric> results(Poll& /*poll*/) override { return metrics_.results(); }

 private:
  const Scorer& scorer_;
  Metrics metrics_;
};

class BinaryEvaluator final : public Evaluator {
 public:
  BinaryEvaluator(const Scorer& scorer, double threshold) : scorer_(scorer), metrics_(threshold) {}
  void add(const double* x, double target) override { metrics_.add(checked_score(scorer_, x), target == 1); }
  std::vector<Metric> results(Poll& poll) override { return metrics_.results(poll); }

 private:
  const Scorer& scorer_;
  BinaryMetrics metrics_;
};

class MulticlassEvaluator final : public Evaluator {
 public:
  MulticlassEvaluator(const Scorer& scorer, const std::vector<std::string>& classes)
      : scorer_(scorer), classes_(classes), metrics_(classes.size()), probabilities_(classes.size()) {}

  void add(const double* x, double target) override {
    const std::vector<ClassProbability> given = scorer_.probabilities(x);
    for (std::size_t k = 0; k < classes_.size(); ++k) {
      if (k >= given.size() || given[k].name != classes_[k] || std::isnan(given[k].probability)) {
        throw Error(sqlstate::kNumericOutOfRange, "the probabilities of a row are out of range");
      }
      probabilities_[k] = given[k].probability;
    }
    metrics_.add(probabilities_.data(), static_cast<std::size_t>(target));
  }
  std::vector<Metric> results(Poll& /*poll*/) override { return metrics_.results(); }

 private:
  const Scorer& scorer_;
  std::vector<std::string> classes_;
  MulticlassMetrics metrics_;
  std::vector<double> probabilities_;
};

}  // namespace

double checked_score(const Scorer& scorer, const double* x) {
  const double score = scorer.predict(x);
  if (!std::isfinite(score)) throw Error(sqlstate::kNumericOutOfRange, "the score of a row is out of range");
  return score;
}

std::unique_ptr<Evaluator> make_evaluator(const Scorer& scorer, const std::vector<std::string>& classes,
                                          Distribution distribution, double threshold) {
  if (classes.size() > 2) return std::make_unique<MulticlassEvaluator>(scorer, classes);
  if (classes.size() == 2) return std::make_unique<BinaryEvaluator>(scorer, threshold);
  if (distribution == Distribution::poisson) return std::make_unique<NumberEvaluator<PoissonMetrics>>(scorer);
  return std::make_unique<NumberEvaluator<RegressionMetrics>>(scorer);
}

}  // namespace persona
