// The loss costs nothing: with x the solution of (A + ridge I) x = b, the terms of a user add up to
// sum w - b'x, and the ridges of the other side are known from its own solutions.
#include "core/recommend/als_fit.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/base/workers.h"
#include "core/linalg/normal_equations.h"
#include "core/recommend/paced_poll.h"

namespace persona {
namespace {

// Users or items that a thread takes at once.
constexpr std::size_t kTaken = 8;

std::string progress_message(int iteration, double loss) {
  char buffer[40];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, loss, std::chars_format::general, 10);
  return "iteration " + std::to_string(iteration) + ": loss " + std::string(buffer, end.ptr);
}

// The users or the items.
struct Side {
  const SparseRows& rows;
  std::vector<std::size_t> end;  // of each row: where the entries that take part end
  std::vector<float> vectors;
  double others = 0;         // how many of the other side take part
  std::vector<double> cost;  // by row: ridge |x|^2
  std::vector<double> gain;  // by row: b'x
};

double weight_of(const SparseRows& rows, std::size_t begin, std::size_t end) {
  if (rows.weight.empty()) return static_cast<double>(end - begin);
  double sum = 0;
  for (std::size_t e = begin; e < end; ++e) sum += rows.weight[e];
  return sum;
}

double sum_of(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum;
}

class AlsFit {
 public:
  AlsFit(const Interactions& interactions, std::int32_t items, const AlsSettings& settings, Poll& poll)
      : settings_(settings),
        poll_(poll),
        workers_(settings.threads),
        users_{interactions.by_user, {}, {}, 0, {}, {}},
        items_{interactions.by_item, {}, {}, 0, {}, {}} {
    PacedPoll paced(poll);
    const SparseRows& by_user = interactions.by_user;
    for (std::size_t user = 0; user < by_user.rows(); ++user) {
      const auto begin = by_user.index.begin() + static_cast<std::ptrdiff_t>(by_user.begin[user]);
      const auto end = by_user.index.begin() + static_cast<std::ptrdiff_t>(by_user.begin[user + 1]);
      const auto last = std::lower_bound(begin, end, items);
      users_.end.push_back(static_cast<std::size_t>(last - by_user.index.begin()));
      items_.others += last > begin ? 1 : 0;
      total_ += weight_of(by_user, by_user.begin[user], users_.end[user]);
      paced.add(by_user.size(user) + 16);
    }
    users_.others = items;
    items_.end.assign(interactions.by_item.begin.begin() + 1, interactions.by_item.begin.begin() + 1 + items);
    for (Side* side : {&users_, &items_}) {
      grow(side->vectors, side->end.size() * static_cast<std::size_t>(settings.factors), paced);
      grow(side->cost, side->end.size(), paced);
      grow(side->gain, side->end.size(), paced);
    }
    Random random(settings.seed);
    const double deviation = 0.1 / std::sqrt(static_cast<double>(settings.factors));
    for (float& value : items_.vectors) {
      value = static_cast<float>(deviation * random.normal());
      paced.add(8);
    }
    for (int thread = 0; thread < settings.threads; ++thread) equations_.emplace_back(settings.factors);
  }

  AlsFactors run() {
    for (int iteration = 1; iteration <= settings_.iterations; ++iteration) {
      solve(users_, items_);
      poll_.progress(progress_message(iteration, solve(items_, users_)));
    }
    AlsFactors result;
    result.loss = solve(users_, items_);
    result.users = std::move(users_.vectors);
    result.items = std::move(items_.vectors);
    return result;
  }

 private:
  // The vectors of one side from those of the other; the loss after it.
  double solve(Side& side, const Side& other) {
    const VectorTable table = {other.vectors.data(), settings_.factors};
    {
      PacedPoll paced(poll_);
      equations_[0].clear();
      equations_[0].add(table, nullptr, nullptr, other.end.size(), paced);
      gram_ = equations_[0].matrix();
    }
    const std::size_t count = side.end.size();
    workers_.run((count + kTaken - 1) / kTaken, poll_, [&](int thread, std::size_t piece, Poll& poll) {
      PacedPoll paced(poll);
      for (std::size_t row = piece * kTaken; row < std::min(count, (piece + 1) * kTaken); ++row) {
        solve_row(side, row, table, static_cast<std::size_t>(thread), paced);
      }
      poll.check();
    });
    const double loss = total_ - sum_of(side.gain) + sum_of(other.cost);
    if (!std::isfinite(loss)) throw_out_of_range();
    return loss;
  }

  void solve_row(Side& side, std::size_t row, const VectorTable& table, std::size_t thread, PacedPoll& poll) {
    const std::size_t begin = side.rows.begin[row];
    const std::size_t count = side.end[row] - begin;
    if (count == 0) return;  // its vector is 0
    NormalEquations& equations = equations_[thread];
    const double weight = weight_of(side.rows, begin, side.end[row]);
    const double ridge = settings_.ridge(weight, side.others);
    if (!std::isfinite(ridge)) throw_out_of_range();
    equations.start(gram_, settings_.alpha, ridge);
    equations.add(table, side.rows.index.data() + begin,
                  side.rows.weight.empty() ? nullptr : side.rows.weight.data() + begin, count, poll);
    if (!equations.solve(poll)) {
      if (!std::isfinite(weight)) throw_out_of_range();
      throw Error(
          sqlstate::kNotInPrerequisiteState, "the vector of a user or an item is not determined",
          "Fewer items, or users, than factors say something of it, and lambda is too small to decide.",
          "Raise option lambda.");
    }
    const std::vector<double>& x = equations.solution();
    float* vector = side.vectors.data() + row * x.size();
    double squares = 0;
    for (std::size_t f = 0; f < x.size(); ++f) {
      vector[f] = static_cast<float>(x[f]);
      if (!std::isfinite(vector[f])) throw_out_of_range();
      squares += static_cast<double>(vector[f]) * static_cast<double>(vector[f]);
    }
    side.gain[row] = equations.gain();
    side.cost[row] = ridge * squares;
  }

  [[noreturn]] static void throw_out_of_range() {
    throw Error(sqlstate::kNumericOutOfRange, "the vector of a user or an item is out of range",
                "The weights are too large.", "Divide the weight by a constant.");
  }

  const AlsSettings settings_;
  Poll& poll_;
  Workers workers_;
  Side users_;
  Side items_;
  double total_ = 0;  // of all weights
  std::vector<double> gram_;
  std::vector<NormalEquations> equations_;  // by thread
};

}  // namespace

double AlsSettings::ridge(double weight, double others) const {
  return lambda * std::pow(weight + alpha * others, exponent);
}

AlsFactors fit_als(const Interactions& interactions, std::int32_t items, const AlsSettings& settings,
                   Poll& poll) {
  return AlsFit(interactions, items, settings, poll).run();
}

}  // namespace persona
