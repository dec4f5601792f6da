// Adding up and reading decayed totals; formulas and the source are in decayed.h.
#include "core/summaries/decayed.h"

#include <algorithm>
#include <cmath>

#include "core/base/error.h"
#include "core/summaries/decayed_weight.h"
#include "core/summaries/state_header.h"

namespace persona {
namespace {

constexpr std::uint16_t kLocalFlag = 1;
constexpr std::size_t kHalfLife = 16, kLast = 24, kTotal = 32, kWeight = 48;
// Beyond so many half-lives nothing is left of any double: 2^-1074 is the least and 2^1024 too large.
constexpr std::int64_t kAllFaded = 2200;

// A time as `until` microseconds before a whole multiple of the half-life.
struct GridTime {
  std::int64_t index;  // the multiple
  std::int64_t until;  // from 0 to below the half-life

  GridTime(std::int64_t at, std::int64_t half_life) noexcept {
    const std::int64_t past = at % half_life;
    index = at / half_life + (past > 0 ? 1 : 0);
    until = past > 0 ? half_life - past : -past;
  }
};

// a - b, as far as it matters to a double's exponent.
int half_lives(std::int64_t a, std::int64_t b) noexcept {
  std::int64_t difference = 0;
  if (__builtin_sub_overflow(a, b, &difference)) return static_cast<int>(a < b ? -kAllFaded : kAllFaded);
  return static_cast<int>(std::clamp(difference, -kAllFaded, kAllFaded));
}

// A sum carried over to so many half-lives later. Only what falls below the normal range is rounded, and may
// then be out of its one form.
DoubleDouble faded(DoubleDouble sum, int half_lives) noexcept {
  if (half_lives == 0) return sum;
  DoubleDouble later;
  if (half_lives < 1022) {
    // The same as ldexp, without its calls: 2^-half_lives by its exponent.
    const std::uint64_t bits = static_cast<std::uint64_t>(1023 - half_lives) << 52U;
    const auto factor = load<double>(reinterpret_cast<const char*>(&bits));
    later = {sum.hi * factor, sum.lo * factor};
  } else {
    later = ldexp(sum, -half_lives);
  }
  return fast_two_sum(later.hi, later.lo);
}

// A sum as of the reference time of `last`, carried over to `as_of` and rounded once.
double carried(DoubleDouble sum, std::int64_t last, std::int64_t half_life, std::int64_t as_of) noexcept {
  const GridTime from(last, half_life);
  const GridTime to(as_of, half_life);
  // 2^(until / half_life) as twice 2^(-(half_life - until) / half_life): no factor above 1 before the last.
  const DoubleDouble factor = half_life_weight(half_life - to.until, half_life);
  return std::ldexp((sum * factor).value(), half_lives(from.index, to.index) + 1);
}

std::string half_life_text(std::int64_t micros) {
  const auto with_unit = [](std::int64_t n, const char* unit) {
    return std::to_string(n) + unit + (n == 1 ? "" : "s");
  };
  constexpr std::int64_t kMicrosPerSecond = 1'000'000;
  if (micros % kMicrosPerDay == 0) return with_unit(micros / kMicrosPerDay, " day");
  if (micros % kMicrosPerHour == 0) return with_unit(micros / kMicrosPerHour, " hour");
  if (micros % kMicrosPerSecond == 0) return with_unit(micros / kMicrosPerSecond, " second");
  return with_unit(micros, " microsecond");
}

}  // namespace

Decayed Decayed::of_event(Clock clock, std::int64_t half_life, std::int64_t at, double amount) noexcept {
  Decayed d;
  d.clock = clock;
  d.half_life = half_life;
  d.last = at;
  d.weight = half_life_weight(GridTime(at, half_life).until, half_life);
  d.total = d.weight * DoubleDouble(amount);
  return d;
}

Decayed Decayed::read(const char* state) noexcept {
  Decayed d;
  d.clock = (header_flags(state) & kLocalFlag) != 0 ? Clock::local : Clock::utc;
  d.half_life = load<std::int64_t>(state + kHalfLife);
  d.last = load<std::int64_t>(state + kLast);
  d.total = load_pair(state + kTotal);
  d.weight = load_pair(state + kWeight);
  return d;
}

void Decayed::write(char* state) const noexcept {
  start_header(state, SummaryKind::decayed, kDecayedVersion,
               clock == Clock::local ? kLocalFlag : std::uint16_t{0}, 0);
  store(state + kHalfLife, half_life);
  store(state + kLast, last);
  store_pair(state + kTotal, total);
  store_pair(state + kWeight, weight);
}

bool Decayed::merge(const Decayed& other) noexcept {
  Decayed sums = *this;
  sums.last = std::max(last, other.last);
  const std::int64_t index = GridTime(last, half_life).index;
  const std::int64_t index_other = GridTime(other.last, half_life).index;
  const std::int64_t reference = std::max(index, index_other);
  const int since_this = half_lives(reference, index);
  const int since_other = half_lives(reference, index_other);
  sums.total = faded(total, since_this) + faded(other.total, since_other);
  sums.weight = faded(weight, since_this) + faded(other.weight, since_other);
  if (!std::isfinite(sums.total.value()) || !std::isfinite(sums.weight.value())) return false;
  *this = sums;
  return true;
}

double Decayed::total_as_of(std::int64_t as_of) const noexcept {
  return carried(total, last, half_life, as_of);
}

double Decayed::count_as_of(std::int64_t as_of) const noexcept {
  return carried(weight, last, half_life, as_of);
}

double Decayed::mean() const noexcept {
  const double mean = (total / weight).value();
  if (std::isfinite(mean)) return mean;
  // Next to the greatest double: a step of the division overflowed, the quotient has not.
  return 4 * (ldexp(total, -2) / weight).value();
}

void decayed_require_same(const Decayed& a, const Decayed& b) {
  if (a.clock != b.clock) {
    throw Error(sqlstate::kDataException, "cannot merge a decayed total of UTC times with one of local times",
                "timestamptz events make UTC states; timestamp and date events make local ones.",
                "Build both from the same type, for instance from ts AT TIME ZONE 'Europe/Paris'.");
  }
  if (a.half_life != b.half_life) {
    throw Error(sqlstate::kInvalidParameter,
                "cannot put together decayed totals with half-lives of " + half_life_text(a.half_life) +
                    " and " + half_life_text(b.half_life),
                "What has faded with one half-life cannot be told as it would have faded with another.",
                "Give all rows and parts the same half_life.");
  }
}

}  // namespace persona
