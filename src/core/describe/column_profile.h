// What persona.describe says of one column, gathered value by value in bounded memory. Exact while the column
// has at most `capacity` different values: all figures then come from the values and their counts. Beyond
// that, mean and deviation stay exact, quantiles and outliers come from a seeded sample of `capacity` values,
// and the commonest value from the frequent-items sketch.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/describe/hash_set.h"
#include "core/describe/scaled_sums.h"
#include "core/describe/value_counts.h"
#include "core/regression/reservoir.h"

namespace persona {

/// Whether the values of a column lie on a line.
enum class Measure {
  label,       ///< they do not
  point,       ///< as dates do: quantiles are values that occur, and there is no mean
  continuous,  ///< as numbers do: quantiles are interpolated
};

inline constexpr std::array<double, 5> kProfileQuantiles = {0.05, 0.25, 0.5, 0.75, 0.95};

/// A column's figures. A number that is NaN counts as none: it stands for NaN and infinities.
struct ColumnFigures {
  bool exact = true;                     ///< there were at most `capacity` different values
  std::int64_t values = 0;               ///< not NULL
  std::optional<std::int64_t> distinct;  ///< none beyond countable()
  std::optional<double> mean;
  std::optional<double> stddev;
  std::optional<std::array<double, 5>> quantiles;  ///< at kProfileQuantiles
  std::optional<std::int64_t> outliers;            ///< unless exact scaled up from the sample
  /// None where none of several values occurs twice, or none is known to lead.
  std::optional<std::string> commonest;
  std::int64_t commonest_count = 0;  ///< it occurred at least so often
};

class ColumnProfile {
 public:
  using Entry = ValueCounts::Entry;

  static constexpr std::size_t kCapacity = 10000;

  /// capacity > 1.
  ColumnProfile(Measure measure, std::size_t capacity, std::uint64_t seed);

  /// How many different values are counted at most.
  std::size_t countable() const noexcept { return 10 * capacity_; }

  /// Counts one occurrence of the value `key` identifies. Where the answer's count is 1 and the column is no
  /// label, set its number: NaN for what is no number, an infinity for one beyond float8.
  Entry& count(std::uint64_t key);

  /// Takes the value just counted into the other figures. Not behind: its text may be wanted, see offer().
  ValueCounts::Standing observe(const Entry& entry);

  /// The text of the value just observed, which leads or ties. Of values that tie, the smallest number stays,
  /// or the text first in byte order.
  void offer(const Entry& entry, ValueCounts::Standing standing, std::string_view text);

  ColumnFigures figures() const;

 private:
  struct Sums {
    ScaledSums finite;
    bool beyond_float8 = false;
    void add(double number, std::int64_t times) noexcept;
  };

  bool exact() const noexcept { return counts_.exact(); }
  void count_different(std::uint64_t key);

  Measure measure_;
  std::size_t capacity_;
  ValueCounts counts_;
  std::optional<HashSet<ValueHash>> different_;  // from the first value on that does not fit, while countable
  Reservoir sample_;
  Sums sums_;  // kept from the first value on that does not fit into counts_
  std::int64_t values_ = 0;
  std::int64_t numbers_ = 0;
  std::string commonest_;
  double commonest_number_ = 0;
};

}  // namespace persona
