// All postings are read once, side by side from the newest session to the oldest, in windows of session
// numbers that the cache holds: within a window the similarities are added up in an array, and the best are
// taken out of it before the next. A popular item has a long posting, and an entry costs about a nanosecond.
#include "core/recommend/session_neighbors.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "core/base/top_k.h"
#include "core/model/damaged.h"

namespace persona {
namespace {

constexpr std::int32_t kWindow = 1 << 15;  // sums of 256 kB
constexpr std::size_t kTable = 1024;
constexpr const char* kBadPosting = "is not in descending order, or has a session of no items";

struct MoreSimilar {
  bool operator()(const SimilarSession& a, const SimilarSession& b) const noexcept {
    return a.similarity != b.similarity ? a.similarity > b.similarity : a.session > b.session;
  }
};

[[noreturn]] void throw_posting(const RecommenderFacts& facts, std::int32_t item, const std::string& what) {
  throw_damaged(facts.model, "The row of sessions of item number " + std::to_string(item) + " " + what + ".");
}

// One item's posting while it is read.
struct Cursor {
  const std::int32_t* next;
  const std::int32_t* end;
  std::int64_t before;  // every session to come has a smaller number
  PrefixItem own;
};

}  // namespace

InversePower::InversePower(double exponent) : exponent_(exponent), table_(kTable, 1) {
  for (std::size_t count = 1; count < kTable; ++count) {
    table_[count] = std::pow(static_cast<double>(count), -exponent);
  }
}

double InversePower::operator()(std::int32_t count) const {
  const auto place = static_cast<std::size_t>(count);
  return place < kTable ? table_[place] : std::pow(static_cast<double>(count), -exponent_);
}

std::vector<SimilarSession> find_similar_sessions(const RecommenderFacts& facts,
                                                  const std::vector<PrefixItem>& prefix,
                                                  const std::vector<NumberView>& postings,
                                                  const InversePower& size_factor, std::size_t most,
                                                  PacedPoll& poll) {
  std::vector<Cursor> cursors;
  for (std::size_t p = 0; p < prefix.size(); ++p) {
    if (postings[p].count % 2 != 0) throw_posting(facts, prefix[p].item, "has a session without a size");
    if (postings[p].count == 0) continue;
    cursors.push_back(
        {postings[p].numbers, postings[p].numbers + postings[p].count, std::int64_t{1} << 31U, prefix[p]});
  }
  TopK<SimilarSession, MoreSimilar> best(most);
  std::vector<double> sums(static_cast<std::size_t>(kWindow), 0);
  std::vector<std::int32_t> touched(static_cast<std::size_t>(kWindow) + 1);
  for (;;) {
    std::int32_t newest = -1;
    for (const Cursor& cursor : cursors) {
      if (cursor.next != cursor.end) newest = std::max(newest, *cursor.next);
    }
    if (newest < 0) break;
    const std::int32_t oldest = newest - newest % kWindow;
    std::size_t count = 0;
    for (Cursor& cursor : cursors) {
      const std::int32_t* const from = cursor.next;
      const double weight = cursor.own.weight;
      const std::int32_t* entry = from;
      std::int64_t before = cursor.before;
      for (; entry != cursor.end && entry[0] >= oldest; entry += 2) {
        const std::int32_t session = entry[0];
        if (session >= before || entry[1] < 1) throw_posting(facts, cursor.own.item, kBadPosting);
        before = session;
        double& sum = sums[static_cast<std::size_t>(session - oldest)];
        touched[count] = session;
        count += sum == 0 ? 1 : 0;
        sum += weight * size_factor(entry[1]);
      }
      cursor.before = before;
      cursor.next = entry;
      poll.add(2 * static_cast<std::size_t>(entry - from) + 1);
    }
    for (std::size_t t = 0; t < count; ++t) {
      double& sum = sums[static_cast<std::size_t>(touched[t] - oldest)];
      best.push({touched[t], sum});
      sum = 0;
    }
    poll.add(4 * count + 1);
  }
  for (const Cursor& cursor : cursors) {
    if (cursor.next != cursor.end) throw_posting(facts, cursor.own.item, "has a negative session number");
  }
  std::vector<SimilarSession> result = best.sorted();
  std::sort(result.begin(), result.end(),
            [](const SimilarSession& a, const SimilarSession& b) { return a.session < b.session; });
  return result;
}

}  // namespace persona
