#include "core/model/date_parts.h"

namespace persona {
namespace {

constexpr DatePart kParts[] = {DatePart::year, DatePart::quarter, DatePart::month,
                               DatePart::day,  DatePart::weekday, DatePart::hour};

std::vector<std::string> numbered(int first, int last) {
  std::vector<std::string> labels;
  for (int i = first; i <= last; ++i) labels.push_back(std::to_string(i));
  return labels;
}

}  // namespace

const char* date_part_name(DatePart part) noexcept {
  switch (part) {
    case DatePart::none:
      return "";
    case DatePart::year:
      return "year";
    case DatePart::quarter:
      return "quarter";
    case DatePart::month:
      return "month";
    case DatePart::day:
      return "day";
    case DatePart::weekday:
      return "weekday";
    case DatePart::hour:
      return "hour";
  }
  return "";
}

std::optional<DatePart> find_date_part(const std::string& name) {
  for (const DatePart part : kParts) {
    if (name == date_part_name(part)) return part;
  }
  return std::nullopt;
}

std::string date_part_names() {
  std::string list;
  for (const DatePart part : kParts) list.append(list.empty() ? "" : ", ").append(date_part_name(part));
  return list;
}

const std::vector<std::string>& date_part_labels(DatePart part) {
  static const std::vector<std::string> none;
  static const std::vector<std::string> quarters = numbered(1, 4);
  static const std::vector<std::string> months = {"january",   "february", "march",    "april",
                                                  "may",       "june",     "july",     "august",
                                                  "september", "october",  "november", "december"};
  static const std::vector<std::string> weekdays = {"monday", "tuesday",  "wednesday", "thursday",
                                                    "friday", "saturday", "sunday"};
  static const std::vector<std::string> hours = numbered(0, 23);
  switch (part) {
    case DatePart::quarter:
      return quarters;
    case DatePart::month:
      return months;
    case DatePart::weekday:
      return weekdays;
    case DatePart::hour:
      return hours;
    default:
      return none;
  }
}

}  // namespace persona
