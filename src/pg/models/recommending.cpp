#include "pg/models/recommending.h"

#include "core/recommend/diversity.h"
#include "pg/models/catalog_items.h"
#include "pg/models/scoring.h"
#include "pg/server/row_stream.h"

namespace persona::pg {
namespace {

// Which items may be recommended, in the model's numbers.
struct Allowed {
  explicit Allowed(std::int32_t items) : candidates(items), excluded(items) {}

  ItemSet candidates;
  ItemSet excluded;
  bool has_candidates = false;
  ItemNumbers known;                // of the candidates
  std::vector<std::string> hidden;  // ids that are excluded or seen, sorted
};

Allowed find_allowed(const LoadedModel& model, const KnownHistory& history, const Filters& filters,
                     bool exclude_seen) {
  Allowed allowed(model.items);
  allowed.hidden = filters.excluded;
  if (exclude_seen) allowed.hidden.insert(allowed.hidden.end(), history.ids.begin(), history.ids.end());
  std::sort(allowed.hidden.begin(), allowed.hidden.end());
  for (const auto& [id, number] : find_items(model, allowed.hidden)) allowed.excluded.insert(number);
  if (filters.candidates.has_value()) {
    allowed.has_candidates = true;
    allowed.known = find_items(model, *filters.candidates);
    for (const auto& [id, number] : allowed.known) allowed.candidates.insert(number);
  }
  return allowed;
}

// How alike items are for variety: by the column of option diversity_key, or as the model finds them similar.
class Likeness {
 public:
  Likeness(const LoadedModel& model, ModelReader* reader, const std::vector<RankedItem>& pool)
      : model_(model), reader_(reader), similar_(model.items) {
    if (!model.options.has("diversity_key")) return;
    std::vector<std::int32_t> items;
    for (const RankedItem& each : pool) items.push_back(each.item);
    names_ = name_items(model, items);
  }

  double operator()(std::int32_t item, std::int32_t chosen) {
    if (!names_.empty()) {
      const std::string& attribute = names_[item].attribute;
      return !attribute.empty() && attribute == names_[chosen].attribute ? 1 : 0;
    }
    if (chosen != chosen_) {
      chosen_ = chosen;
      similar_.clear();
      ServerPoll poll;
      model_.recommender->score_similar(chosen, *reader_, similar_, poll);
      largest_ = similar_.largest();
    }
    return largest_ > 0 ? std::max(0.0, similar_[item] / largest_) : 0;
  }

