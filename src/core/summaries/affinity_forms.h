// The two portable forms of an affinity state: text for people, COPY and pg_dump, binary for the wire
// protocol (docs/summaries/affinity.md).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace persona {

/// "affinity:1 text counts exact keys="garden":3,"toys":5".
std::string affinity_to_text(const char* state, std::size_t size);

/// A checked state, its first four bytes zero. Throws 22P02.
std::string affinity_from_text(std::string_view text);

/// The text form of an exact state; of a bounded one only what does not depend on the order of its rows:
/// "affinity:1 text bounded total=100".
std::string affinity_exact_part(const char* state, std::size_t size);

/// The state without its length word, every number in network order. Keys are as they are.
std::string affinity_to_binary(const char* state, std::size_t size);

/// A checked state, its first four bytes zero. Throws 22P03. Text keys may hold any bytes but zero.
std::string affinity_from_binary(std::string_view message);

}  // namespace persona
