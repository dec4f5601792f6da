// What each cell of the user-by-item matrix weighs: as given, by how telling its user is, or as an
// information retrieval system weighs a term in a document.
#pragma once

#include <vector>

#include "core/base/poll.h"
#include "core/recommend/interactions.h"

namespace persona {

/// Multiplies the cells of each user by (his number of items) ^ -exponent; a matrix without weights gets
/// some.
void scale_users(Interactions& interactions, double exponent, Poll& poll);

/// Items as documents whose terms are their users: w ln(items / number of the user's items) (Salton and
/// Buckley, "Term-weighting approaches in automatic text retrieval", Information Processing & Management
/// 24(5), 1988).
void weigh_tfidf(Interactions& interactions, Poll& poll);

/// The same by Okapi BM25 with k1 = 1.2, b = 0.75 and an idf that is never negative (Robertson and Zaragoza,
/// "The probabilistic relevance framework: BM25 and beyond", 2009, 3.2).
void weigh_bm25(Interactions& interactions, Poll& poll);

/// By item: the Euclidean norm of its column. Overflows and underflows only where the norm itself does.
std::vector<double> item_norms(const Interactions& interactions, Poll& poll);

/// Divides the cells of each item by its norm, so that the inner product of two items is their cosine; a
/// matrix without weights gets some. An item of norm 0 or beyond the range of numbers is left as it is, or
/// scaled first.
void divide_by_norms(Interactions& interactions, const std::vector<double>& norms, Poll& poll);

}  // namespace persona
