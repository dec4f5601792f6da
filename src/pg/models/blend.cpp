#include "pg/models/blend.h"

#include "pg/models/catalog_items.h"
#include "pg/models/holdout.h"
#include "pg/models/load.h"
#include "pg/models/recommender_evaluation.h"
#include "pg/models/recommending.h"
#include "pg/models/stored_reader.h"

#include "core/model/damaged.h"
#include "core/recommend/blend.h"
#include "core/recommend/fitted_reader.h"

extern "C" {
#include "utils/fmgrprotos.h"
}

namespace persona::pg {
namespace {

constexpr std::size_t kRankedForWeights = 10;

bool is_blend(const Kind& kind) { return &kind == &blend(); }

// A member by name, as the current user may use it.
ModelPtr find_member(const std::string& name) {
  ModelPtr member = find_model(name);
  recommender_of(*member);
  if (!is_blend(*member->kind)) return member;
  throw Error(sqlstate::kInvalidParameter, "model \"" + name + "\" is a blend itself", "",
              "Name the recommenders that it blends.");
}

std::string stored_options(const LoadedModel& model) {
  static Statement statement("SELECT options::text FROM persona.model WHERE model_id = $1");
  return as_owner([&] {
    Params params;
    params.int8(model.model_id);
    return statement.run(params, true).text(0, 1);
  });
}

// A member fitted on the earlier part of the blend's source.
struct Trainee {
  Fit fit;
  ModelPtr model;
  std::unique_ptr<FittedReader> reader;
  BlendMember member;
};

std::unique_ptr<Trainee> train_member(const Fit& fit, const Holdout& holdout, const std::string& name) {
  const ModelPtr stored = find_member(name);
  ModelDefinition definition = fit.definition;
  definition.name = name;
  definition.kind = stored->kind->name;
  definition.source = holdout.before.query;
  definition.options = stored_options(*stored);
  const Datum options =
      pg_call([&] { return DirectFunctionCall1(jsonb_in, CStringGetDatum(definition.options.c_str())); });
  auto trainee = std::make_unique<Trainee>();
  trainee->fit = fit_source(definition, options, false);
  trainee->model = load_fitted(trainee->fit);
  trainee->reader = std::make_unique<FittedReader>(trainee->fit.fitted);
  trainee->member.recommender = trainee->model->recommender.get();
  trainee->member.reader = trainee->reader.get();
  return trainee;
}

void map_items(const ItemCatalog& blended, Trainee* trainee) {
  trainee->member.from_blend.assign(blended.support.size(), -1);
  for (const NeighborRow& row : trainee->fit.fitted.neighbors) {
    const auto found = blended.numbers.find(row.item);
    const std::int32_t number = found == blended.numbers.end() ? -1 : found->second;
    if (number >= 0) {
      trainee->member.from_blend[static_cast<std::size_t>(number)] =
          static_cast<std::int32_t>(trainee->member.to_blend.size());
    }
    trainee->member.to_blend.push_back(number);
  }
}

// The weights that rank best what each user took up last.
std::vector<double> learn_weights(Fit* fit, Datum options, const std::vector<std::string>& names) {
  const EventNames columns = event_names(*fit->kind, fit->options);
  const Holdout holdout = split_events(fit->source, columns);
  ModelDefinition definition = fit->definition;
  definition.source = holdout.before.query;
  const Fit before = fit_source(definition, options, false);
  const ItemCatalog catalog = fitted_catalog(before.fitted);
  std::vector<std::unique_ptr<Trainee>> trainees;
  bool exclude_seen = true;
  for (const std::string& name : names) {
    trainees.push_back(train_member(*fit, holdout, name));
    map_items(catalog, trainees.back().get());
    exclude_seen &= trainees.back()->member.recommender->excludes_seen();
  }
  EventCursor histories(holdout.before, columns);
  EventCursor held_out(holdout.after, columns);
  BlendWeights weights(names.size(), kRankedForWeights);
  const auto items = static_cast<std::int32_t>(catalog.support.size());
  ServerPoll poll;
  for_each_held_out(&histories, &held_out, catalog, columns.rule(), exclude_seen,
                    [&](const HeldOutUser& user) {
                      std::vector<ItemScores> shares(trainees.size(), ItemScores(items));
                      for (std::size_t m = 0; m < trainees.size(); m++) {
                        score_member(trainees[m]->member, user.history, shares[m], poll);
                      }
                      ItemSet excluded(items);
                      if (exclude_seen) {
                        for (const std::int32_t item : user.seen) excluded.insert(item);
                      }
                      weights.add(shares, excluded, user.relevant, user.unknown);
                      poll.check();
                    });
  if (weights.users() == 0) {
    throw Error(sqlstate::kNotInPrerequisiteState, "there is no user to find the weights on",
                "No user has a basket after another.", "Give the weights by option weights.");
  }
  fit->fitted.metrics.push_back({"ndcg", weights.best_ndcg()});
  return weights.best();
}

// A member's numbers and the blend's. Kept, since versions never change.
struct Mapping {
  Oid extension = InvalidOid;
  std::int64_t blend_id = 0;
  std::int64_t member_id = 0;
  std::vector<std::int32_t> to_blend;
  std::vector<std::int32_t> from_blend;
};

constexpr std::size_t kMostMappings = 16;

std::shared_ptr<const Mapping> find_mapping(const LoadedModel& blended, const LoadedModel& member) {
  static auto* kept = new std::vector<std::shared_ptr<const Mapping>>;
  static Statement statement(
      "SELECT b.item_no, m.item_no FROM persona.neighbor b JOIN persona.neighbor m ON m.item = b.item "
      "WHERE b.model_id = $1 AND m.model_id = $2");
  const Oid extension = pg_call([] { return catalog_table("model"); });
  for (const auto& each : *kept) {
    if (each->extension == extension && each->blend_id == blended.model_id &&
        each->member_id == member.model_id) {
      return each;
    }
  }
  auto mapping = std::make_shared<Mapping>();
  mapping->extension = extension;
  mapping->blend_id = blended.model_id;
  mapping->member_id = member.model_id;
  mapping->to_blend.assign(static_cast<std::size_t>(member.items), -1);
  mapping->from_blend.assign(static_cast<std::size_t>(blended.items), -1);
  as_owner([&] {
    Params params;
    params.int8(blended.model_id).int8(member.model_id);
    Rows rows = statement.run(params, true);
    for (std::uint64_t i = 0; i < rows.size(); i++) {
      const int own = rows.int4(i, 1);
      const int its = rows.int4(i, 2);
      if (own < 0 || own >= blended.items || its < 0 || its >= member.items) {
        throw_damaged(blended.address(), "An item number is out of range.");
      }
      mapping->to_blend[static_cast<std::size_t>(its)] = own;
      mapping->from_blend[static_cast<std::size_t>(own)] = its;
    }
    rows.free();
  });
  if (kept->size() >= kMostMappings) kept->erase(kept->begin());
  kept->push_back(mapping);
  return mapping;
}

struct Part {
  std::string name;
  double weight = 0;
};

// A member as it serves at this moment.
struct OpenMember {
  ModelPtr model;
  std::unique_ptr<StoredReader> reader;
  BlendMember member;
  double weight = 0;
};

class BlendRecommender final : public Recommender {
 public:
  BlendRecommender(const LoadedModel& blended, std::vector<Part> parts, bool excludes_seen)
      : blended_(blended), parts_(std::move(parts)), excludes_seen_(excludes_seen) {}

