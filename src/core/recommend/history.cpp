// Merging by a sort: a history is short.
#include "core/recommend/history.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "core/base/error.h"
#include "core/recommend/net_weight.h"

namespace persona {

std::vector<HistoryItem> merge_history(std::vector<HistoryItem> rows) {
  // By weight within an item, so that the sum does not depend on the order in which the server read them.
  std::sort(rows.begin(), rows.end(), [](const HistoryItem& a, const HistoryItem& b) {
    return a.item != b.item ? a.item < b.item : a.weight < b.weight;
  });
  std::size_t kept = 0;
  for (std::size_t row = 0; row < rows.size();) {
    const std::int32_t item = rows[row].item;
    NetWeight net;
    for (; row < rows.size() && rows[row].item == item; ++row) net.add(rows[row].weight);
    const double weight = net.value();
    if (!std::isfinite(weight)) {
      throw Error(sqlstate::kNumericOutOfRange, "total weight of an item in the history is out of range");
    }
    if (weight > 0) rows[kept++] = HistoryItem{item, weight};
  }
  rows.resize(kept);
  return rows;
}

}  // namespace persona
