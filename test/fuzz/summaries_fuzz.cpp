// Mutated text and binary forms of the summaries against their readers: nothing may crash, nothing but
// persona::Error may be thrown, and what is accepted must come out as it went in, answer every accessor, take
// events in and merge. Deterministic: summaries_fuzz [inputs] [seed]. Built with ASan and UBSan.
#include "fuzz.h"

#include "core/summaries/activity.h"
#include "core/summaries/activity_forms.h"
#include "core/summaries/moments.h"

namespace persona {
namespace {

using fuzz::require;

volatile double sink;  // keeps accessors from being left out

std::string add_to(std::string state, const ActivityEvent& event) {
  std::size_t size = state.size();
  std::vector<char> memory(state.begin(), state.end());
  ActivityAdded answer = activity_add(memory.data(), &size, size, event);
  if (answer == ActivityAdded::needs_room) {
    const std::size_t larger = activity_room(memory.data(), size, event);
    memory.resize(size > larger ? size : larger);
    memory.shrink_to_fit();
    activity_make_room(memory.data(), size, event);
    size = larger;
    answer = activity_add(memory.data(), &size, size, event);
  }
  require(answer != ActivityAdded::needs_room, "room was made and there is none");
  if (answer != ActivityAdded::done) return {};
  return {memory.data(), size};
}

void use_activity(const std::string& state, Random* random) {
  const ActivityView view(state.data(), state.size());
  const std::int64_t as_of = view.last_at();
  sink = static_cast<double>(view.events() + view.active_days());
  sink = view.recency_days(as_of) + view.tenure_days(as_of) + view.frequency(as_of, 30);
  sink = view.mean_gap_days().value_or(0);
  const AmountSums amounts = view.amounts();
  if (amounts.n > 0) sink = amounts.mean() + amounts.total.value();
  if (amounts.n > 1) sink = amounts.stddev();
  for (int i = 0; i < kCounterCount; ++i) sink = static_cast<double>(view.counter(i));

  const std::string binary = activity_to_binary(state.data(), state.size());
  require(activity_from_binary(binary) == state, "activity binary round trip");
  if (state.size() < 4096)
    require(activity_from_text(activity_to_text(state.data(), state.size())) == state,
            "activity text round trip");
  const auto jump = static_cast<std::int64_t>(random->below(std::uint64_t{1} << random->below(50)));
  ActivityEvent event{view.first_at() - jump, 1.0};
  if (!is_finite_time(event.at)) event.at = kFirstMicros;
  const std::string more = add_to(state, event);
  if (!more.empty())
    activity_check(more.data(), more.size(), sqlstate::kInternalError, "an added event broke the state");
  std::string merged;
  try {
    merged.resize(activity_merged_size(state.data(), state.size(), state.data(), state.size()));
    activity_merge(merged.data(), state.data(), state.size(), state.data(), state.size());
  } catch (const Error&) {
    return;  // too many events, or an overflow
  }
  activity_check(merged.data(), merged.size(), sqlstate::kInternalError, "merging broke the state");
}

void use_moments(const std::string& state, Random* random) {
  Moments m = Moments::read(state.data());
  sink = m.mean().value_or(0) + m.variance().value_or(0) + m.stddev().value_or(0);
  sink = m.skewness().value_or(0) + m.kurtosis().value_or(0);
  require(moments_from_binary(moments_to_binary(state.data())) == state, "moments binary round trip");
  require(moments_from_text(moments_to_text(state.data())) == state, "moments text round trip");
  sink = m.add(random->normal()) && m.merge(m) ? 1 : 0;
}

struct Seeds {
  std::vector<std::string> activity_text, activity_binary, moments_text, moments_binary;

  explicit Seeds(Random* random) {
    for (int i = 0; i < 64; ++i) {
      const std::int64_t from = -36524 * kMicrosPerDay;  // the year 1900
      const auto span = static_cast<double>((std::int64_t{1} << random->below(17)) * kMicrosPerDay);
      const Clock clock = random->below(2) == 0 ? Clock::utc : Clock::local;
      std::string state(kActivityFirstSize, '\0');
      activity_start(state.data(), clock, {from, 10.0});
      Moments m;
      for (auto n = random->below(60); n > 0; --n) {
        const std::int64_t at = from + static_cast<std::int64_t>(random->uniform() * span);
        state = add_to(state, {at, random->normal()});
        m.add(random->normal());
      }
      m.nulls = 1;
      char bytes[kMomentsSize] = {};
      m.write(bytes);
      activity_text.push_back(activity_to_text(state.data(), state.size()));
      activity_binary.push_back(activity_to_binary(state.data(), state.size()));
      moments_text.push_back(moments_to_text(bytes));
      moments_binary.push_back(moments_to_binary(bytes));
    }
  }
};

}  // namespace
}  // namespace persona

int main(int argc, char** argv) {
  using namespace persona;  // NOLINT(google-build-using-namespace)
  Random random(7);
  const Seeds seeds(&random);
  return fuzz::run("summaries_fuzz",
                   {{seeds.activity_text, true, activity_from_text, use_activity},
                    {seeds.activity_binary, false, activity_from_binary, use_activity},
                    {seeds.moments_text, true, moments_from_text, use_moments},
                    {seeds.moments_binary, false, moments_from_binary, use_moments}},
                   argc, argv);
}
