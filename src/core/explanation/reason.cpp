#include "core/explanation/reason.h"

#include <algorithm>

namespace persona {
namespace {

using Words = std::vector<std::string>;

// The name's parts between underscores and dots.
Words split(const std::string& name) {
  Words words(1);
  for (const char c : name) {
    if (c == '_' || c == '.') {
      if (!words.back().empty()) words.emplace_back();
    } else {
      words.back() += c;
    }
  }
  if (words.back().empty()) words.pop_back();
  if (words.empty()) words.push_back(name);
  return words;
}

std::string join(const Words& words, std::size_t first, std::size_t last) {
  std::string text;
  for (std::size_t i = first; i < last; ++i) text.append(text.empty() ? "" : " ").append(words[i]);
  return text;
}

template <std::size_t n>
bool among(const std::string& word, const char* const (&list)[n]) {
  return std::find(list, list + n, word) != list + n;
}

bool is_unit(const std::string& word) {
  static constexpr const char* kUnits[] = {"seconds", "minutes", "hours", "days", "weeks", "months", "years"};
  return among(word, kUnits);
}

bool is_measure(const std::string& word) {
  static constexpr const char* kMeasures[] = {"age", "delay", "duration", "gap", "length", "tenure", "time"};
  return among(word, kMeasures);
}

// "12 days", "1 day".
std::string quantity(const std::string& value, const std::string& unit) {
  return value + " " + (value == "1" ? unit.substr(0, unit.size() - 1) : unit);
}

std::string number_phrase(const Words& words, const std::string& value) {
  const std::size_t n = words.size();
  if (n > 2 && is_unit(words[0]) && words[1] == "since") {
    return join(words, 2, n) + " was " + quantity(value, words[0]) + " ago";
  }
  const bool measured = n > 1 && is_unit(words[n - 1]);
  if (measured && words[n - 2] == "recency") {
    const std::string what = n == 2 ? "time" : join(words, 0, n - 2);
    return "last " + what + " was " + quantity(value, words[n - 1]) + " ago";
  }
  if (measured && is_measure(words[n - 2])) {
    return join(words, 0, n - 1) + " is " + quantity(value, words[n - 1]);
  }
  return join(words, 0, n) + " is " + value;
}

std::string boolean_phrase(const Words& words, bool value) {
  const bool asks = words.size() > 1 && (words[0] == "is" || words[0] == "was" || words[0] == "has");
  if (!asks) return join(words, 0, words.size()) + (value ? ": yes" : ": no");
  const char* denial = words[0] == "has" ? " no " : " not ";
  return words[0] + (value ? " " : denial) + join(words, 1, words.size());
}

std::string value_phrase(const ReasonColumn& column) {
  const Words words = split(column.name);
  const std::string& value = column.value;
  if (column.is_missing) return join(words, 0, words.size()) + " is unknown";
  if (!column.usual.empty()) return number_phrase(words, value);
  if (value == "true" || value == "yes") return boolean_phrase(words, true);
  if (value == "false" || value == "no") return boolean_phrase(words, false);
  return join(words, 0, words.size()) + " is " + value;
}

// What two columns do together is not about either one's average.
std::string reason_phrase(const Reason& reason) {
  if (reason.columns.size() == 1) return column_phrase(reason.columns[0]);
  std::string text;
  for (const ReasonColumn& column : reason.columns)
    text += (text.empty() ? "" : " and ") + value_phrase(column);
  return text;
}

}  // namespace

std::string column_phrase(const ReasonColumn& column) {
  const bool has_usual = !column.usual.empty() && !column.is_missing;
  return value_phrase(column) + (has_usual ? ", where " + column.usual + " is usual" : "");
}

std::string reasons_text(const std::vector<Reason>& reasons, const std::string& score) {
  std::string text;
  for (const Reason& reason : reasons) {
    const bool first = text.empty();
    text += (first ? "" : "; ") + reason_phrase(reason) + (reason.raises ? " (raises " : " (lowers ") +
            (first ? score : "it") + ")";
  }
  return text.empty() ? "nothing sets it apart from the average" : text;
}

}  // namespace persona
