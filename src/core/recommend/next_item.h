// What comes next in a sequence: directed pairs of items that fade with their distance, held against the
// items' popularity. C_ij = sum over i before j in one sequence of lag^-e, lag <= 50 baskets; M_ij = (C_ij +
// rho C_ji) d_i^-a d_j^-b, d the number of baskets with the item; the score of j is the sum over the history
// h of q^age M_hj, age 0 in the last basket. Items of one basket do not follow each other; an item that comes
// again follows itself.
//
// Errors of the fit: those of EventFitter; 54000 where more neighbors would be kept than a model may have.
#pragma once

#include "core/model/kind.h"

namespace persona {

const Kind& next_item();

}  // namespace persona
