// Mutated text and binary forms of retentions against their readers: nothing may crash, nothing but
// persona::Error may be thrown, and what is accepted must come out as it went in, answer every accessor, take
// events in and merge.
#include "fuzz.h"

#include "core/summaries/retention.h"

namespace persona {
namespace {

using fuzz::require;

volatile double sink;  // keeps accessors from being left out

std::string state_of(const RetentionTerms& terms) {
  std::string state(kRetentionLeastSize, '\0');
  retention_start(state.data(), terms);
  return state;
}

void add(std::string* state, std::int64_t at) {
  const RetentionView view(state->data(), state->size());
  if (at < view.start()) return retention_count_early(state->data());
  const std::int64_t n = period_of(view.period(), view.start(), at);
  require(n >= 0, "a negative period");
  const std::size_t size = state->size();
  state->resize(retention_room(size, n));
  retention_mark(state->data(), size, state->size(), n);
  require(RetentionView(state->data(), state->size()).retained(n), "a period was not marked");
}

void use_retention(const std::string& state, Random* random) {
  const RetentionView view(state.data(), state.size());
  std::int64_t last = -1;
  for (std::int64_t n = -1; n <= kRetentionPeriods; ++n)
    if (view.retained(n)) last = n;
  require(view.last_retained().value_or(-1) == last, "the last period");
  sink = static_cast<double>(time_text(view.start()).size() + period_text(view.period()).size());
  require(retention_from_binary(retention_to_binary(state.data(), state.size())) == state,
          "retention binary round trip");
  require(retention_from_text(retention_to_text(state.data(), state.size())) == state,
          "retention text round trip");

  const auto jump = static_cast<std::int64_t>(random->below(std::uint64_t{1} << random->below(62)));
  std::string more = state;
  std::string one = state_of(view.terms());
  std::string merged;
  try {
    const std::int64_t at = view.start() > kEndMicros - 1 - jump ? kFirstMicros : view.start() + jump;
    add(&more, at);
    add(&one, at);
    merged.resize(retention_merged_size(one.data(), one.size(), state.data(), state.size()));
    retention_merge(merged.data(), one.data(), one.size(), state.data(), state.size());
  } catch (const Error&) {
    return;  // beyond the last period, or too many early events
  }
  retention_check(more.data(), more.size(), sqlstate::kInternalError, "an added event broke the state");
  require(merged == more, "merging is not adding");
}

struct Seeds {
  std::vector<std::string> text, binary;

  explicit Seeds(Random* random) {
    for (int i = 0; i < 64; ++i) {
      const bool months = random->below(2) == 0;
      const auto start = (static_cast<std::int64_t>(random->below(20000)) - 10000) * kMicrosPerDay;
      std::string state = state_of(
          {random->below(2) == 0 ? Clock::utc : Clock::local, start, {months, months ? 1 : kMicrosPerDay}});
      for (auto n = random->below(40); n > 0; --n)
        add(&state,
            start + (static_cast<std::int64_t>(random->below(std::uint64_t{1} << random->below(12))) - 9) *
                        kMicrosPerDay);
      text.push_back(retention_to_text(state.data(), state.size()));
      binary.push_back(retention_to_binary(state.data(), state.size()));
    }
  }
};

}  // namespace
}  // namespace persona

int main(int argc, char** argv) {
  using namespace persona;  // NOLINT(google-build-using-namespace)
  Random random(9);
  const Seeds seeds(&random);
  return fuzz::run("retention_fuzz",
                   {{seeds.text, true, retention_from_text, use_retention},
                    {seeds.binary, false, retention_from_binary, use_retention}},
                   argc, argv);
}
