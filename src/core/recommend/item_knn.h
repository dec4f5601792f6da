// Item neighborhoods: cos(i, j) = sum_u w_ui w_uj / (|w_i| |w_j|), the cosine between items over the users
// who have them (Sarwar, Karypis, Konstan and Riedl, "Item-based collaborative filtering recommendation
// algorithms", WWW 2001). Without weights w is 1 for every pair of user and item that occurs.
//
// Errors of make_fitter: 42703, 42804, 22023. Of the fit: 55000 without any interaction, 22003 where the
// weights of a pair overflow, 54000 where more neighbors would be kept than a result may hold.
#pragma once

#include "core/model/kind.h"

namespace persona {

const Kind& item_knn();

}  // namespace persona
