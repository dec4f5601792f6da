// An affinity state in plain memory, grown as the server grows it, and rows to build it from.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "core/base/random.h"
#include "core/summaries/affinity.h"
#include "core/summaries/affinity_forms.h"

namespace persona::testing {

struct AffinityRow {
  std::string key;  ///< the text, or the eight bytes of a bigint as a key
  double weight;
};

/// A key over a row's bytes as the server makes it; long ones are cut after 56 bytes. Bytes below ASCII's
/// end.
struct KeyOf {
  char memory[kAffinityKeyLimit];
  AffinityKey key;

  explicit KeyOf(const std::string& text) {
    if (text.size() > kAffinityKeyLimit) {
      key = cut_affinity_key(text.data(), text.size(), kAffinityPrefixLimit, memory);
    } else {
      key = {text.data(), static_cast<std::uint16_t>(text.size()), false};
    }
  }
  KeyOf(const KeyOf&) = delete;
  KeyOf& operator=(const KeyOf&) = delete;
};

inline std::string bigint_bytes(std::int64_t value) {
  std::string bytes(kAffinityBigintSize, '\0');
  bigint_affinity_key(value, bytes.data());
  return bytes;
}

inline std::string affinity_row_state(const AffinityRow& row, bool bigint = false) {
  std::string state(kAffinityFirstSize, '\0');
  const KeyOf key(row.key);
  state.resize(affinity_start(state.data(), bigint, key.key, row.weight));
  return state;
}

inline std::string merge_affinities(const std::string& a, const std::string& b) {
  std::string to(kAffinityMaxSize, '\0');
  to.resize(affinity_merge(to.data(), AffinityView(a.data()), AffinityView(b.data())));
  return to;
}

/// Adds one row as the aggregate does, within exactly the memory there is: `slack` bytes to spare.
inline void add_affinity_row(std::string* state, const AffinityRow& row, bool bigint = false,
                             std::size_t slack = 0) {
  if (state->empty()) {
    *state = affinity_row_state(row, bigint);
    return;
  }
  const KeyOf key(row.key);
  std::size_t size = state->size();
  std::vector<char> memory(state->begin(), state->end());
  memory.resize(size + slack);
  memory.shrink_to_fit();
  switch (affinity_add(memory.data(), &size, memory.size(), key.key, row.weight)) {
    case AffinityAdded::done:
      state->assign(memory.data(), size);
      return;
    case AffinityAdded::needs_merge:
      *state = merge_affinities(*state, affinity_row_state(row, bigint));
      return;
    case AffinityAdded::overflow:
      std::abort();
  }
}

inline std::string affinity_of(const std::vector<AffinityRow>& rows, bool bigint = false) {
  std::string state;
  for (std::size_t i = 0; i < rows.size(); ++i) add_affinity_row(&state, rows[i], bigint, i % 4 * 20);
  return state;
}

/// Rows over at most `keys` keys of various lengths, the first the most frequent. Weights are whole, or
/// prices in cents.
inline std::vector<AffinityRow> random_affinity_rows(Random* random, std::size_t n, std::size_t keys,
                                                     bool bigint, bool whole) {
  std::vector<AffinityRow> rows;
  for (std::size_t i = 0; i < n; ++i) {
    const double u = random->uniform();
    const auto key = static_cast<std::size_t>(static_cast<double>(keys) * u * u * u);
    std::string text = std::to_string(key);
    if (key % 5 == 1) text += std::string(key % 90, 'x');
    const double cents = std::floor(10000 * random->uniform() * random->uniform());
    rows.push_back({bigint ? bigint_bytes(static_cast<std::int64_t>(key) - 50) : text,
                    whole ? std::floor(cents / 1000) : cents / 100});
  }
  return rows;
}

inline std::string text_of(const std::string& state) { return affinity_to_text(state.data(), state.size()); }

}  // namespace persona::testing
