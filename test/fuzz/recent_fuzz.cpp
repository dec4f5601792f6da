// Mutated text and binary forms of recent against their readers: nothing may crash, nothing but
// persona::Error may be thrown, and what is accepted must come out as it went in, answer every accessor, take
// events in and merge. Deterministic: recent_fuzz [inputs] [seed]. Built with ASan and UBSan.
#include "fuzz.h"

#include "core/summaries/recent.h"

namespace persona {
namespace {

using fuzz::require;

volatile std::int64_t sink;  // keeps accessors from being left out

// The events of seeds and additions: few times, so that many are equal.
struct Sample {
  std::int64_t at;
  std::string item;

  Sample(ItemType type, int k, Random* random) : at(static_cast<std::int64_t>(random->below(40)) - 20) {
    if (type == ItemType::bigint) {
      char bytes[kBigintItemSize];
      store(bytes, static_cast<std::int64_t>(random->below(9)) - 4);
      item.assign(bytes, sizeof bytes);
    } else {
      item.assign(random->below(recent_item_limit(k) + 1), static_cast<char>('a' + random->below(3)));
    }
  }
  RecentEvent event() const { return {at, item}; }
};

std::string started(std::uint16_t flags, const RecentEvent& event) {
  std::string state(recent_first_size(flags, event), '\0');
  recent_start(state.data(), flags, event);
  return state;
}

std::string merged(const std::string& a, const std::string& b) {
  const RecentView first(a.data(), a.size());
  const RecentView second(b.data(), b.size());
  std::string state(recent_merged_size(first, second), '\0');
  recent_merge(state.data(), state.size(), first, second);
  return state;
}

std::string added(const std::string& state, const RecentEvent& event) {
  const RecentView view(state.data(), state.size());
  if (!recent_takes(view, event)) return state;
  const std::size_t size = recent_added_size(view, event);
  std::vector<char> memory(state.begin(), state.end());
  memory.resize(size > state.size() ? size : state.size());
  memory.shrink_to_fit();
  recent_add(memory.data(), state.size(), event);
  return {memory.data(), size};
}

void check(const std::string& state) {
  recent_check(state.data(), state.size(), sqlstate::kInternalError, "the state was broken");
}

void use(const std::string& state, Random* random) {
  const RecentView view(state.data(), state.size());
  std::int64_t sum = view.k() + (view.clock() == Clock::local ? 1 : 0);
  int count = 0;
  for (RecentCursor cursor(view); cursor.left() > 0; cursor.next(), ++count) {
    const RecentEvent event = cursor.event();
    sum ^= event.at;
    for (const char c : event.item) sum += c;
  }
  sink = sum;
  require(count == view.count(), "the number of events");
  require(recent_from_binary(recent_to_binary(state.data(), state.size())) == state, "binary round trip");
  require(recent_from_text(recent_to_text(state.data(), state.size())) == state, "text round trip");

  const Sample sample(view.item_type(), view.k(), random);
  const std::string more = added(state, sample.event());
  check(more);
  require(more == merged(state, started(view.flags(), sample.event())), "adding is merging one event");
  const std::string twice = merged(more, state);
  check(twice);
  require(twice == merged(state, more), "merging either way");
}

struct Seeds {
  std::vector<std::string> text, binary;

  explicit Seeds(Random* random) {
    for (int i = 0; i < 64; ++i) {
      const ItemType type = i % 2 == 0 ? ItemType::text : ItemType::bigint;
      const int k = static_cast<int>(1 + random->below(i % 8 < 2 ? kRecentMaxK : 6));
      const std::uint16_t flags = recent_flags(i % 3 == 0 ? Clock::local : Clock::utc, type, k);
      std::string state = started(flags, Sample(type, k, random).event());
      for (auto n = random->below(12); n > 0; --n) state = added(state, Sample(type, k, random).event());
      text.push_back(recent_to_text(state.data(), state.size()));
      binary.push_back(recent_to_binary(state.data(), state.size()));
    }
  }
};

}  // namespace
}  // namespace persona

int main(int argc, char** argv) {
  using namespace persona;  // NOLINT(google-build-using-namespace)
  Random random(7);
  const Seeds seeds(&random);
  return fuzz::run(
      "recent_fuzz",
      {{seeds.text, true, recent_from_text, use}, {seeds.binary, false, recent_from_binary, use}}, argc,
      argv);
}
