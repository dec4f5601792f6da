#include "core/recommend/session_knn.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/recommend/event_fitter.h"
#include "core/recommend/fading_pairs.h"
#include "core/recommend/session_recommender.h"
#include "core/recommend/session_rows.h"

namespace persona {
namespace {

constexpr std::size_t kPairs = 200;  // next_item's default

std::vector<OptionSpec> option_specs() {
  std::vector<OptionSpec> specs = event_options();
  specs.push_back({"sessions", OptionType::integer, "500",
                   "How many similar sessions are asked, the newest first where they are equally similar.", 1,
                   1e5});
  specs.push_back({"decay", OptionType::number, "0.8",
                   "What an item of the session at hand counts against the one after it.", 0, 1});
  specs.push_back({"item_exponent", OptionType::number, "0.5",
                   "Power of the number of sessions with an item that divides what having it counts.", 0, 2});
  specs.push_back({"session_exponent", OptionType::number, "0.5",
                   "Power of the number of a session's items that divides its similarity.", 0, 2});
  specs.push_back(
      {"position_scale", OptionType::number, "3",
       "Over how many places an item's score in a similar session falls to 1/e, from the last item "
       "that the session at hand has, too.",
       0.01, 1e6});
  specs.push_back({"next_item_weight", OptionType::number, "0.2",
                   "What the scores of next_item count against those of the sessions; 0 leaves them out.", 0,
                   1e6});
  specs.push_back({"min_support", OptionType::integer, "1",
                   "Items in fewer sessions are not recommended by sessions, nor by next_item.", 1,
                   2147483647});
  return specs;
}

class SessionKnnFitter final : public EventFitter {
 public:
  explicit SessionKnnFitter(const FitRequest& request)
      : EventFitter(request, "session_knn", wants()), options_(request.options) {}

 private:
  static EventWants wants() {
    EventWants wants;
    wants.needs.user = false;
    wants.needs.time = true;
    wants.needs.session = true;
    wants.sequences = true;
    return wants;
  }

  void complete(Training& training, FittedModel& model, Poll& poll) override {
    PacedPoll paced(poll);
    leave_out_rare(training, paced);
    model.sessions = make_sessions(training.sequences, rank_labels(training.users, paced),
                                   static_cast<std::int32_t>(model.neighbors.size()), paced);
    // The users of this fit are sessions, and its baskets the moments in them.
    model.metrics.push_back({"sessions", static_cast<double>(model.sessions.items.size())});
    double items = 0;
    for (const std::vector<std::int32_t>& session : model.sessions.items)
      items += static_cast<double>(session.size());
    if (!model.sessions.items.empty()) {
      model.metrics.push_back({"mean_items", items / static_cast<double>(model.sessions.items.size())});
    } else {
      model.notices.emplace_back("no session has two items, so recommendations are by popularity");
    }
    if (options_.number("next_item_weight") <= 0) return;
    FadingPairs pairs = lagged_pairs(0.5, 0.3);
    pairs.neighbors = kPairs;
    fill_fading_pairs(training, pairs, model, poll);
  }

  // Takes the items of fewer sessions than min_support out of the sequences.
  void leave_out_rare(Training& training, PacedPoll& poll) const {
    const auto min_support = static_cast<std::size_t>(options_.integer("min_support"));
    if (min_support < 2) return;
    const SparseRows& sessions = training.interactions.by_item;
    std::vector<std::int32_t> number(sessions.rows());
    for (std::size_t item = 0; item < number.size(); ++item) {
      number[item] = sessions.size(item) >= min_support ? static_cast<std::int32_t>(item) : -1;
    }
    number_items(training.sequences, number, poll);
  }

  Options options_;
};

std::unique_ptr<Fitter> make_fitter(const FitRequest& request) {
  return std::make_unique<SessionKnnFitter>(request);
}

std::unique_ptr<Recommender> load_recommender(const RecommenderFacts& facts, const Options& options) {
  SessionOptions own;
  own.sessions = static_cast<std::size_t>(options.integer("sessions"));
  own.decay = options.number("decay");
  own.item_exponent = options.number("item_exponent");
  own.session_exponent = options.number("session_exponent");
  own.position_scale = options.number("position_scale");
  own.next_item_weight = options.number("next_item_weight");
  return std::make_unique<SessionRecommender>(facts, own);
}

}  // namespace

const Kind& session_knn() {
  static const Kind kind = {
      "session_knn",
      Task::recommendation,
      "Recommends what similar sessions had, for visitors of whom nothing but the session is "
      "known.",
      option_specs(),
      make_fitter,
      nullptr,
      nullptr,
      Distribution::normal,
      load_recommender};
  return kind;
}

}  // namespace persona
