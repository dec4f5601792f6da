// Who buys in the demo's shop, and when: customers with a country, a taste, a buying rate and a chance to
// leave after each order: the "buy till you die" process of BG/NBD (Fader, Hardie and Lee 2005, Marketing
// Science 24(2)), whose clock runs with the shop's season and week.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

#include "catalog.h"
#include "core/base/random.h"

namespace shop {

constexpr int kDays = 365;  // 2025, whose January 1 is a Wednesday

/// Gamma with scale 1 (Marsaglia and Tsang 2000, ACM TOMS 26(3)), lifted below shape 1 by their power of a
/// uniform.
inline double gamma(double shape, persona::Random& random) {
  if (shape < 1) return gamma(shape + 1, random) * std::pow(1 - random.uniform(), 1 / shape);
  const double d = shape - 1.0 / 3;
  const double c = 1 / std::sqrt(9 * d);
  for (;;) {
    const double x = random.normal();
    const double v = std::pow(1 + c * x, 3);
    if (v > 0 && random.exponential() > d * v - d - d * std::log(v) - x * x / 2) return d * v;
  }
}

/// Shares that add up to one; the smaller the shape, the more one of them prevails.
template <std::size_t N>
std::array<double, N> dirichlet(double shape, persona::Random& random) {
  std::array<double, N> shares{};
  double sum = 0;
  for (double& share : shares) sum += share = gamma(shape, random) + 1e-9;
  for (double& share : shares) share /= sum;
  return shares;
}

/// Draws an index with probability proportional to its weight.
class Choice {
 public:
  explicit Choice(const std::vector<double>& weights) {
    for (const double weight : weights) cumulative_.push_back(total() + weight);
  }
  double total() const { return cumulative_.empty() ? 0 : cumulative_.back(); }
  double up_to(std::size_t index) const { return index == 0 ? 0 : cumulative_[index - 1]; }
  /// The index at which the running sum of weights passes `sum`; the number of weights if it never does.
  std::size_t at(double sum) const {
    return static_cast<std::size_t>(std::upper_bound(cumulative_.begin(), cumulative_.end(), sum) -
                                    cumulative_.begin());
  }
  std::size_t draw(persona::Random& random) const {
    return std::min(at(random.uniform() * total()), cumulative_.size() - 1);
  }

 private:
  std::vector<double> cumulative_;
};

/// How busy each day is, one on average: quiet weekends, a slow start, the weeks before Christmas, holidays
/// closed.
inline Choice make_calendar() {
  constexpr std::array<double, 7> kWeek = {1.05, 1.15, 1.1, 1.2, 1.05, 0.4, 0.75};  // from Monday
  std::vector<double> busy(kDays);
  double sum = 0;
  for (int day = 0; day < kDays; ++day) {
    const double christmas = std::exp(-std::pow((day - 322) / 22.0, 2));
    const bool closed = day == 0 || day == 358 || day == 359;
    sum += busy[day] = closed ? 0 : kWeek[(day + 2) % 7] * (0.85 + 0.0006 * day + 0.9 * christmas);
  }
  for (double& day : busy) day *= kDays / sum;
  return Choice(busy);
}

struct Customer {
  int id;  // 0 for a guest, who leaves no number
  const char* country;
  bool wholesale;
  std::vector<double> room_taste;
  std::vector<double> style_taste;
};

inline Customer make_customer(int id, persona::Random& random) {
  struct Country {
    const char* name;
    double weight;
  };
  static const std::vector<Country> countries = {
      {"United Kingdom", 880}, {"Germany", 30}, {"France", 28}, {"EIRE", 14}, {"Spain", 10},
      {"Netherlands", 9},      {"Belgium", 8},  {"Sweden", 6},  {"Italy", 5}, {"Switzerland", 5},
      {"Norway", 3},           {"Australia", 2}};
  static const Choice where = [] {
    std::vector<double> weights;
    for (const Country& country : countries) weights.push_back(country.weight);
    return Choice(weights);
  }();
  const auto taste_of_rooms = dirichlet<8>(0.35, random);
  const auto taste_of_styles = dirichlet<kStyles.size()>(0.25, random);
  return {id,
          countries[where.draw(random)].name,
          random.uniform() < 0.12,
          {taste_of_rooms.begin(), taste_of_rooms.end()},
          {taste_of_styles.begin(), taste_of_styles.end()}};
}

/// The days of a customer's orders in the year, the first at arrival; the fraction is the share of the day
/// passed.
inline std::vector<double> order_days(const Customer& customer, const Choice& calendar,
                                      persona::Random& random) {
  // A third of the customers came before the year and order soon after its start; the others arrive through
  // it.
  double clock = random.uniform() < 0.33 ? 30 * random.exponential() : kDays * random.uniform();
  const double rate = gamma(1.1, random) * (customer.wholesale ? 1 / 22.0 : 1 / 38.0);  // orders a busy-day
  const double leave_a = gamma(0.9, random);
  const double leave = leave_a / (leave_a + gamma(3.6, random));
  std::vector<double> days;
  for (; clock < calendar.total(); clock += random.exponential() / rate) {
    const std::size_t day = calendar.at(clock);
    days.push_back(static_cast<double>(day) +
                   (clock - calendar.up_to(day)) / (calendar.up_to(day + 1) - calendar.up_to(day)));
    if (random.uniform() < leave) break;
  }
  return days;
}

}  // namespace shop
