#include "core/regression/row_cache.h"

#include <algorithm>

namespace persona {

void RowCache::append(const double* const* numbers, const std::int32_t* const* labels, int rows, int fold) {
  const auto count = static_cast<std::size_t>(rows);
  const std::size_t bytes = number_bytes(rows) + label_bytes(rows);
  rows_ += rows;
  if (open_store_ != nullptr && (store_ != nullptr || used_ + bytes > memory_)) {
    append_to_store(numbers, labels, rows, fold);
    return;
  }
  used_ += bytes;
  auto* number_place = static_cast<double*>(arena_.allocate(number_bytes(rows)));
  auto* label_place = static_cast<std::int32_t*>(arena_.allocate(label_bytes(rows)));
  for (std::size_t j = 0; j < numbers_; ++j) std::copy_n(numbers[j], count, number_place + j * count);
  for (std::size_t j = 0; j < labels_; ++j) std::copy_n(labels[j], count, label_place + j * count);
  blocks_.push_back({rows, fold, number_place, label_place});
}

void RowCache::append_to_store(const double* const* numbers, const std::int32_t* const* labels, int rows,
                               int fold) {
  if (store_ == nullptr) {
    store_ = open_store_();
    first_stored_ = blocks_.size();
    number_buffer_.resize(numbers_ * RowBlock::kMaxRows);
    label_buffer_.resize(labels_ * RowBlock::kMaxRows);
  }
  const auto count = static_cast<std::size_t>(rows);
  for (std::size_t j = 0; j < numbers_; ++j) store_->write(numbers[j], count * sizeof(double));
  for (std::size_t j = 0; j < labels_; ++j) store_->write(labels[j], count * sizeof(std::int32_t));
  positions_.push_back(written_);
  written_ += number_bytes(rows) + label_bytes(rows);
  stored_rows_ += rows;
  blocks_.push_back({rows, fold, nullptr, nullptr});
}

const RowCache::Block& RowCache::block(std::size_t i) const {
  if (store_ == nullptr || i < first_stored_) return blocks_[i];
  const int rows = blocks_[i].rows;
  const std::uint64_t position = positions_[i - first_stored_];
  if (numbers_ > 0) store_->read(position, number_buffer_.data(), number_bytes(rows));
  if (labels_ > 0) store_->read(position + number_bytes(rows), label_buffer_.data(), label_bytes(rows));
  read_ = {rows, blocks_[i].fold, number_buffer_.data(), label_buffer_.data()};
  return read_;
}

}  // namespace persona
