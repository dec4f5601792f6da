#include "core/regression/row_cache.h"

#include <algorithm>

namespace persona {

void RowCache::append(const double* const* numbers, const std::int32_t* const* labels, int rows) {
  const auto count = static_cast<std::size_t>(rows);
  auto* number_place = static_cast<double*>(arena_.allocate(numbers_ * count * sizeof(double)));
  auto* label_place = static_cast<std::int32_t*>(arena_.allocate(labels_ * count * sizeof(std::int32_t)));
  for (std::size_t j = 0; j < numbers_; ++j) std::copy_n(numbers[j], count, number_place + j * count);
  for (std::size_t j = 0; j < labels_; ++j) std::copy_n(labels[j], count, label_place + j * count);
  blocks_.push_back({rows, number_place, label_place});
  rows_ += rows;
}

}  // namespace persona
