// Mutated text and binary forms of the summaries against their readers: nothing may crash, nothing but
// persona::Error may be thrown, and what is accepted must come out as it went in, answer every accessor, take
// events in and merge. Deterministic: summaries_fuzz [inputs] [seed]. Built with ASan and UBSan.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/summaries/activity.h"
#include "core/summaries/activity_forms.h"
#include "core/summaries/moments.h"

namespace persona {
namespace {

volatile double sink;  // keeps accessors from being left out

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();  // what the sanitizers do as well
}

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

// One to eight changes: bits flipped, bytes set, pieces removed, doubled, exchanged with another seed.
std::string mutate(std::string input, const std::string& other, Random* random, bool text) {
  static const char kTextBytes[] = "0123456789abcdef+-.,:= e";
  const auto pick = [&](std::size_t bound) { return bound == 0 ? 0 : random->below(bound); };
  for (auto changes = 1 + random->below(8); changes > 0; --changes) {
    const std::size_t at = pick(input.size());
    switch (random->below(7)) {
      case 0:
        if (!input.empty()) input[at] = static_cast<char>(input[at] ^ (1 << random->below(8)));
        break;
      case 1:
        if (!input.empty())
          input[at] = text ? kTextBytes[pick(sizeof kTextBytes - 1)] : static_cast<char>(random->next());
        break;
      case 2:
        input.insert(at, 1, text ? kTextBytes[pick(sizeof kTextBytes - 1)] : '\0');
        break;
      case 3:
        input.erase(at, 1 + pick(text ? 4 : 16));
        break;
      case 4:
        input.insert(at, input.substr(pick(input.size()), 1 + pick(16)));
        break;
      case 5: {
        const std::size_t from = pick(other.size());
        const std::size_t length = 1 + pick(24);
        input.replace(at, length, other.substr(from, length));
        break;
      }
      default:
        if (!input.empty()) input[at] = static_cast<char>(input[at] + (random->below(2) == 0 ? 1 : -1));
    }
  }
  return input;
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

// Reads one input; true when it was accepted.
template <typename Read, typename Use>
bool try_input(const std::string& input, const char* sqlstate, Read read, Use use, Random* random) {
  std::string state;
  try {
    state = read(input);
  } catch (const Error& e) {
    require(std::strcmp(e.sqlstate(), sqlstate) == 0, "the SQLSTATE of a refusal");
    return false;
  }
  use(state, random);
  return true;
}

}  // namespace
}  // namespace persona

int main(int argc, char** argv) {
  using namespace persona;  // NOLINT(google-build-using-namespace)
  const long inputs = argc > 1 ? std::strtol(argv[1], nullptr, 10) : 1000000;
  Random random(argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1);
  const Seeds seeds(&random);
  long accepted = 0;
  long failed = 0;
  for (long i = 0; i < inputs; ++i) {
    const auto input = [&](const std::vector<std::string>& from, bool text) {
      return mutate(from[random.below(from.size())], from[random.below(from.size())], &random, text);
    };
    try {
      bool taken = false;
      switch (i % 4) {
        case 0:
          taken = try_input(input(seeds.activity_text, true), sqlstate::kInvalidText, activity_from_text,
                            use_activity, &random);
          break;
        case 1:
          taken = try_input(input(seeds.activity_binary, false), sqlstate::kInvalidBinary,
                            activity_from_binary, use_activity, &random);
          break;
        case 2:
          taken = try_input(input(seeds.moments_text, true), sqlstate::kInvalidText, moments_from_text,
                            use_moments, &random);
          break;
        default:
          taken = try_input(input(seeds.moments_binary, false), sqlstate::kInvalidBinary, moments_from_binary,
                            use_moments, &random);
      }
      accepted += taken ? 1 : 0;
    } catch (const std::exception& e) {
      std::fprintf(stderr, "input %ld: %s\n", i, e.what());
      ++failed;
    }
  }
  std::printf("summaries_fuzz: %ld inputs, %ld accepted; %ld passed, %ld failed\n", inputs, accepted,
              inputs - failed, failed);
  return failed == 0 ? 0 : 1;
}
