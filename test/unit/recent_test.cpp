// recent against a brute-force model (sort everything, keep k), with pinned forms written by hand and
// forgeries.
#include "core/summaries/recent.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/base/random.h"

namespace persona {
namespace {

// An event as the model keeps it; of bigints the item is the number in decimal.
struct Event {
  std::int64_t at;
  std::string item;
};

std::string stored_item(const Event& event, ItemType type) {
  if (type == ItemType::text) return event.item;
  char bytes[kBigintItemSize];
  store(bytes, static_cast<std::int64_t>(std::stoll(event.item)));
  return {bytes, sizeof bytes};
}

std::string state_of_one(std::uint16_t flags, const Event& event, ItemType type) {
  const std::string item = stored_item(event, type);
  std::string state(recent_first_size(flags, {event.at, item}), '\0');
  recent_start(state.data(), flags, {event.at, item});
  return state;
}

void add_to(std::string* state, const Event& event, ItemType type) {
  const std::string item = stored_item(event, type);
  const RecentView view(state->data(), state->size());
  if (!recent_takes(view, {event.at, item})) return;
  // In exactly the memory that it needs, for the sanitizers to watch.
  const std::size_t size = recent_added_size(view, {event.at, item});
  std::vector<char> memory(state->begin(), state->end());
  memory.resize(std::max(size, memory.size()));
  memory.shrink_to_fit();
  recent_add(memory.data(), state->size(), {event.at, item});
  state->assign(memory.data(), size);
}

std::string state_of(Clock clock, ItemType type, int k, const std::vector<Event>& events) {
  std::string state = state_of_one(recent_flags(clock, type, k), events[0], type);
  for (std::size_t i = 1; i < events.size(); ++i) add_to(&state, events[i], type);
  return state;
}

std::string merged(const std::string& a, const std::string& b) {
  const RecentView first(a.data(), a.size());
  const RecentView second(b.data(), b.size());
  std::string state(recent_merged_size(first, second), '\0');
  recent_merge(state.data(), state.size(), first, second);
  return state;
}

std::string text_of(const std::string& state) { return recent_to_text(state.data(), state.size()); }

// The text form of the last k, from the rule alone.
std::string by_sorting(std::vector<Event> events, ItemType type, int k) {
  std::sort(events.begin(), events.end(), [&](const Event& a, const Event& b) {
    if (a.at != b.at) return a.at > b.at;
    return type == ItemType::text ? a.item < b.item : std::stoll(a.item) < std::stoll(b.item);
  });
  if (events.size() > static_cast<std::size_t>(k)) events.resize(static_cast<std::size_t>(k));
  std::string text = type == ItemType::text ? "recent:1 utc text k=" : "recent:1 utc bigint k=";
  text += std::to_string(k) + " events=";
  for (const Event& e : events) {
    if (&e != events.data()) text += ",";
    text += std::to_string(e.at) + ":" + (type == ItemType::text ? "\"" + e.item + "\"" : e.item);
  }
  return text;
}

TEST(Recent, KeepsTheLastTwo) {
  const std::string state =
      state_of(Clock::utc, ItemType::text, 2, {{30, "c"}, {10, "a"}, {40, "d"}, {20, "b"}, {30, "c"}});
  EXPECT_EQ(text_of(state), "recent:1 utc text k=2 events=40:\"d\",30:\"c\"");
}

TEST(Recent, AtOneTimeTheFirstItemIsTheNewest) {
  EXPECT_EQ(text_of(state_of(Clock::utc, ItemType::text, 3,
                             {{5, "b"}, {5, "\xc3\xa9"}, {5, ""}, {5, "ba"}, {5, "b"}})),
            "recent:1 utc text k=3 events=5:\"\",5:\"b\",5:\"b\"");
  EXPECT_EQ(text_of(state_of(Clock::utc, ItemType::bigint, 3,
                             {{5, "10"}, {5, "9"}, {5, "-1"}, {4, "-7"}, {5, "9"}})),
            "recent:1 utc bigint k=3 events=5:-1,5:9,5:9");
}

TEST(Recent, TakesOnlyWhatIsNewerThanTheOldestOfK) {
  const std::string state = state_of(Clock::utc, ItemType::text, 2, {{10, "m"}, {20, "m"}});
  const RecentView view(state.data(), state.size());
  EXPECT_FALSE(recent_takes(view, {9, "a"}));
  EXPECT_FALSE(recent_takes(view, {10, "n"}));
  EXPECT_FALSE(recent_takes(view, {10, "m"}));  // the same event once more changes nothing
  EXPECT_TRUE(recent_takes(view, {10, "l"}));
  EXPECT_TRUE(recent_takes(view, {11, "z"}));
}

TEST(Recent, AnyPartitionInAnyOrderIsSortingThemAll) {
  Random random(70);
  for (int round = 0; round < 2000; ++round) {
    const ItemType type = round % 2 == 0 ? ItemType::text : ItemType::bigint;
    const int k = static_cast<int>(1 + random.below(round % 5 == 0 ? 100 : 8));
    const std::uint64_t times = 1 + random.below(40);  // few: many ties
    std::vector<Event> events;
    for (auto n = 1 + random.below(250); n > 0; --n) {
      Event e{static_cast<std::int64_t>(random.below(times)) - 5, ""};
      if (type == ItemType::bigint) {
        e.item = std::to_string(static_cast<std::int64_t>(random.below(30)) - 15);
      } else {
        const std::size_t limit = std::min<std::size_t>(recent_item_limit(k), 30);
        for (auto length = random.below(limit + 1); length > 0; --length)
          e.item.push_back(static_cast<char>('a' + random.below(3)));
      }
      events.push_back(e);
    }
    const std::string expected = by_sorting(events, type, k);
    ASSERT_EQ(text_of(state_of(Clock::utc, type, k, events)), expected);

    std::vector<std::vector<Event>> groups(1 + random.below(9));
    for (const Event& e : events) groups[random.below(groups.size())].push_back(e);
    std::vector<std::string> parts;
    for (const auto& group : groups)
      if (!group.empty()) parts.push_back(state_of(Clock::utc, type, k, group));
    while (parts.size() > 1) {
      const std::size_t i = random.below(parts.size() - 1);
      const std::string other_way = merged(parts.back(), parts[i]);
      parts[i] = merged(parts[i], parts.back());
      ASSERT_EQ(parts[i], other_way);
      parts.pop_back();
    }
    ASSERT_EQ(text_of(parts[0]), expected);
    ASSERT_EQ(parts[0], state_of(Clock::utc, type, k, events));  // to the byte
  }
}

TEST(Recent, StatesStayBelowTheirBound) {
  for (int k = 1; k <= kRecentMaxK; ++k) {
    const std::string longest(recent_item_limit(k), 'x');
    std::vector<Event> events;
    for (int i = 0; i < 2 * k; ++i) events.push_back({i, longest});
    const std::string texts = state_of(Clock::utc, ItemType::text, k, events);
    ASSERT_EQ(texts.size(), 16 + static_cast<std::size_t>(k) * (9 + longest.size()));
    ASSERT_LE(texts.size(), kRecentMaxSize);
    ASSERT_NO_THROW(recent_check(texts.data(), texts.size(), "XX000", ""));
    for (Event& e : events) e.item = "7";
    ASSERT_EQ(state_of(Clock::utc, ItemType::bigint, k, events).size(),
              16 + 16 * static_cast<std::size_t>(k));
  }
  // 1984 / k - 9, at most 255: by hand.
  EXPECT_EQ(recent_item_limit(1), 255U);
  EXPECT_EQ(recent_item_limit(7), 255U);
  EXPECT_EQ(recent_item_limit(10), 189U);
  EXPECT_EQ(recent_item_limit(20), 90U);
  EXPECT_EQ(recent_item_limit(50), 30U);
  EXPECT_EQ(recent_item_limit(100), 10U);
  EXPECT_NO_THROW(recent_require_item_fits(10, 100));
  EXPECT_THROW(recent_require_item_fits(11, 100), Error);
}

TEST(Recent, PutsTogetherOnlyWhatIsAlike) {
  const auto refusal = [](std::uint16_t a, std::uint16_t b) {
    try {
      recent_require_same(a, b);
      return std::string();
    } catch (const Error& e) {
      return std::string(e.sqlstate()) + " " + e.what();
    }
  };
  const std::uint16_t flags = recent_flags(Clock::utc, ItemType::text, 10);
  EXPECT_EQ(refusal(flags, flags), "");
  EXPECT_EQ(refusal(flags, recent_flags(Clock::local, ItemType::text, 10)),
            "22000 cannot merge recent items of UTC times with those of local times");
  EXPECT_EQ(refusal(flags, recent_flags(Clock::utc, ItemType::bigint, 10)),
            "22000 cannot merge recent items that are texts with those that are bigints");
  EXPECT_EQ(refusal(flags, recent_flags(Clock::utc, ItemType::text, 5)),
            "22023 cannot put the last 10 items together with the last 5");
  const std::string a = state_of(Clock::utc, ItemType::text, 10, {{1, "a"}});
  EXPECT_THROW(merged(a, state_of(Clock::utc, ItemType::text, 9, {{1, "a"}})), Error);
}

TEST(RecentText, IsPinned) {
  // By hand from docs/summaries/recent.md.
  EXPECT_EQ(text_of(state_of(Clock::local, ItemType::text, 3, {{-1, "a"}, {2, "say \"hi\" \\ bye, all"}})),
            R"(recent:1 local text k=3 events=2:"say \"hi\" \\ bye, all",-1:"a")");
  EXPECT_EQ(text_of(state_of(Clock::utc, ItemType::bigint, 100, {{7, "-9223372036854775808"}, {9, "12"}})),
            "recent:1 utc bigint k=100 events=9:12,7:-9223372036854775808");
}

TEST(RecentBinary, IsPinned) {
  // Byte by byte from docs/summaries/recent.md: "ab" at 0x102, "c" at 3, k = 10, local.
  const std::string texts = state_of(Clock::local, ItemType::text, 10, {{0x102, "ab"}, {3, "c"}});
  std::string expected("\x05\x01\x0a\x03\0\0\0\x02\0\0\0\0", 12);
  expected += std::string("\0\0\0\0\0\0\0\x03\0\0\0\0\0\0\x01\x02", 16);
  expected +=
      "\x01\x02"
      "cab";
  EXPECT_EQ(recent_to_binary(texts.data(), texts.size()), expected);
  const std::string bigints = state_of(Clock::utc, ItemType::bigint, 10, {{0x102, "-1"}, {3, "258"}});
  expected = std::string("\x05\x01\x0a\0\0\0\0\x02\0\0\0\0", 12);
  expected += std::string("\0\0\0\0\0\0\0\x03\0\0\0\0\0\0\x01\x02\0\0\0\0\0\0\x01\x02", 24);
  expected += "\xff\xff\xff\xff\xff\xff\xff\xff";
  EXPECT_EQ(recent_to_binary(bigints.data(), bigints.size()), expected);
}

TEST(RecentForms, RoundTripToTheByte) {
  Random random(71);
  for (int round = 0; round < 2000; ++round) {
    const ItemType type = round % 2 == 0 ? ItemType::text : ItemType::bigint;
    std::vector<Event> events;
    for (auto n = 1 + random.below(30); n > 0; --n) {
      std::string item = std::to_string(static_cast<std::int64_t>(random.next()));
      if (type == ItemType::text) {
        item.clear();
        for (auto length = random.below(20); length > 0; --length)
          item.push_back(static_cast<char>(1 + random.below(255)));
      }
      events.push_back({static_cast<std::int64_t>(random.uniform() * 1e18), item});
    }
    const std::string state = state_of(Clock::utc, type, 20, events);
    ASSERT_EQ(recent_from_text(text_of(state)), state);
    ASSERT_EQ(recent_from_binary(recent_to_binary(state.data(), state.size())), state);
  }
}

void expect_refused(const std::string& text) {
  try {
    recent_from_text(text);
    ADD_FAILURE() << "accepted: " << text;
  } catch (const Error& e) {
    EXPECT_STREQ(e.sqlstate(), "22P02") << text;
  }
}

TEST(RecentText, RefusesForgeries) {
  ASSERT_NO_THROW(recent_from_text(R"(recent:1 utc text k=2 events=2:"a",1:"b")"));
  ASSERT_NO_THROW(recent_from_text(R"(recent:1 utc text k=2 events=1:"a",1:"a")"));
  ASSERT_NO_THROW(recent_from_text(R"(recent:1 local bigint k=2 events=1:5)"));
  expect_refused("");
  expect_refused(R"(recent:2 utc text k=2 events=2:"a",1:"b")");
  expect_refused(R"(recent:1 gmt text k=2 events=2:"a",1:"b")");
  expect_refused(R"(recent:1 utc int k=2 events=2:1)");
  expect_refused(R"(recent:1 utc text k=0 events=2:"a")");
  expect_refused(R"(recent:1 utc text k=101 events=2:"a")");
  expect_refused(R"(recent:1 utc text k=2 events=)");
  expect_refused(R"(recent:1 utc text k=2 events=3:"a",2:"a",1:"b")");  // three of the last two
  expect_refused(R"(recent:1 utc text k=2 events=1:"a",2:"b")");
  expect_refused(R"(recent:1 utc text k=2 events=1:"b",1:"a")");
  expect_refused(R"(recent:1 utc bigint k=2 events=1:10,1:9)");
  expect_refused(R"(recent:1 utc bigint k=2 events=1:"10")");
  expect_refused(R"(recent:1 utc bigint k=2 events=1:9223372036854775808)");
  expect_refused(R"(recent:1 utc text k=2 events=9223371331200000000:"a")");
  expect_refused(R"(recent:1 utc text k=2 events=1:a)");
  expect_refused(R"(recent:1 utc text k=2 events=1:"a)");
  expect_refused(R"(recent:1 utc text k=2 events=1:"a\n")");
  expect_refused(R"(recent:1 utc text k=2 events=1:"a" )");
  expect_refused(
      R"(recent:1 utc text k=100 events=1:"12345678901")");  // longer than the tenth that k = 100 leaves
  expect_refused("recent:1 utc text k=2 events=1:\"" + std::string(256, 'a') + "\"");
  expect_refused(std::string("recent:1 utc text k=2 events=1:\"a\0\"", 35));
}

TEST(RecentBinary, RefusesForgeries) {
  for (const ItemType type : {ItemType::text, ItemType::bigint}) {
    const std::string state = state_of(Clock::utc, type, 3, {{1, "1"}, {1, "2"}, {2, "3"}});
    const std::string good = recent_to_binary(state.data(), state.size());
    ASSERT_NO_THROW(recent_from_binary(good));
    for (std::size_t size = 0; size < good.size(); ++size)
      EXPECT_THROW(recent_from_binary(good.substr(0, size)), Error) << size;
    EXPECT_THROW(recent_from_binary(good + '\0'), Error);
    const auto with = [&](std::size_t at, char byte) {
      std::string bad = good;
      bad[at] = byte;
      return bad;
    };
    EXPECT_THROW(recent_from_binary(with(0, 4)), Error);            // kind
    EXPECT_THROW(recent_from_binary(with(1, 2)), Error);            // version
    EXPECT_THROW(recent_from_binary(with(2, 0)), Error);            // k = 0
    EXPECT_THROW(recent_from_binary(with(2, 101)), Error);          // k = 101
    EXPECT_THROW(recent_from_binary(with(2, 2)), Error);            // three of the last two
    EXPECT_THROW(recent_from_binary(with(3, good[3] ^ 4)), Error);  // reserved
    EXPECT_THROW(recent_from_binary(with(3, good[3] ^ 2)), Error);  // the other type
    EXPECT_THROW(recent_from_binary(with(4, '\x80')), Error);
    EXPECT_THROW(recent_from_binary(with(7, 0)), Error);
    EXPECT_THROW(recent_from_binary(with(7, 4)), Error);
    EXPECT_THROW(recent_from_binary(with(11, 1)), Error);  // reserved
    EXPECT_THROW(recent_from_binary(with(19, 5)), Error);  // the times are not in order
    EXPECT_THROW(recent_from_binary(with(12, '\x7f')), Error);
    EXPECT_THROW(recent_from_binary(with(12, '\x80')), Error);  // a time out of range
    // The items of the two at one time, in the wrong order: stored, the newer comes last.
    std::string swapped = good;
    const std::size_t items = type == ItemType::text ? 39 : 36;
    const std::size_t size = type == ItemType::text ? 1 : 8;
    std::swap_ranges(swapped.begin() + static_cast<long>(items),
                     swapped.begin() + static_cast<long>(items + size),
                     swapped.begin() + static_cast<long>(items + size));
    EXPECT_THROW(recent_from_binary(swapped), Error);
    if (type == ItemType::bigint) continue;
    EXPECT_THROW(recent_from_binary(with(36, 2)), Error);  // a length
    EXPECT_THROW(recent_from_binary(with(41, 0)), Error);  // a zero byte
  }
}

}  // namespace
}  // namespace persona
