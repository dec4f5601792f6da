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

// Users, items, interactions and density, and baskets where there are any; what was left out.
void add_metrics(const Training& training, FittedModel& model) {
  const Interactions& interactions = training.interactions;
  const auto items = static_cast<double>(model.neighbors.size());
  const auto pairs = static_cast<double>(interactions.by_user.index.size());
  const auto users = static_cast<double>(interactions.users);
  model.metrics = {
      {"users", users}, {"items", items}, {"interactions", pairs}, {"density", pairs / (users * items)}};
  const Sequences& sequences = training.sequences;
  if (!sequences.basket.empty()) {
    double baskets = 0;
    for (std::size_t user = 0; user < sequences.users(); ++user) {
      const std::size_t end = sequences.begin[user + 1];
      if (end > sequences.begin[user]) baskets += sequences.basket[end - 1] + 1;
    }
    model.metrics.push_back({"baskets", baskets});
  }
  if (interactions.dropped > 0) {
    model.notices.push_back(
        std::to_string(interactions.dropped) +
        " pairs of user and item were left out: their weights do not add to more than zero");
  }
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
  const auto dictionary = [&](int column) { return column < 0 ? nullptr : &last.dictionary(column); };
  const Dictionary& items = last.dictionary(columns_.item);
  Training training{{}, {}, {}, last.dictionary(columns_.user)};
  std::vector<double> popularity;
  std::vector<std::int32_t> segment_rank;  // by code
  std::vector<std::int32_t> segment_of;    // by user: a rank
  std::vector<std::int32_t> attributes;
  if (columns_.segment >= 0) {
    segment_rank = rank_labels(last.dictionary(columns_.segment), paced);
    segment_of = user_segments(events_, segment_rank, at(training.users.size()), paced);
  }
  if (columns_.attribute >= 0) {
    attributes = item_attributes(events_, last.dictionary(columns_.attribute), items.size(), paced);
  }
  if (wants_.sequences || columns_.segment >= 0 || basket_rule(events_) != Baskets::one) {
    training.sequences = make_sequences(events_, dictionary(columns_.basket), paced);
    popularity = count_popularity(training.sequences, items.size(), half_life_, paced);
  }
  training.interactions = make_interactions(std::move(events_), items, popularity, poll);
  events_ = Events();
  if (training.interactions.item_code.empty()) {
    throw Error(sqlstate::kNotInPrerequisiteState, "there are no interactions to fit",
                "No user and item have weights that add to more than zero.",
                "Rows with a negative weight cancel rows with a positive one of the same user and item.");
  }
  FittedModel model;
  describe_items(last, training, attributes, model, paced);
  number_items(training.sequences, training.number, paced);
  model.popularity.push_back(popularity_row("", training.interactions.popularity));
  if (columns_.segment >= 0) describe_segments(last, training, segment_rank, segment_of, model, paced);
  add_metrics(training, model);
  complete(training, model, poll);
  return model;
}

// Numbers the items, and fills in a row for each.
void EventFitter::describe_items(const RowBlock& last, Training& training,
                                 const std::vector<std::int32_t>& attributes, FittedModel& model,
                                 PacedPoll& poll) const {
  const Interactions& interactions = training.interactions;
  const Dictionary& items = last.dictionary(columns_.item);
  training.number.assign(at(items.size()), -1);
  grow(model.neighbors, interactions.item_code.size(), poll);
  for (std::size_t n = 0; n < model.neighbors.size(); ++n) {
    const std::int32_t code = interactions.item_code[n];
    training.number[at(code)] = static_cast<std::int32_t>(n);
    model.neighbors[n].item = items.label(code);
    model.neighbors[n].support = static_cast<std::int64_t>(interactions.by_item.size(n));
    if (!attributes.empty() && attributes[at(code)] != kMissingLabel) {
      model.neighbors[n].attribute = last.dictionary(columns_.attribute).label(attributes[at(code)]);
    }
    poll.add(32);
  }
}

// What is popular with the users of each segment, in the order of the segments' names.
void EventFitter::describe_segments(const RowBlock& last, const Training& training,
                                    const std::vector<std::int32_t>& rank_of_code,
                                    const std::vector<std::int32_t>& segment_of, FittedModel& model,
                                    PacedPoll& poll) const {
  const Dictionary& segments = last.dictionary(columns_.segment);
  std::vector<std::int32_t> code_of_rank(rank_of_code.size());
  for (std::int32_t code = 0; code < segments.size(); ++code) code_of_rank[at(rank_of_code[at(code)])] = code;
  const std::vector<std::vector<std::size_t>> users = users_by_segment(segment_of, code_of_rank.size());
  const auto items = static_cast<std::int32_t>(model.neighbors.size());
  for (std::size_t rank = 0; rank < code_of_rank.size(); ++rank) {
    const Sequences some = join_sequences(training.sequences, users[rank]);
    model.popularity.push_back(
        popularity_row(segments.label(code_of_rank[rank]), count_popularity(some, items, half_life_, poll)));
    poll.add(2 * model.neighbors.size());
  }
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
