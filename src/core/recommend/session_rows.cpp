#include "core/recommend/session_rows.h"

#include <algorithm>
#include <cstddef>

#include "core/base/at.h"

namespace persona {
SessionRows make_sessions(const Sequences& sequences, const std::vector<std::int32_t>& rank,
                          std::int32_t items, PacedPoll& poll) {
  std::vector<std::size_t> order;
  for (std::size_t session = 0; session < sequences.users(); ++session) {
    if (sequences.begin[session + 1] - sequences.begin[session] >= 2) order.push_back(session);
    poll.add(1);
  }
  const auto last_time = [&](std::size_t session) {
    return sequences.time[sequences.begin[session + 1] - 1];
  };
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    poll.add(8);
    return last_time(a) != last_time(b) ? last_time(a) < last_time(b) : rank[a] < rank[b];
  });

  SessionRows rows;
  std::vector<std::size_t> seen_in(at(items), 0);  // 1 + the last place in `order` that had the item
  std::vector<std::int32_t> newest_first;
  for (std::size_t place = 0; place < order.size(); ++place) {
    const std::size_t session = order[place];
    newest_first.clear();
    for (std::size_t e = sequences.begin[session + 1]; e > sequences.begin[session]; --e) {
      const std::size_t item = at(sequences.item[e - 1]);
      poll.add(4);
      if (seen_in[item] == place + 1) continue;
      seen_in[item] = place + 1;
      newest_first.push_back(sequences.item[e - 1]);
    }
    if (newest_first.size() >= 2) rows.items.emplace_back(newest_first.rbegin(), newest_first.rend());
    poll.add(32);
  }
  rows.sessions.resize(at(items));
  for (std::size_t number = rows.items.size(); number > 0; --number) {
    const std::vector<std::int32_t>& own = rows.items[number - 1];
    for (const std::int32_t item : own) {
      rows.sessions[at(item)].push_back(static_cast<std::int32_t>(number - 1));
      rows.sessions[at(item)].push_back(static_cast<std::int32_t>(own.size()));
      poll.add(8);
    }
  }
  return rows;
}

}  // namespace persona
