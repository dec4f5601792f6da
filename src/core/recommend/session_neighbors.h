// Which stored sessions are most like the one at hand.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/recommend/model_reader.h"
#include "core/recommend/paced_poll.h"
#include "core/recommend/recommender.h"

namespace persona {

/// An item of the session at hand: what sessions that have it gain, but for their own size.
struct PrefixItem {
  std::int32_t item = 0;
  double weight = 0;  ///< at least 1e-200, lest a similarity is 0
};

struct SimilarSession {
  std::int32_t session = 0;
  double similarity = 0;
};

/// count ^ -exponent, small counts from a table.
class InversePower {
 public:
  explicit InversePower(double exponent);
  double operator()(std::int32_t count) const;  ///< count: positive

 private:
  double exponent_;
  std::vector<double> table_;
};

/// The `most` sessions of the largest similarity, the sum over the prefix items they have of weight *
/// |s|^-un, ties by the larger number; in order of their numbers. `postings`: of the prefix items, in their
/// order. Throws 22000 where a posting is not what a fit writes.
std::vector<SimilarSession> find_similar_sessions(const RecommenderFacts& facts,
                                                  const std::vector<PrefixItem>& prefix,
                                                  const std::vector<NumberView>& postings,
                                                  const InversePower& size_factor, std::size_t most,
                                                  PacedPoll& poll);

}  // namespace persona
