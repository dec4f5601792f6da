#include "core/linalg/symmetric_matrix.h"

#include <algorithm>
#include <new>
#include <string>

#include "core/base/error.h"
#include "core/linalg/dense_kernel.h"
#include "core/recommend/paced_poll.h"

namespace persona {

SymmetricMatrix::SymmetricMatrix(std::ptrdiff_t size, Poll& poll)
    : size_(size), stride_(padded(size, kPadColumns)) {
  const std::ptrdiff_t cells = padded(size, kPadRows) * stride_;
  PacedPoll paced(poll);
  try {
    grow(values_, static_cast<std::size_t>(cells), paced);
  } catch (const std::bad_alloc&) {
    throw Error(sqlstate::kOutOfMemory, "out of memory",
                "A matrix of " + std::to_string(size) + " rows and columns takes " +
                    std::to_string(cells / 131072) + " MB.");
  }
}

void SymmetricMatrix::mirror(Poll& poll) {
  constexpr std::ptrdiff_t kTile = 16;  // both sides of a tile fit into the first-level cache
  PacedPoll paced(poll);
  for (std::ptrdiff_t i0 = 0; i0 < size_; i0 += kTile) {
    for (std::ptrdiff_t j0 = i0; j0 < size_; j0 += kTile) {
      for (std::ptrdiff_t i = i0; i < std::min(i0 + kTile, size_); ++i) {
        for (std::ptrdiff_t j = std::max(j0, i + 1); j < std::min(j0 + kTile, size_); ++j)
          row(j)[i] = row(i)[j];
      }
      paced.add(kTile * kTile);
    }
  }
}

}  // namespace persona
