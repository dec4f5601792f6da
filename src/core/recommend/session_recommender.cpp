#include "core/recommend/session_recommender.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>

#include "core/base/at.h"
#include "core/model/damaged.h"
#include "core/recommend/contributions.h"
#include "core/recommend/paced_poll.h"

namespace persona {
namespace {

constexpr double kLeastWeight = 1e-200;
constexpr double kLeastFactor = 1e-20;
constexpr const char* kFollows = "often follows";

void check_session(const RecommenderFacts& facts, std::int32_t session, const NumberView& items) {
  for (std::size_t n = 0; n < items.count; ++n) {
    if (items.numbers[n] >= 0 && items.numbers[n] < facts.items) continue;
    throw_damaged(facts.model, "Session number " + std::to_string(session) + " has item number " +
                                   std::to_string(items.numbers[n]) + ", and the model has " +
                                   std::to_string(facts.items) + " items.");
  }
}

}  // namespace

SessionRecommender::SessionRecommender(const RecommenderFacts& facts, const SessionOptions& options)
    : facts_(facts),
      options_(options),
      size_factor_(options.session_exponent),
      next_(
          facts, kFollows,
          [decay = options.next_item_decay](const History& history) { return count_baskets(history, decay); },
          true) {
  for (std::size_t d = 0; d < 4096; ++d) {
    const double factor = std::exp(-static_cast<double>(d) / options.position_scale);
    if (factor < kLeastFactor) break;
    distance_factor_.push_back(factor);
  }
}

// Each item once, at its last place, the newest first; those that no session has are left out.
SessionRecommender::Prefix SessionRecommender::weigh(const History& history, ModelReader& reader) const {
  std::vector<HistoryItem> items;
  for (const HistoryItem& each : history.items) {
    if (each.weight > 0) items.push_back(each);
  }
  std::sort(items.begin(), items.end(), [](const HistoryItem& a, const HistoryItem& b) {
    return a.item != b.item ? a.item < b.item : a.age < b.age;
  });
  items.erase(std::unique(items.begin(), items.end(),
                          [](const HistoryItem& a, const HistoryItem& b) { return a.item == b.item; }),
              items.end());
  std::stable_sort(items.begin(), items.end(),
                   [](const HistoryItem& a, const HistoryItem& b) { return a.age < b.age; });
  std::vector<std::int32_t> numbers;
  numbers.reserve(items.size());
  for (const HistoryItem& each : items) numbers.push_back(each.item);
  const std::vector<NumberView> postings = reader.item_sessions(numbers);
  Prefix prefix;
  for (std::size_t n = 0; n < items.size(); ++n) {
    const std::size_t sessions = postings[n].count / 2;
    const double rarity = std::pow(static_cast<double>(sessions), -options_.item_exponent);
    const double weight = std::pow(options_.decay, items[n].age) * rarity;
    if (postings[n].count == 0 || weight < kLeastWeight) continue;
    prefix.items.push_back({items[n].item, weight});
    prefix.postings.push_back(postings[n]);
  }
  return prefix;
}

template <typename Use>
void SessionRecommender::for_each_part(const Prefix& prefix, ModelReader& reader, PacedPoll& poll,
                                       Use use) const {
  const std::vector<SimilarSession> similar =
      find_similar_sessions(facts_, prefix.items, prefix.postings, size_factor_, options_.sessions, poll);
  std::vector<std::int32_t> numbers;
  numbers.reserve(similar.size());
  for (const SimilarSession& each : similar) numbers.push_back(each.session);
  const std::vector<NumberView> rows = reader.sessions(numbers);
  ItemSet own(facts_.items);
  for (const PrefixItem& each : prefix.items) own.insert(each.item);
  for (std::size_t s = 0; s < similar.size(); ++s) {
    const NumberView& items = rows[s];
    check_session(facts_, similar[s].session, items);
    std::size_t matched = items.count;
    for (std::size_t place = items.count; place > 0 && matched == items.count; --place) {
      if (own.contains(items.numbers[place - 1])) matched = place - 1;
    }
    if (matched == items.count) {
      throw_damaged(facts_.model, "Session number " + std::to_string(similar[s].session) +
                                      " lacks an item in whose row of sessions it is.");
    }
    for (std::size_t place = 0; place < items.count; ++place) {
      const std::size_t distance = place < matched ? matched - place : place - matched;
      if (distance >= distance_factor_.size()) continue;
      use(items.numbers[place], similar[s].similarity * distance_factor_[distance], items);
    }
    poll.add(8 * items.count + 32);
  }
}

void SessionRecommender::score(const History& history, ModelReader& reader, ItemScores& scores,
                               Poll& poll) const {
  PacedPoll paced(poll);
  ItemScores parts[] = {ItemScores(facts_.items), ItemScores(facts_.items)};
  for_each_part(weigh(history, reader), reader, paced,
                [&](std::int32_t item, double part, const NumberView&) { parts[0].add(item, part); });
  if (options_.next_item_weight > 0) next_.score(history, reader, parts[1], poll);
  parts[0].add_shares_to(scores, 1);
  parts[1].add_shares_to(scores, options_.next_item_weight);
}

std::vector<ItemReason> SessionRecommender::explain(const History& history, ModelReader& reader,
                                                    const std::vector<std::int32_t>& items,
                                                    Poll& poll) const {
  PacedPoll paced(poll);
  const Prefix weighed = weigh(history, reader);
  const std::vector<PrefixItem>& prefix = weighed.items;
  std::vector<std::int32_t> place_of(at(facts_.items), -1);   // among the items to explain
  std::vector<std::int32_t> prefix_of(at(facts_.items), -1);  // among those of the prefix
  for (std::size_t n = 0; n < items.size(); ++n) place_of[at(items[n])] = static_cast<std::int32_t>(n);
  for (std::size_t p = 0; p < prefix.size(); ++p)
    prefix_of[at(prefix[p].item)] = static_cast<std::int32_t>(p);
  std::vector<std::int64_t> sessions(items.size(), 0);
  // What a session gives an item comes from its prefix items in proportion to their weights.
  std::vector<double> causes(items.size() * prefix.size(), 0);
  for_each_part(weighed, reader, paced, [&](std::int32_t item, double part, const NumberView& session) {
    const std::int32_t place = place_of[at(item)];
    if (place < 0) return;
    ++sessions[at(place)];
    double total = 0;
    for (int turn = 0; turn < 2; ++turn) {
      for (std::size_t n = 0; n < session.count; ++n) {
        const std::int32_t p = prefix_of[at(session.numbers[n])];
        if (p < 0) continue;
        if (turn == 0) total += prefix[at(p)].weight;
        if (turn == 1) causes[at(place) * prefix.size() + at(p)] += part * prefix[at(p)].weight / total;
      }
    }
    paced.add(4 * session.count);
  });

  Contributions contributions(facts_.items, items);
  std::vector<std::int32_t> others;
  for (std::size_t n = 0; n < items.size(); ++n) {
    for (std::size_t p = 0; p < prefix.size(); ++p) {
      contributions.add(items[n], prefix[p].item, causes[n * prefix.size() + p]);
    }
    if (sessions[n] == 0) others.push_back(items[n]);
  }
  const std::vector<ItemReason> follow =
      others.empty() ? std::vector<ItemReason>() : next_.explain(history, reader, others, poll);
  std::vector<ItemReason> reasons(items.size());
  std::size_t next = 0;
  for (std::size_t n = 0; n < items.size(); ++n) {
    if (sessions[n] == 0) {
      reasons[n] = follow[next++];
    } else {
      const std::string count = std::to_string(sessions[n]);
      reasons[n] = {"in " + count + (sessions[n] == 1 ? " similar session with" : " similar sessions with"),
                    contributions.because(n)};
    }
  }
  return reasons;
}

}  // namespace persona
