// A reason for a score as people say it, made of the column's name and the row's value and nothing else.
#pragma once

#include <string>
#include <vector>

namespace persona {

/// What one column says.
struct ReasonColumn {
  std::string name;
  std::string value;        ///< as people read it
  std::string usual;        ///< a number's mean in training; empty for labels
  bool is_missing = false;  ///< the value is not known
};

/// One reason: a column, or two of an interaction.
struct Reason {
  std::vector<ReasonColumn> columns;
  bool raises = false;  ///< the score
};

/// "last order was 12 days ago, where 80 is usual (raises the score); country is GB (lowers it)". Answers
/// "nothing sets it apart from the average" without reasons. `score`: what they raise or lower.
std::string reasons_text(const std::vector<Reason>& reasons, const std::string& score = "the score");

/// "visits is 4, where 2 is usual", "country is GB", "has no card", "age is unknown".
///
/// Underscores are blanks. days_since_order and order_recency_days (weeks, months, years, hours, minutes,
/// seconds as well) read "order was 12 days ago" and "last order was 12 days ago"; tenure_days, and likewise
/// age, delay, duration, gap, length and time, "tenure is 12 days". Of labels that are true or false, yes or
/// no, is_member reads "is member" or "is not member", has_card "has card" or "has no card", and another one
/// "weekend: yes" or "weekend: no".
std::string column_phrase(const ReasonColumn& column);

}  // namespace persona
