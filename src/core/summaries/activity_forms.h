// The two portable forms of an activity state: text for people, COPY and pg_dump, binary for the wire
// protocol (docs/summaries/activity.md).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace persona {

/// "activity:1 utc events=1 first=... last=... amounts=0 total=0 m2=0 hours=9:1 weekdays=1:1 days=114:8".
std::string activity_to_text(const char* state, std::size_t size);

/// A checked state, its first four bytes zero. Throws 22P02.
std::string activity_from_text(std::string_view text);

/// The state without its length word, every number in network order.
std::string activity_to_binary(const char* state, std::size_t size);

/// A checked state, its first four bytes zero. Throws 22P03.
std::string activity_from_binary(std::string_view message);

}  // namespace persona
