// The summary `affinity`: how much weight (purchases, money, minutes) fell on each key (category, brand,
// product), in at most 2,000 bytes. Exact while the keys fit; past that a mergeable summary of the heaviest
// (docs/summaries/affinity.md). It is a flat run of bytes, a column for each part, keys ascending:
//   header (dim = number of keys) | bounded: total, error double-double | weights u32 or double-double each |
//   bounded: slacks u16 each | texts: ends u16 each | bytes of the keys
// Flag 1: bigint keys. 2: weights are double-doubles; they are u32 while every row's weight was a whole
// number and no sum has left 32 bits. 4: bounded. Whether a state is bounded depends only on the rows it was
// made of, not on their order or partition: a part never needs more room than the whole.
//
// A bounded state is the summary of Misra and Gries (Science of Computer Programming 2, 1982) in the form of
// Metwally, Agrawal and El Abbadi's SpaceSaving (ICDT 2005): a key's stored weight is an upper bound of its
// true one, `error` is one of every key that is not there, and the key's slack says how much of its weight
// may be that of keys that had to leave. It merges with the same guarantees (Agarwal et al., "Mergeable
// summaries", ACM TODS 38(4), 2013).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/base/double_double.h"
#include "core/summaries/affinity_key.h"
#include "core/summaries/affinity_slack.h"
#include "core/summaries/state_header.h"

namespace persona {

inline constexpr std::uint8_t kAffinityVersion = 1;
inline constexpr std::size_t kAffinityMaxSize = 2000;
/// The least state: a count of an empty text.
inline constexpr std::size_t kAffinityLeastSize = 22;
/// More keys than any state can have.
inline constexpr int kAffinityMaxKeys = 331;
/// Room for a state of one key.
inline constexpr std::size_t kAffinityFirstSize = 100;
/// The greatest weight of a key: no total of a state, nor a product of shares, then leaves float8.
inline constexpr double kAffinityGreatest = 1e300;
/// And of one that is kept as a count.
inline constexpr double kAffinityGreatestCount = 4294967295;

/// What the flags of a state say about its layout. Sizes in bytes.
struct AffinityForm {
  bool bigint = false;
  bool sums = false;     ///< weights are double-doubles
  bool bounded = false;  ///< keys had to leave

  static AffinityForm of(std::uint16_t flags) noexcept {
    return {(flags & 1U) != 0, (flags & 2U) != 0, (flags & 4U) != 0};
  }
  std::uint16_t flags() const noexcept {
    return static_cast<std::uint16_t>((bigint ? 1U : 0U) | (sums ? 2U : 0U) | (bounded ? 4U : 0U));
  }
  std::size_t weights_at() const noexcept { return kHeaderSize + (bounded ? 32 : 0); }
  std::size_t weight_size() const noexcept { return sums ? 16 : 4; }
  std::size_t slack_size() const noexcept { return bounded ? 2 : 0; }
  std::size_t end_size() const noexcept { return bigint ? 0 : 2; }
  void store_weight(char* at, DoubleDouble weight) const noexcept {
    if (sums) {
      store_pair(at, weight);
    } else {
      store(at, static_cast<std::uint32_t>(weight.hi));
    }
  }
  /// What stands for a text key that ends there.
  static std::uint16_t stored_end(std::size_t end, bool cut) noexcept {
    return static_cast<std::uint16_t>(end | (cut ? kCutBit : 0U));
  }
  static constexpr std::uint16_t kCutBit = 0x8000;

  /// All that a key takes.
  std::size_t entry_size(std::size_t key_size) const noexcept {
    return weight_size() + slack_size() + end_size() + key_size;
  }
};

/// A state and where its parts lie.
class AffinityView {
 public:
  static constexpr std::size_t kTotal = 16, kError = 32;
  static constexpr std::uint16_t kKnownFlags = 7;

  explicit AffinityView(const char* state) noexcept
      : state_(state), count_(header_dim(state)), form_(AffinityForm::of(header_flags(state))) {}

  const char* state() const noexcept { return state_; }
  const AffinityForm& form() const noexcept { return form_; }
  int count() const noexcept { return count_; }