 private:
  const LoadedModel& model_;
  ModelReader* reader_;
  std::unordered_map<std::int32_t, ItemName> names_;
  std::int32_t chosen_ = -1;
  ItemScores similar_;  // to the last chosen
  double largest_ = 0;
};

// What is to be ranked: the k best, or for variety more, of which k are chosen.
RankingRequest ranking_request(const Allowed& allowed, const Filters& filters, const History& history,
                               ModelReader* reader) {
  RankingRequest request;
  request.k = filters.k;
  if (filters.diversity > 0 && filters.k > 0) {
    request.k = static_cast<std::int32_t>(diversity_pool(static_cast<std::size_t>(filters.k)));
  }
  request.excluded = &allowed.excluded;
  if (allowed.has_candidates) request.candidates = &allowed.candidates;
  request.segment = reader->segment_popularity(history.segment);
  return request;
}

std::vector<RankedItem> rank(const LoadedModel& model, const ItemScores& scores,
                             const RankingRequest& request, const Filters& filters, ModelReader* reader) {
  ServerPoll poll;
  const std::vector<RankedItem> pool = rank_items(scores, request, poll);
  if (filters.diversity <= 0 || filters.k <= 0) return pool;
  Likeness likeness(model, reader, pool);
  return diversify(
      pool, static_cast<std::size_t>(filters.k), filters.diversity,
      [&](std::int32_t item, std::int32_t chosen) { return likeness(item, chosen); }, poll);
}

std::string join(const std::vector<std::string>& items) {
  std::string result;
  for (const std::string& item : items) result += (result.empty() ? "" : ", ") + item;
  return result;
}

std::string users_text(std::int64_t support) {
  return ": " + std::to_string(support) + (support == 1 ? " customer has it" : " customers have it");
}

// Reasons of the ranked items, in their order.
std::vector<ItemReason> find_reasons(const LoadedModel& model, const std::vector<RankedItem>& ranked,
                                     const KnownHistory& history, ModelReader* reader) {
  std::vector<std::int32_t> scored;
  for (const RankedItem& each : ranked) {
    if (each.source == RankedItem::Source::score) scored.push_back(each.item);
  }
  std::vector<ItemReason> explained;
  if (!scored.empty()) {
    ServerPoll poll;
    explained = model.recommender->explain(history.history, *reader, scored, poll);
  }
  std::vector<ItemReason> reasons;
  std::size_t next = 0;
  const std::string cold = history.ids.empty() ? "nothing known of this user yet; " : "";
  for (const RankedItem& each : ranked) {
    if (each.source == RankedItem::Source::score) {
      reasons.push_back(std::move(explained[next++]));
      if (reasons.back().counts_users) reasons.back().text = cold + reasons.back().text;
      continue;
    }
    ItemReason popular;
    popular.text = cold + "popular";
    if (each.source == RankedItem::Source::segment) popular.text += " in " + history.history.segment;
    popular.counts_users = true;
    reasons.push_back(popular);
  }
  return reasons;
}

}  // namespace

const Recommender& recommender_of(const LoadedModel& model) {
  if (model.recommender != nullptr) return *model.recommender;
  throw Error(sqlstate::kFeatureNotSupported,
              "model \"" + model.address() + "\" of kind \"" + model.kind->name + "\" does not recommend", "",
              verbs_of(*model.kind));
}

std::vector<std::string> unknown_candidates(const Filters& filters, const ItemNumbers& known,
                                            std::vector<std::string> hidden) {
  std::sort(hidden.begin(), hidden.end());
  std::vector<std::string> unknown;
  for (const std::string& id : *filters.candidates) {
    if (known.count(id) == 0 && !std::binary_search(hidden.begin(), hidden.end(), id)) unknown.push_back(id);
  }
  std::sort(unknown.begin(), unknown.end());
  unknown.erase(std::unique(unknown.begin(), unknown.end()), unknown.end());
  return unknown;
}

std::vector<Recommendation> recommend(const LoadedModel& model, const KnownHistory& history,
                                      const Filters& filters, ModelReader* reader) {
  const Recommender& recommender = recommender_of(model);
  const bool exclude_seen = filters.exclude_seen.value_or(recommender.excludes_seen());
  const Allowed allowed = find_allowed(model, history, filters, exclude_seen);
  ItemScores scores(model.items);
  const RankingRequest request = ranking_request(allowed, filters, history.history, reader);
  scores.want(request);
  ServerPoll poll;
  recommender.score(history.history, *reader, scores, poll);
  const std::vector<RankedItem> ranked = rank(model, scores, request, filters, reader);
  const std::vector<ItemReason> reasons = find_reasons(model, ranked, history, reader);

  std::vector<std::int32_t> to_name;
  for (std::size_t i = 0; i < ranked.size(); i++) {
    to_name.push_back(ranked[i].item);
    to_name.insert(to_name.end(), reasons[i].because.begin(), reasons[i].because.end());
  }
  auto names = name_items(model, to_name);
  std::vector<Recommendation> result;
  for (std::size_t i = 0; i < ranked.size(); i++) {
    const ItemName& name = names[ranked[i].item];
    Recommendation r{name.id, ranked[i].score, reasons[i].text, {}};
    for (const std::int32_t cause : reasons[i].because) r.because.push_back(names[cause].id);
    if (!r.because.empty()) r.reason += " " + join(r.because);
    if (reasons[i].counts_users) r.reason += users_text(name.support);
    result.push_back(std::move(r));
  }
  if (!allowed.has_candidates) return result;
  for (const std::string& id : unknown_candidates(filters, allowed.known, allowed.hidden)) {
    if (static_cast<std::int32_t>(result.size()) >= filters.k) break;
    result.push_back({id, 0, "new: nobody has it yet", {}});
  }
  return result;
}

std::vector<Recommendation> find_similar(const LoadedModel& model, const std::string& item,
                                         const Filters& filters, ModelReader* reader) {
  const Recommender& recommender = recommender_of(model);
  const auto number = find_items(model, {item});
  if (number.empty()) return {};
  KnownHistory itself;
  itself.ids = {item};
  const Allowed allowed = find_allowed(model, itself, filters, true);
  ItemScores scores(model.items);
  ServerPoll poll;
  recommender.score_similar(number.begin()->second, *reader, scores, poll);
  std::vector<RankedItem> ranked =
      rank(model, scores, ranking_request(allowed, filters, itself.history, reader), filters, reader);
  // Only items that are near at all: an item without neighbors has none, whatever is popular.
  while (!ranked.empty() && ranked.back().score <= 0) ranked.pop_back();
  std::vector<std::int32_t> items;
  for (const RankedItem& each : ranked) items.push_back(each.item);
  auto names = name_items(model, items);
  std::vector<Recommendation> result;
  for (const RankedItem& each : ranked) result.push_back({names[each.item].id, each.score, "", {}});
  return result;
}

std::optional<double> score_item(const LoadedModel& model, const KnownHistory& history,
                                 const std::string& item, ModelReader* reader) {
  const Recommender& recommender = recommender_of(model);
  const auto number = find_items(model, {item});
  if (number.empty()) return std::nullopt;
  ItemScores scores(model.items);
  ServerPoll poll;
  recommender.score(history.history, *reader, scores, poll);
  const double score = scores[number.begin()->second];
  if (std::isfinite(score)) return score;
  throw Error(sqlstate::kNumericOutOfRange, "score of a recommendation is out of range");
}

}  // namespace persona::pg
