// Item neighborhoods: how alike two items are by the users who have both (Sarwar, Karypis, Konstan and Riedl,
// "Item-based collaborative filtering recommendation algorithms", WWW 2001). With w_ui = 1 for every pair of
// user and item that occurs, or the weight, and c_ij = sum_u w_ui w_uj, d_i = c_ii, the similarity is
//   cosine       c_ij / (d_i^a d_j^b + shrinkage), exponents (a, b) = (1/2, 1/2) by default
//   jaccard      c_ij / (d_i + d_j - c_ij + shrinkage)
//   conditional  c_ij / (d_i + shrinkage), the share of i's users who have j
//   tfidf, bm25  the cosine of reweighted columns
// The option user_normalization p divides the contribution of each user to c_ij by n_u^p, his number of
// items: p = 1 is the normalised cosine.
//
// Errors of the fit: those of EventFitter, and 54000 where more neighbors would be kept than a model may
// have.
#pragma once

#include "core/model/kind.h"

namespace persona {

const Kind& item_knn();

}  // namespace persona