  std::size_t weight_at(int i) const noexcept {
    return form_.weights_at() + form_.weight_size() * static_cast<std::size_t>(i);
  }
  std::size_t slack_at(int i) const noexcept {
    return weight_at(count_) + form_.slack_size() * static_cast<std::size_t>(i);
  }
  std::size_t end_at(int i) const noexcept {
    return slack_at(count_) + form_.end_size() * static_cast<std::size_t>(i);
  }
  std::size_t bytes_at() const noexcept { return end_at(count_); }
  /// Where the key ends, from bytes_at() on; the bit of a cut key is not counted.
  std::size_t key_end(int i) const noexcept {
    return form_.bigint ? kAffinityBigintSize * static_cast<std::size_t>(i + 1)
                        : load<std::uint16_t>(state_ + end_at(i)) & ~unsigned{AffinityForm::kCutBit};
  }
  std::size_t key_begin(int i) const noexcept { return i == 0 ? 0 : key_end(i - 1); }
  std::size_t size() const noexcept { return bytes_at() + key_end(count_ - 1); }

  AffinityKey key(int i) const noexcept {
    const std::size_t begin = key_begin(i);
    return {state_ + bytes_at() + begin, static_cast<std::uint16_t>(key_end(i) - begin),
            !form_.bigint && (load<std::uint16_t>(state_ + end_at(i)) & AffinityForm::kCutBit) != 0};
  }
  /// The weight as it is stored: an upper bound, which an exact state attains.
  DoubleDouble upper(int i) const noexcept {
    return form_.sums ? load_pair(state_ + weight_at(i))
                      : DoubleDouble(load<std::uint32_t>(state_ + weight_at(i)));
  }
  /// How far the true weight may lie below that, at most error(); 0 in an exact state.
  DoubleDouble slack(int i) const noexcept;
  /// The weight that is certainly the key's: upper - slack, at least 0.
  DoubleDouble weight(int i) const noexcept;

  /// Of all rows, exact in every state.
  DoubleDouble total() const noexcept;
  /// What no absent key's weight exceeds; 0 in an exact state.
  DoubleDouble error() const noexcept { return form_.bounded ? load_pair(state_ + kError) : DoubleDouble(); }

  /// Where a key is, or belongs.
  struct Place {
    int index;
    bool found;
  };
  Place find(const AffinityKey& key) const noexcept;

  /// weight / total; 0 of a key that is not there, none where the total is 0.
  std::optional<double> share(const AffinityKey& key) const noexcept;
  /// Shannon's entropy in nats, -sum p ln p over the shares ("A mathematical theory of communication", Bell
  /// System Technical Journal 27, 1948). What is no kept key's for certain counts as the fewest keys that can
  /// hold it, of weight error each. None where the total is 0.
  std::optional<double> entropy() const noexcept;
  /// Writes which keys are heaviest, at most k, by weight (rounded to a double, so that ties are what a
  /// reader takes for one) and then in their order; answers how many. `order` has room for kAffinityMaxKeys.
  int heaviest(int k, std::uint16_t* order) const noexcept;

 private:
  const char* state_;
  int count_;
  AffinityForm form_;
};

/// The cosine between the weights of two states whose keys are of one type, 0 to 1; none where a total is 0.
std::optional<double> affinity_similarity(const AffinityView& a, const AffinityView& b) noexcept;

/// A double that is not below the number.
inline double rounded_up(DoubleDouble x) noexcept { return x.lo > 0 ? std::nextafter(x.hi, HUGE_VAL) : x.hi; }

enum class AffinityAdded {
  done,
  needs_merge,  ///< nothing was done: merge with a state of the row instead
  overflow,     ///< nothing was done: a weight or the total left the range
};

/// Writes a state of one row, at most kAffinityFirstSize bytes; answers its size. The weight is from 0 to
/// kAffinityGreatest.
std::size_t affinity_start(char* state, bool bigint, const AffinityKey& key, double weight) noexcept;

/// Adds a row in place, if the state's layout stays as it is and it keeps within `capacity` bytes; `*size` is
/// then updated. The aggregate's hot path. The key is of the state's type.
AffinityAdded affinity_add(char* state, std::size_t* size, std::size_t capacity, const AffinityKey& key,
                           double weight) noexcept;

/// Merges states of disjoint rows into `to`, which has kAffinityMaxSize bytes and overlaps neither; answers
/// the size. The same bytes whichever is first. Throws 22000 when the keys of one are texts and of the other
/// bigints, 22003 when a weight or the total leaves the range.
std::size_t affinity_merge(char* to, const AffinityView& a, const AffinityView& b);

/// Throws persona::Error{sqlstate, message, what is wrong} unless the bytes are a state in its one form that
/// some rows can have led to, as far as can be told. The first four bytes are not looked at, nor the encoding
/// of texts.
void affinity_check(const char* state, std::size_t size, const char* sqlstate, const char* message);

}  // namespace persona
