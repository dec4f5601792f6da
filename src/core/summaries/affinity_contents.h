// The contents of an affinity state outside its bytes: what merging and the readers of text work on.
#pragma once

#include <vector>

#include "core/summaries/affinity.h"

namespace persona {

struct AffinityEntry {
  AffinityKey key;      ///< its bytes lie elsewhere
  DoubleDouble upper;   ///< not below the true weight
  std::uint16_t slack;  ///< how far above it, as slack_code() has it; 0 in an exact state
};

struct AffinityContents {
  AffinityForm form;
  DoubleDouble total;  ///< of a bounded state
  DoubleDouble error;
  std::vector<AffinityEntry> entries;  ///< keys ascending

  std::size_t size() const noexcept;
  /// size() bytes but for the first four.
  void write(char* state) const noexcept;
};

/// What the rows of both have led to; it may be larger than a state can be. The same whichever is first, but
/// for where the bytes of keys lie. Throws as affinity_merge().
AffinityContents affinity_union(const AffinityView& a, const AffinityView& b);

/// Makes contents fit into a state: where they do not the least keys leave, and with the first of them the
/// state becomes a bounded one, of this total.
void affinity_fit(AffinityContents* contents, DoubleDouble total);

}  // namespace persona