  bool excludes_seen() const noexcept override { return excludes_seen_; }

  void score(const History& history, ModelReader& /*reader*/, ItemScores& scores, Poll& poll) const override {
    for (const auto& each : open()) {
      ItemScores shares(blended_.items);
      score_member(each->member, history, shares, poll);
      shares.add_to(scores, each->weight);
    }
  }

  // An item's reason is that of the member to which it owes most.
  std::vector<ItemReason> explain(const History& history, ModelReader& /*reader*/,
                                  const std::vector<std::int32_t>& items, Poll& poll) const override {
    const std::vector<std::unique_ptr<OpenMember>> members = open();
    std::vector<std::size_t> strongest(items.size(), 0);
    std::vector<double> most(items.size(), 0);
    for (std::size_t m = 0; m < members.size(); m++) {
      ItemScores shares(blended_.items);
      score_member(members[m]->member, history, shares, poll);
      for (std::size_t i = 0; i < items.size(); i++) {
        const double share = members[m]->weight * shares[items[i]];
        if (share <= most[i]) continue;
        most[i] = share;
        strongest[i] = m;
      }
    }
    std::vector<ItemReason> reasons(items.size());
    for (std::size_t m = 0; m < members.size(); m++) {
      std::vector<std::int32_t> own;
      std::vector<std::size_t> places;
      for (std::size_t i = 0; i < items.size(); i++) {
        const std::int32_t item = members[m]->member.from_blend[static_cast<std::size_t>(items[i])];
        if (strongest[i] != m || item < 0) continue;
        own.push_back(item);
        places.push_back(i);
      }
      if (own.empty()) continue;
      const BlendMember& member = members[m]->member;
      std::vector<ItemReason> theirs =
          member.recommender->explain(member_history(member, history), *member.reader, own, poll);
      for (std::size_t i = 0; i < own.size(); i++) {
        reasons[places[i]] = std::move(theirs[i]);
        std::vector<std::int32_t> because;
        for (const std::int32_t cause : reasons[places[i]].because) {
          const std::int32_t number = member.to_blend[static_cast<std::size_t>(cause)];
          if (number >= 0) because.push_back(number);
        }
        reasons[places[i]].because = std::move(because);
      }
    }
    return reasons;
  }

