// The parts of a date or timestamp that may be features. Year and day are numbers; the others, which run in
// circles, are labels.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace persona {

enum class DatePart { none, year, quarter, month, day, weekday, hour };

/// "month"; "" for none.
const char* date_part_name(DatePart part) noexcept;

/// Nothing for a name that is no part's.
std::optional<DatePart> find_date_part(const std::string& name);

/// "year, quarter, month, ...": for hints.
std::string date_part_names();

/// The labels of a part in the calendar's order ("january", ...), the first being its reference level; empty
/// for a part that is a number.
const std::vector<std::string>& date_part_labels(DatePart part);

inline bool is_label(DatePart part) { return !date_part_labels(part).empty(); }

}  // namespace persona
