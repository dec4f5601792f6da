// Mutated text and binary forms of affinity against their readers: nothing may crash, nothing but
// persona::Error may be thrown, and what is accepted must come out as it went in, answer every accessor, take
// rows in and merge. Deterministic: affinity_fuzz [inputs] [seed]. Built with ASan and UBSan.
#include "fuzz.h"

#include "core/summaries/affinity.h"
#include "core/summaries/affinity_forms.h"

namespace persona {
namespace {

using fuzz::require;

volatile double sink;  // keeps accessors from being left out

// A state merged with another; empty where the sums leave the range.
std::string merge(const std::string& a, const std::string& b) {
  std::vector<char> to(kAffinityMaxSize);
  try {
    const std::size_t size = affinity_merge(to.data(), AffinityView(a.data()), AffinityView(b.data()));
    affinity_check(to.data(), size, sqlstate::kInternalError, "merging broke the state");
    return {to.data(), size};
  } catch (const Error& e) {
    require(std::strcmp(e.sqlstate(), sqlstate::kNumericOutOfRange) == 0, e.what());
    return {};
  }
}

std::string add_to(const std::string& state, bool bigint, const AffinityKey& key, double weight,
                   std::size_t room) {
  if (!state.empty()) {
    std::size_t size = state.size();
    std::vector<char> memory(state.begin(), state.end());
    memory.resize(size + room);
    memory.shrink_to_fit();
    const AffinityAdded answer = affinity_add(memory.data(), &size, memory.size(), key, weight);
    if (answer == AffinityAdded::done) return {memory.data(), size};
    if (answer == AffinityAdded::overflow) return {};
  }
  std::string row(kAffinityFirstSize, '\0');
  row.resize(affinity_start(row.data(), bigint, key, weight));
  return state.empty() ? row : merge(state, row);
}

// A random key of a state's type; it lies in `*text` or `memory`.
AffinityKey random_key(Random* random, bool bigint, std::string* text, char* memory) {
  const std::uint64_t number = random->below(400);
  if (bigint) return bigint_affinity_key(static_cast<std::int64_t>(number) - 200, memory);
  *text = std::to_string(number) + std::string(number % 8 == 0 ? number / 4 : number % 20, 'k');
  if (text->size() > kAffinityKeyLimit)
    return cut_affinity_key(text->data(), text->size(), kAffinityPrefixLimit, memory);
  return {text->data(), static_cast<std::uint16_t>(text->size()), false};
}

void use_affinity(const std::string& state, Random* random) {
  const AffinityView view(state.data());
  const bool bigint = view.form().bigint;
  sink = view.total().value() + rounded_up(view.error());
  sink = view.entropy().value_or(0);
  std::uint16_t order[kAffinityMaxKeys];
  require(view.heaviest(3, order) <= 3 && view.heaviest(kAffinityMaxKeys, order) == view.count(), "top keys");
  for (int i = 0; i < view.count(); ++i) {
    const AffinityView::Place place = view.find(view.key(i));
    require(place.found && place.index == i, "a key is where it is");
    const double share = view.share(view.key(i)).value_or(0);
    require(share >= 0 && share <= 1 + 1e-9, "a share is one");
    sink = view.slack(i).value();
  }
  const double similarity = affinity_similarity(view, view).value_or(1);
  require(similarity == 1, "a state is like itself");

  const std::string binary = affinity_to_binary(state.data(), state.size());
  require(affinity_from_binary(binary) == state, "binary round trip");
  const std::string text = affinity_to_text(state.data(), state.size());
  require(affinity_from_text(text) == state, "text round trip");
  sink = static_cast<double>(affinity_exact_part(state.data(), state.size()).size());

  char memory[kAffinityKeyLimit];
  std::string key_text;
  const AffinityKey key = random_key(random, bigint, &key_text, memory);
  const double weight = random->below(2) == 0 ? 1 : random->exponential();
  const std::string more = add_to(state, bigint, key, weight, random->below(64));
  if (more.empty()) return;
  affinity_check(more.data(), more.size(), sqlstate::kInternalError, "an added row broke the state");
  require(AffinityView(more.data()).total().value() >= view.total().value(), "weight was lost");
  const std::string both = merge(state, more);
  require(both == merge(more, state), "merging depends on which is first");
}

struct Seeds {
  std::vector<std::string> text, binary;

  explicit Seeds(Random* random) {
    for (int i = 0; i < 64; ++i) {
      const bool bigint = random->below(2) == 0;
      const bool counts = random->below(2) == 0;
      std::string state;
      // A quarter of them are past the bound.
      for (auto n = 1 + random->below(i % 4 == 0 ? 800 : 30); n > 0; --n) {
        char memory[kAffinityKeyLimit];
        std::string key_text;
        const AffinityKey key = random_key(random, bigint, &key_text, memory);
        state = add_to(state, bigint, key, counts ? 1 : random->exponential(), 0);
      }
      text.push_back(affinity_to_text(state.data(), state.size()));
      binary.push_back(affinity_to_binary(state.data(), state.size()));
    }
  }
};

}  // namespace
}  // namespace persona

int main(int argc, char** argv) {
  using namespace persona;  // NOLINT(google-build-using-namespace)
  Random random(8);
  const Seeds seeds(&random);
  return fuzz::run("affinity_fuzz",
                   {{seeds.text, true, affinity_from_text, use_affinity},
                    {seeds.binary, false, affinity_from_binary, use_affinity}},
                   argc, argv);
}
