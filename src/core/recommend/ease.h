// EASE, the linear autoencoder in closed form (Steck, "Embarrassingly shallow autoencoders for sparse data",
// WWW 2019): the item-item weights B with zero diagonal that best give each user's items from his others,
//   min |Y - Y B|^2 + lambda |B|^2.
// With n_u a user's number of items, p the option user_normalization and X the users' items, or their
// weights,
//   Y = D_u^(-p/2) X mean(n_u)^(p/2),  G = Y'Y,  P = (G + lambda I + drop / (1 - drop) diag G)^-1,
//   B_ij = -P_ij / P_jj,
// where drop is the rate of dropout that the solution is the limit of (Steck, "Autoencoders that don't
// overfit towards the identity", NeurIPS 2020). A user's score of item j is the sum over his items i of
// weight_i B_ij, so that the stored neighbors of i are its row of B. B says less by one large weight than by
// many small ones of both signs: neighbors > 0 keeps those of largest magnitude.
//
// Memory: one matrix of items by items in double precision, which is inverted in place, and which the
// neighbors are read from row by row.
//
// Errors of the fit: those of EventFitter; 54000 for more than 20,000 items, or more neighbors than a model
// may have; 55000 where G is singular and lambda 0, or too small to mend that; 22003 where weights are too
// large.
#pragma once

#include "core/model/kind.h"

namespace persona {

const Kind& ease();

}  // namespace persona
