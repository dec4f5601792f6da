// What a user buys again: his own frequency, what is popular, and what tends to be in one of the baskets
// after the ones he had. Each part is divided by its largest value over all items, then
//   score = personal + popularity_weight * popularity + pairs_weight * pairs
// personal_j: sum over the user's baskets with j of decay^age; pairs_j = sum over the items h of his history
// of personal_h M_hj, M_ij = C_ij d_i^-1/2 d_j^-1/4, C_ij = sum over pairs of a basket with i and one g <= 5
// baskets later with j (j may be i) of 2^-(g-1), d the number of baskets with the item.
//
// Errors of the fit: those of EventFitter; 54000 where more neighbors would be kept than a model may have.
#pragma once

#include "core/model/kind.h"

namespace persona {

const Kind& repurchase();

}  // namespace persona
