// What the fuzzers of stored values share: mutating valid inputs, and running readers over them. A fuzzer is
// deterministic: NAME_fuzz [inputs] [seed]. Built with ASan and UBSan.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/random.h"

namespace persona::fuzz {

inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();  // what the sanitizers do as well
}

// One to eight changes: bits flipped, bytes set, pieces removed, doubled, exchanged with another seed.
inline std::string mutate(std::string input, const std::string& other, Random* random, bool text) {
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

/// One reader under test: valid inputs to begin from, the reader, what a refusal must be, and what is done
/// with an accepted state (every accessor, the round trips, adding and merging), which aborts by require().
struct Reader {
  std::vector<std::string> seeds;
  bool text;
  std::string (*read)(std::string_view);
  std::function<void(const std::string& state, Random* random)> use;
};

// Reads one input; true when it was accepted.
inline bool try_input(const Reader& reader, const std::string& input, Random* random) {
  const char* const sqlstate = reader.text ? sqlstate::kInvalidText : sqlstate::kInvalidBinary;
  std::string state;
  try {
    state = reader.read(input);
  } catch (const Error& e) {
    require(std::strcmp(e.sqlstate(), sqlstate) == 0, "the SQLSTATE of a refusal");
    return false;
  }
  reader.use(state, random);
  return true;
}

/// Takes the readers in turn; the exit status of the fuzzer.
inline int run(const char* name, const std::vector<Reader>& readers, int argc, char** argv) {
  const long inputs = argc > 1 ? std::strtol(argv[1], nullptr, 10) : 1000000;
  Random random(argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1);
  long accepted = 0;
  long failed = 0;
  for (long i = 0; i < inputs; ++i) {
    const Reader& reader = readers[static_cast<std::size_t>(i) % readers.size()];
    const std::string& seed = reader.seeds[random.below(reader.seeds.size())];
    const std::string& other = reader.seeds[random.below(reader.seeds.size())];
    try {
      accepted += try_input(reader, mutate(seed, other, &random, reader.text), &random) ? 1 : 0;
    } catch (const std::exception& e) {
      std::fprintf(stderr, "input %ld: %s\n", i, e.what());
      ++failed;
    }
  }
  std::printf("%s: %ld inputs, %ld accepted; %ld passed, %ld failed\n", name, inputs, accepted,
              inputs - failed, failed);
  return failed == 0 ? 0 : 1;
}

}  // namespace persona::fuzz
