// Mutated text and binary forms of funnels against their readers: nothing may crash, nothing but
// persona::Error may be thrown, and what is accepted must come out as it went in, answer every accessor,
// gather events and merge.
#include "fuzz.h"

#include "core/summaries/funnel.h"
#include "core/summaries/funnel_gathering.h"

namespace persona {
namespace {

using fuzz::require;

volatile double sink;  // keeps accessors from being left out

void use_funnel(const std::string& state, Random* random) {
  const FunnelTerms terms = funnel_terms(state.data());
  const FunnelEvents events = funnel_events(state.data(), state.size());
  const FunnelChain chain = funnel_chain(terms, events);
  require(chain.depth >= 0 && chain.depth <= terms.steps, "a depth out of range");
  require(chain.depth == 0 || (chain.first <= chain.last && is_finite_time(chain.last)),
          "the times of a chain");
  sink = chain.seconds();
  require(funnel_encode(terms, events) == state, "an accepted state is not in its one form");
  require(funnel_from_binary(funnel_to_binary(state.data(), state.size())) == state,
          "funnel binary round trip");
  require(funnel_from_text(funnel_to_text(state.data(), state.size())) == state, "funnel text round trip");

  // An aggregate takes its events in backward, and one more.
  FunnelEvent more = {0, 1U + static_cast<std::uint32_t>(random->below(3))};
  if (!events.empty()) more.at = events[random->below(events.size())].at;
  std::string running(kFunnelGatheringSize, '\0');
  funnel_gather_start(running.data(), terms);
  FunnelEvents all = events;
  all.push_back(more);
  for (std::size_t i = all.size(); i-- > 0;) {
    if (funnel_gather(running.data(), running.size(), all[i])) continue;
    running.resize(funnel_gathering_room(running.data(), running.size(), 1));
    require(funnel_gather(running.data(), running.size(), all[i]), "room was made and there is none");
  }
  const std::string gathered = funnel_canonical(running.data(), running.size());
  std::string one(kFunnelGatheringSize, '\0');
  funnel_gather_start(one.data(), terms);
  require(funnel_gather(one.data(), one.size(), more), "no room for one event");
  require(funnel_merge(one.data(), one.size(), state.data(), state.size()) == gathered,
          "merging is not gathering");
  require(funnel_from_binary(funnel_to_binary(gathered.data(), gathered.size())) == gathered,
          "an added event broke the state");
  require(funnel_chain(terms, funnel_events(gathered.data(), gathered.size())).depth >= chain.depth,
          "an added event made the funnel shallower");
}

struct Seeds {
  std::vector<std::string> text, binary;

  explicit Seeds(Random* random) {
    constexpr std::int64_t kUnits[] = {1, 1000, 1'000'000, 60'000'000, kMicrosPerHour, kMicrosPerDay};
    for (int i = 0; i < 64; ++i) {
      const int steps = 2 + static_cast<int>(random->below(i % 2 == 0 ? 4 : 31));
      const std::int64_t unit = kUnits[random->below(6)];
      const FunnelTerms terms = {random->below(2) == 0 ? Clock::utc : Clock::local, random->below(2) == 0,
                                 steps, static_cast<std::int64_t>(random->below(1000)) * unit};
      FunnelEvents events(random->below(30));
      for (FunnelEvent& event : events) {
        event.at = (static_cast<std::int64_t>(random->below(2000)) - 1000) * unit;
        event.steps = std::uint32_t{1} << random->below(static_cast<std::uint64_t>(steps));
        if (random->below(4) == 0) event.steps |= 2;
      }
      funnel_reduce(terms, &events);
      const std::string state = funnel_encode(terms, events);
      text.push_back(funnel_to_text(state.data(), state.size()));
      binary.push_back(funnel_to_binary(state.data(), state.size()));
    }
  }
};

}  // namespace
}  // namespace persona

int main(int argc, char** argv) {
  using namespace persona;  // NOLINT(google-build-using-namespace)
  Random random(8);
  const Seeds seeds(&random);
  return fuzz::run("funnel_fuzz",
                   {{seeds.text, true, funnel_from_text, use_funnel},
                    {seeds.binary, false, funnel_from_binary, use_funnel}},
                   argc, argv);
}
