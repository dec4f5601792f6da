// Whether the text forms of two stored values say the same but for the rounding of sums: merging in another
// order rounds sums of numbers at another place, which no reader cares about.
#pragma once

#include <string_view>

namespace persona {

/// The texts are compared piece by piece, cut at blanks, commas, colons and equal signs. Two numbers of which
/// one has a fraction or an exponent may differ by 1e-9 of the larger, or by 1e-15 of the largest such number
/// of either text (a sum in which nearly everything canceled); a double-double, written high+low, is one
/// number. Whole numbers, bitmaps (the field `days`) and everything else must be the same.
bool same_but_rounding(std::string_view a, std::string_view b);

}  // namespace persona
