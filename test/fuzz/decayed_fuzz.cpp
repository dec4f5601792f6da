// Mutated text and binary forms of decayed against their readers: nothing may crash, nothing but
// persona::Error may be thrown, and what is accepted must come out as it went in, answer every accessor, take
// events in and merge. Deterministic: decayed_fuzz [inputs] [seed]. Built with ASan and UBSan.
#include "fuzz.h"

#include "core/summaries/decayed.h"

namespace persona {
namespace {

using fuzz::require;

volatile double sink;  // keeps accessors from being left out

std::string state_of(const Decayed& d) {
  std::string state(kDecayedSize, '\0');
  d.write(state.data());
  return state;
}

void check(const Decayed& d) {
  decayed_check(state_of(d).data(), kDecayedSize, sqlstate::kInternalError, "the state was broken");
}

std::int64_t some_time(Random* random) {
  const auto at = static_cast<std::int64_t>(random->next() >> random->below(64));
  return is_finite_time(at) ? at : kFirstMicros;
}

void use(const std::string& state, Random* random) {
  Decayed d = Decayed::read(state.data());
  const std::int64_t as_of = some_time(random);
  sink = d.total_as_of(as_of) + d.count_as_of(as_of) + d.mean();
  require(d.count_as_of(d.last) >= 0.999999, "the last event weighs 1");
  require(decayed_from_binary(decayed_to_binary(state.data())) == state, "binary round trip");
  require(decayed_from_text(decayed_to_text(state.data())) == state, "text round trip");

  const Decayed event = Decayed::of_event(d.clock, d.half_life, some_time(random), 100 * random->normal());
  Decayed other = event;
  const bool merges = d.merge(event);
  require(merges == other.merge(Decayed::read(state.data())), "merging either way");
  check(d);
  if (!merges) return;
  require(state_of(d) == state_of(other), "to the same bytes");
  if (d.merge(other)) check(d);
}

struct Seeds {
  std::vector<std::string> text, binary;

  explicit Seeds(Random* random) {
    for (int i = 0; i < 64; ++i) {
      const Clock clock = random->below(2) == 0 ? Clock::utc : Clock::local;
      const auto half_life = static_cast<std::int64_t>(1 + random->below(kMaxHalfLife >> random->below(53)));
      Decayed d = Decayed::of_event(clock, half_life, some_time(random), random->normal());
      for (auto n = random->below(20); n > 0; --n) {
        const std::int64_t at =
            d.last - static_cast<std::int64_t>(random->uniform() * 3 * static_cast<double>(half_life));
        if (is_finite_time(at)) d.merge(Decayed::of_event(clock, half_life, at, random->normal()));
      }
      text.push_back(decayed_to_text(state_of(d).data()));
      binary.push_back(decayed_to_binary(state_of(d).data()));
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
      "decayed_fuzz",
      {{seeds.text, true, decayed_from_text, use}, {seeds.binary, false, decayed_from_binary, use}}, argc,
      argv);
}
