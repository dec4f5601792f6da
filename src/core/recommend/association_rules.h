// Association rules: who has all items of the antecedent has the consequent, too, in so many cases (Agrawal,
// Imielinski and Swami, "Mining association rules between sets of items in large databases", SIGMOD 1993).
// The antecedent has at least one item and the consequent exactly one, as in R's package arules (Hahsler,
// Gruen and Hornik, Journal of Statistical Software 14(15), 2005); rules without an antecedent, which say how
// common an item is, are not made. Of n baskets let c have all items of a rule, a those of the antecedent and
// b the consequent:
//   support     c / n
//   confidence  c / a
//   lift        c n / (a b)
//   leverage    c / n - (a / n) (b / n)
//   conviction  (1 - b / n) / (1 - c / a): infinite for a rule without exception, 1 where b = n
// Each bound is compared with the share itself, rounded to double precision as it is stored: a rule of
// support .07 is one of 7 in 100 baskets.
//
// A basket is what the option basket says of one user, else the rows of one user and time, else all rows of a
// user. Items whose weights do not add to more than 0 are not in it, and a basket with nothing in it is none.
//
// Rules stand by falling lift, ties by falling support, then by the antecedent's item numbers and the
// consequent.
//
// Errors of the fit: those of EventFitter, and 54000 where more sets of items are frequent, or more rules
// found, than a model may have.
#pragma once

#include "core/model/kind.h"

namespace persona {

const Kind& association_rules();

}  // namespace persona
