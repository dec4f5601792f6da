#include "core/recommend/event_fitter.h"

#include <algorithm>
#include <utility>

#include "core/base/at.h"
#include "core/base/error.h"
#include "core/recommend/paced_poll.h"
#include "core/recommend/segments.h"

namespace persona {
namespace {

// By user code: the rank of the user's segment among all, -1 without one.
std::vector<std::int32_t> user_segments(const Events& events, const std::vector<std::int32_t>& rank,
                                        std::size_t users, PacedPoll& poll) {
  std::vector<std::vector<std::pair<double, std::int32_t>>> rows(users);
  for (std::size_t e = 0; e < events.segments.size(); ++e) {
    poll.add(8);
    if (events.segments[e] == kMissingLabel) continue;
    rows[at(events.users[e])].emplace_back(events.times.empty() ? 0 : events.times[e],
                                           rank[at(events.segments[e])]);
  }
  std::vector<std::int32_t> segments(users, -1);
  for (std::size_t user = 0; user < users; ++user) {
    if (!rows[user].empty()) segments[user] = pick_segment(rows[user]);
    poll.add(16 * rows[user].size() + 1);
  }
  return segments;
}

// By item code: the first by name of the item's attributes, kMissingLabel without one.
std::vector<std::int32_t> item_attributes(const Events& events, const Dictionary& attributes,
                                          std::int32_t items, PacedPoll& poll) {
  const std::vector<std::int32_t> rank = rank_labels(attributes, poll);
  std::vector<std::int32_t> chosen(at(items), kMissingLabel);
  for (std::size_t e = 0; e < events.attributes.size(); ++e) {
    poll.add(8);
    const std::int32_t code = events.attributes[e];
    std::int32_t& own = chosen[at(events.items[e])];
    if (code != kMissingLabel && (own == kMissingLabel || rank[at(code)] < rank[at(own)])) own = code;
  }
  return chosen;
}

// The items with any popularity, by falling popularity, ties by number.
PopularityRow popularity_row(std::string segment, const std::vector<double>& popularity) {
  PopularityRow row;
  row.segment = std::move(segment);
  for (std::size_t item = 0; item < popularity.size(); ++item) {
    if (popularity[item] > 0) row.items.push_back(static_cast<std::int32_t>(item));
  }
  std::stable_sort(row.items.begin(), row.items.end(),
                   [&](std::int32_t a, std::int32_t b) { return popularity[at(a)] > popularity[at(b)]; });
  for (const std::int32_t item : row.items) row.scores.push_back(static_cast<float>(popularity[at(item)]));
  return row;
}

// By segment: its users.
std::vector<std::vector<std::size_t>> users_by_segment(const std::vector<std::int32_t>& segment_of,
                                                       std::size_t segments) {
  std::vector<std::vector<std::size_t>> users(segments);
  for (std::size_t user = 0; user < segment_of.size(); ++user) {
    if (segment_of[user] >= 0) users[at(segment_of[user])].push_back(user);
  }
  return users;
}

// The sequences of some users, as one.
Sequences join_sequences(const Sequences& all, const std::vector<std::size_t>& users) {
  Sequences some;
  for (const std::size_t user : users) {
    const auto from = static_cast<std::ptrdiff_t>(all.begin[user]);
    const auto to = static_cast<std::ptrdiff_t>(all.begin[user + 1]);
    some.item.insert(some.item.end(), all.item.begin() + from, all.item.begin() + to);
    if (!all.time.empty()) some.time.insert(some.time.end(), all.time.begin() + from, all.time.begin() + to);
  }
  return some;
}

}  // namespace

EventFitter::EventFitter(const FitRequest& request, const std::string& kind, EventWants wants)
    : columns_(event_columns(request, kind, wants.needs)), wants_(wants) {
  if (columns_.time < 0 && request.options.declares("decay") && request.options.number("decay") != 1) {
    throw Error(sqlstate::kInvalidParameter, "option \"decay\" needs option \"time\"",
                "By it baskets are put in order.", "Name the source's column of the time.");
  }
  if (request.options.declares("half_life")) {
    const StreamColumn* time = columns_.time < 0 ? nullptr : &columns_.stream[at(columns_.time)];
    const bool is_number =
        time != nullptr && request.columns[at(time->source)].family == SourceColumn::Family::number;
    half_life_ = request.options.number("half_life") * (is_number ? 1 : 86'400e6);
    if (half_life_ > 0 && time == nullptr) {
      throw Error(sqlstate::kInvalidParameter, "option \"half_life\" needs option \"time\"", "",
                  "Name the source's column of the time.");
    }
  }
}

void EventFitter::consume(const RowBlock& block, Poll& poll) {
  append_events(block, columns_, events_);
  rows_since_check_ += block.rows();
  if (rows_since_check_ < 4096) return;
  rows_since_check_ = 0;
  poll.check();
}

FittedModel EventFitter::finish(const RowBlock& last, std::int64_t skipped, Poll& poll) {
  if (events_.users.empty()) {
    throw Error(sqlstate::kNotInPrerequisiteState, "there are no rows to fit",
                std::to_string(skipped) + " rows were skipped because a value was NULL, NaN or infinite.",
                "The source must have at least one row with a user and an item.");
  }
  PacedPoll paced(poll);
  const Dictionary& items = last.dictionary(columns_.item);
  const Dictionary* baskets = columns_.basket < 0 ? nullptr : &last.dictionary(columns_.basket);
  const Dictionary* segments = columns_.segment < 0 ? nullptr : &last.dictionary(columns_.segment);
  Events kept;
  Training training{{}, {}, {}, last.dictionary(columns_.user), kept};
  std::vector<double> popularity;
  std::vector<std::int32_t> segment_rank;
  std::vector<std::int32_t> segment_of;
  if (segments != nullptr) {
    segment_rank = rank_labels(*segments, paced);
    segment_of = user_segments(events_, segment_rank, at(training.users.size()), paced);
  }
  if (wants_.sequences || segments != nullptr || basket_rule(events_) != Baskets::one) {
    training.sequences = make_sequences(events_, baskets, paced);
    popularity = count_popularity(training.sequences, items.size(), half_life_, paced);
  }
  FittedModel model;
  std::vector<std::int32_t> attributes;
  if (columns_.attribute >= 0) {
    attributes = item_attributes(events_, last.dictionary(columns_.attribute), items.size(), paced);
  }
  if (wants_.events) kept = events_;
  training.interactions = make_interactions(std::move(events_), items, popularity, poll);
  events_ = Events();
  const Interactions& interactions = training.interactions;
  if (interactions.item_code.empty()) {
    throw Error(sqlstate::kNotInPrerequisiteState, "there are no interactions to fit",
                "No user and item have weights that add to more than zero.",
                "Rows with a negative weight cancel rows with a positive one of the same user and item.");
  }

  const std::size_t count = interactions.item_code.size();
  training.number.assign(at(items.size()), -1);
  grow(model.neighbors, count, paced);
  for (std::size_t n = 0; n < count; ++n) {
    const std::int32_t code = interactions.item_code[n];
    training.number[at(code)] = static_cast<std::int32_t>(n);
    model.neighbors[n].item = items.label(code);
    model.neighbors[n].support = static_cast<std::int64_t>(interactions.by_item.size(n));
    if (!attributes.empty() && attributes[at(code)] != kMissingLabel) {
      model.neighbors[n].attribute = last.dictionary(columns_.attribute).label(attributes[at(code)]);
    }
    paced.add(32);
  }
  number_items(training.sequences, training.number, paced);
  model.popularity.push_back(popularity_row("", interactions.popularity));
  if (segments != nullptr) {
    std::vector<std::int32_t> code_of_rank(segment_rank.size());
    for (std::size_t code = 0; code < segment_rank.size(); ++code) {
      code_of_rank[at(segment_rank[code])] = static_cast<std::int32_t>(code);
    }
    const std::vector<std::vector<std::size_t>> users = users_by_segment(segment_of, code_of_rank.size());
    for (std::size_t rank = 0; rank < code_of_rank.size(); ++rank) {
      const Sequences some = join_sequences(training.sequences, users[rank]);
      model.popularity.push_back(
          popularity_row(segments->label(code_of_rank[rank]),
                         count_popularity(some, static_cast<std::int32_t>(count), half_life_, paced)));
      paced.add(2 * count);
    }
  }

  const auto pairs = static_cast<double>(interactions.by_user.index.size());
  const auto users = static_cast<double>(interactions.users);
  model.metrics = {{"users", users},
                   {"items", static_cast<double>(count)},
                   {"interactions", pairs},
                   {"density", pairs / (users * static_cast<double>(count))}};
  if (basket_rule(kept) != Baskets::one || !training.sequences.basket.empty()) {
    double total = 0;
    for (std::size_t user = 0; user < training.sequences.users(); ++user) {
      const std::size_t end = training.sequences.begin[user + 1];
      if (end > training.sequences.begin[user]) total += training.sequences.basket[end - 1] + 1;
    }
    model.metrics.push_back({"baskets", total});
  }
  if (interactions.dropped > 0) {
    model.notices.push_back(
        std::to_string(interactions.dropped) +
        " pairs of user and item were left out: their weights do not add to more than zero");
  }
  complete(training, model, poll);
  return model;
}

std::int32_t supported_items(const Interactions& interactions, double min_support) noexcept {
  const auto fewer =
      std::partition_point(interactions.popularity.begin(), interactions.popularity.end(),
                           [min_support](double popularity) { return popularity >= min_support; });
  return static_cast<std::int32_t>(fewer - interactions.popularity.begin());
}

void note_unsupported(std::int32_t supported, double min_support, FittedModel& model, const char* lack) {
  const std::size_t items = model.neighbors.size();
  if (at(supported) == items) return;
  model.notices.push_back(std::to_string(items - at(supported)) + " of " + std::to_string(items) +
                          " items have fewer than " + std::to_string(static_cast<std::int64_t>(min_support)) +
                          " users or baskets (min_support) and get no " + lack);
}

}  // namespace persona
