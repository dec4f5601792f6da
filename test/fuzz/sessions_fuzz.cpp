// Mutated text and binary forms of sessions against their readers, and mutated working states against what
// reads those: nothing may crash, nothing but persona::Error may be thrown, and what is accepted must come
// out as it went in, answer every accessor, take events in and merge. Built with ASan and UBSan.
#include "fuzz.h"

#include "core/summaries/sessions.h"

namespace persona {
namespace {

using fuzz::require;

volatile double sink;  // keeps accessors from being left out

void insert(std::vector<char>* memory, const Session& s) {
  for (;;) {
    const SessionAdded answer = sessions_insert(memory->data(), memory->size(), s);
    if (answer == SessionAdded::done) return;
    if (answer == SessionAdded::needs_room) {
      std::vector<char> larger(sessions_grown_size(memory->data(), memory->size()));
      sessions_move(larger.data(), larger.size(), memory->data(), memory->size());
      memory->swap(larger);
    } else if (answer == SessionAdded::needs_rebuild) {
      const std::string bytes = sessions_rebuilt(memory->data(), memory->size(), s);
      memory->assign(bytes.begin(), bytes.end());
    } else {
      sessions_refuse(answer);
    }
  }
}

// Every accessor, both forms there and back, and the state's sessions taken in one by one, backwards.
void use(const std::string& state, Random* random) {
  const SessionsView view(state.data(), state.size());
  const SessionTotals totals = view.totals();
  sink = totals.browsing_seconds() + totals.mean_session_seconds() + totals.events_per_session() +
         totals.bounce_rate();
  require(totals.sessions == view.sessions(), "the number of sessions");
  require(sessions_from_binary(sessions_to_binary(state.data(), state.size())) == state,
          "sessions binary round trip");
  require(sessions_from_text(sessions_to_text(state.data(), state.size())) == state,
          "sessions text round trip");
  require(sessions_stored(state.data(), state.size()) == state, "the stored form of a stored state");

  const std::vector<Session> sessions = sessions_listed(state.data(), state.size());
  const std::string rebuilt =
      sessions_rebuilt(state.data(), state.size(), {random->below(2) == 0 ? 0 : 1, 1, 2});
  require(sessions_stored(rebuilt.data(), rebuilt.size()) == state, "the stored form of a working state");
  std::vector<char> memory(kSessionsFirstSize);
  const Session& last = sessions.back();
  sessions_start(memory.data(), view.clock(), view.gap(), last.last);
  if (last.events > 1) {
    insert(&memory, {last.first, last.first, 1});
    if (last.events > 2) insert(&memory, {last.first, last.last, last.events - 2});
  }
  for (std::size_t i = sessions.size() - 1; i-- > 0;) insert(&memory, sessions[i]);
  require(sessions_stored(memory.data(), memory.size()) == state, "sessions taken in one by one");

  const auto jump = static_cast<std::int64_t>(random->below(std::uint64_t{1} << random->below(50)));
  const std::int64_t at = std::max(sessions.front().first - jump, kFirstMicros);
  try {
    insert(&memory, {at, at, 1});
    const std::string more = sessions_stored(memory.data(), memory.size());
    sessions_check(more.data(), more.size(), sqlstate::kInternalError, "an added event broke the state");
    const std::string merged = sessions_merged(state.data(), state.size(), more.data(), more.size());
    sessions_check(merged.data(), merged.size(), sqlstate::kInternalError, "merging broke the state");
  } catch (const Error& e) {
    require(std::strcmp(e.sqlstate(), sqlstate::kNumericOutOfRange) == 0, "an error of too many events");
  }
}

// The reader of working states: they have no form outside an aggregate, so the bytes themselves are mutated.
std::string read_working(std::string_view bytes) {
  if (bytes.size() < kSessionsStoredSize || !header_matches(bytes.data(), bytes.size(), SummaryKind::sessions,
                                                            kSessionsVersion, kSessionsStoredSize))
    throw Error(sqlstate::kInvalidBinary, "not a state");
  const std::string exact(bytes);
  try {
    return sessions_stored(exact.data(), exact.size());
  } catch (const Error&) {
    throw Error(sqlstate::kInvalidBinary, "not sessions");
  }
}

void use_unchecked(const std::string& state, Random*) {
  sink = SessionsView(state.data(), state.size()).totals().browsing_seconds();
}

struct Seeds {
  std::vector<std::string> text, binary, working;

  explicit Seeds(Random* random) {
    for (int i = 0; i < 64; ++i) {
      const std::int64_t units[] = {1, 1000, 1'000'000};
      const std::int64_t from = -36524 * kMicrosPerDay;  // the year 1900
      const std::uint64_t span = std::uint64_t{1} << (20 + random->below(32));
      std::vector<char> memory(kSessionsFirstSize);
      sessions_start(memory.data(), i % 2 == 0 ? Clock::utc : Clock::local, kDefaultSessionGap, from);
      for (auto n = random->below(80); n > 0; --n) {
        const std::int64_t at =
            from + static_cast<std::int64_t>(random->below(span)) / units[i % 3] * units[i % 3];
        insert(&memory, {at, at, 1});
        if (random->below(8) == 0) insert(&memory, {at, at + kDefaultSessionGap, 2});
      }
      const std::string state = sessions_stored(memory.data(), memory.size());
      text.push_back(sessions_to_text(state.data(), state.size()));
      binary.push_back(sessions_to_binary(state.data(), state.size()));
      working.emplace_back(memory.begin(), memory.end());
    }
  }
};

}  // namespace
}  // namespace persona

int main(int argc, char** argv) {
  using namespace persona;  // NOLINT(google-build-using-namespace)
  Random random(7);
  const Seeds seeds(&random);
  return fuzz::run("sessions_fuzz",
                   {{seeds.text, true, sessions_from_text, use},
                    {seeds.binary, false, sessions_from_binary, use},
                    {seeds.working, false, read_working, use_unchecked}},
                   argc, argv);
}
