// Implicit-feedback alternating least squares (see als_fit.h): a vector for every user and every item, whose
// inner products say what a user is likely to have. Stored are the vectors in single precision, those of the
// items by number, those of the users by id; metrics loss and iterations.
//
// Errors of the fit: those of EventFitter and fit_als, and 54000 for more numbers than a model may have.
#pragma once

#include "core/model/kind.h"

namespace persona {

const Kind& als();

}  // namespace persona