  void score_similar(std::int32_t item, ModelReader& /*reader*/, ItemScores& scores,
                     Poll& poll) const override {
    for (const auto& each : open()) {
      const std::int32_t own = each->member.from_blend[static_cast<std::size_t>(item)];
      if (own < 0) continue;
      ItemScores similar(each->model->items);
      each->member.recommender->score_similar(own, *each->member.reader, similar, poll);
      const double largest = similar.largest();
      if (!(largest > 0)) continue;
      for (std::int32_t other = 0; other < each->model->items; other++) {
        const std::int32_t number = each->member.to_blend[static_cast<std::size_t>(other)];
        if (number >= 0 && similar[other] != 0) scores.add(number, each->weight * similar[other] / largest);
      }
    }
  }

 private:
  // The members that weigh anything, as the blend's owner may use them.
  std::vector<std::unique_ptr<OpenMember>> open() const {
    std::vector<std::unique_ptr<OpenMember>> members;
    const SavedIdentity saved = pg_call(
        [&] { return enter_identity(blended_.owner, SECURITY_LOCAL_USERID_CHANGE, "pg_catalog, pg_temp"); });
    for (const Part& part : parts_) {
      if (part.weight == 0) continue;
      auto each = std::make_unique<OpenMember>();
      each->model = find_member(part.name);
      each->weight = part.weight;
      members.push_back(std::move(each));
    }
    pg_call([&] { leave_identity(saved); });
    for (const auto& each : members) {
      const auto mapping = find_mapping(blended_, *each->model);
      each->reader = std::make_unique<StoredReader>(*each->model);
      each->member = {each->model->recommender.get(), each->reader.get(), mapping->to_blend,
                      mapping->from_blend};
    }
    return members;
  }

  const LoadedModel& blended_;
  std::vector<Part> parts_;
  bool excludes_seen_;
};

}  // namespace

void find_blend_weights(Fit* fit, Datum options) {
  if (!is_blend(*fit->kind)) return;
  const std::vector<std::string> names = fit->options.text_list("models");
  bool exclude_seen = true;
  for (const std::string& name : names) exclude_seen &= recommender_of(*find_member(name)).excludes_seen();
  std::vector<double> weights = fit->options.number_list("weights");
  if (weights.empty()) weights = learn_weights(fit, options, names);
  for (std::size_t i = 0; i < names.size(); i++) {
    Coefficient weight;
    weight.term = names[i];
    weight.estimate = weights[i];
    fit->fitted.coefficients.push_back(weight);
  }
  fit->fitted.metrics.push_back({"excludes_seen", exclude_seen ? 1.0 : 0.0});
}

std::unique_ptr<Recommender> load_blend(const LoadedModel& blended) {
  static Statement weights(
      "SELECT term, estimate FROM persona.coefficient WHERE model_id = $1 ORDER BY term_no");
  static Statement seen(
      "SELECT coalesce(max(value), 1) FROM persona.metric WHERE model_id = $1 AND metric = 'excludes_seen'");
  Params params;
  params.int8(blended.model_id);
  const Rows rows = weights.run(params, true);
  std::vector<Part> parts(rows.size());
  for (std::uint64_t i = 0; i < rows.size(); i++) {
    parts[i] = {rows.text(i, 1), rows.float8(i, 2).value_or(0)};
    if (!std::isfinite(parts[i].weight) || parts[i].weight < 0) {
      throw_damaged(blended.address(), "A weight is not a number of 0 or more.");
    }
  }
  const bool excludes_seen = seen.run(params, true).float8(0, 1).value_or(1) != 0;
  return std::make_unique<BlendRecommender>(blended, std::move(parts), excludes_seen);
}

}  // namespace persona::pg
