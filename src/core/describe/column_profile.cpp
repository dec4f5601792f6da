#include "core/describe/column_profile.h"

#include <cmath>
#include <utility>
#include <vector>

#include "core/describe/order_statistics.h"

namespace persona {

ColumnProfile::ColumnProfile(Measure measure, std::size_t capacity, std::uint64_t seed)
    : measure_(measure), capacity_(capacity), counts_(capacity), sample_(1, seed, capacity) {}

void ColumnProfile::Sums::add(double number, std::int64_t times) noexcept {
  if (std::isfinite(number)) {
    finite.add(number, times);
  } else if (!std::isnan(number)) {
    beyond_float8 = true;
  }
}

ColumnProfile::Entry& ColumnProfile::count(std::uint64_t key) {
  if (exact() && counts_.must_forget(key)) {
    different_.emplace(4 * countable() * sizeof(ValueHash));  // grows as far as it must
    counts_.for_each([&](const Entry& entry) {
      count_different(entry.key);
      if (measure_ == Measure::continuous) sums_.add(entry.number, entry.count);
    });
  }
  Entry& entry = counts_.add(key);
  if (entry.count == 1) count_different(key);
  return entry;
}

void ColumnProfile::count_different(std::uint64_t key) {
  if (!different_.has_value()) return;
  const auto answer = different_->insert({key});
  if (answer == HashSet<ValueHash>::Answer::full || different_->size() > countable()) different_.reset();
}

ValueCounts::Standing ColumnProfile::observe(const Entry& entry) {
  ++values_;
  if (measure_ != Measure::label && !std::isnan(entry.number)) {
    ++numbers_;
    if (double* place = sample_.next_row()) *place = entry.number;
    if (!exact() && measure_ == Measure::continuous) sums_.add(entry.number, 1);
  }
  return counts_.rank(entry);
}

void ColumnProfile::offer(const Entry& entry, ValueCounts::Standing standing, std::string_view text) {
  if (standing == ValueCounts::Standing::ties) {
    const bool numbers = measure_ != Measure::label && entry.number != commonest_number_;
    if (numbers ? !(entry.number < commonest_number_) : text >= commonest_) return;
    counts_.lead(entry);
  }
  commonest_ = text;
  commonest_number_ = entry.number;
}

ColumnFigures ColumnProfile::figures() const {
  ColumnFigures figures;
  figures.values = values_;
  figures.exact = exact();
  if (exact()) figures.distinct = static_cast<std::int64_t>(counts_.size());
  if (different_.has_value()) figures.distinct = static_cast<std::int64_t>(different_->size());
  const Entry* leader = counts_.leader();
  if (leader != nullptr && (leader->count > 1 || values_ == 1)) {
    figures.commonest = commonest_;
    figures.commonest_count = leader->count;
  }
  if (measure_ == Measure::label || numbers_ == 0) return figures;
  Sums sums = sums_;
  std::vector<CountedNumber> numbers;
  if (exact()) {
    counts_.for_each([&](const Entry& entry) {
      if (std::isnan(entry.number)) return;
      numbers.push_back({entry.number, entry.count});
      if (measure_ == Measure::continuous) sums.add(entry.number, entry.count);
    });
  } else {
    for (std::size_t i = 0; i < sample_.rows(); ++i) numbers.push_back({sample_.value(i, 0), 1});
  }
  if (measure_ == Measure::continuous && !sums.beyond_float8) {
    figures.mean = sums.finite.mean();
    figures.stddev = sums.finite.stddev();
  }
  const OrderStatistics order(std::move(numbers));
  std::array<double, 5> quantiles{};
  for (std::size_t i = 0; i < quantiles.size(); ++i) {
    const double p = kProfileQuantiles[i];
    quantiles[i] = measure_ == Measure::continuous ? order.interpolated(p) : order.discrete(p);
  }
  figures.quantiles = quantiles;
  const std::int64_t outliers = order.outliers(quantiles[1], quantiles[3]);
  const double scale = static_cast<double>(numbers_) / static_cast<double>(order.count());
  figures.outliers = exact() ? outliers : std::llround(static_cast<double>(outliers) * scale);
  return figures;
}

}  // namespace persona
