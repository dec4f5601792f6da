// Rows that wait inside an aggregate. A rank-one update of all pairs of columns to 106 bits is dear, and
// cheap only in blocks; so a transition state holds rows behind the layout of cross_products_state.h until
// there are enough of them:
//   header: flag 1, u16 waiting and u16 capacity at 12 | rows (in the products), skipped i64 |
//   where there are rows: as stored | double[capacity][columns]
// The room begins with few rows and grows with the group, so that a GROUP BY with many groups needs memory
// like its rows at first, and like two stored states later; only from 1,024 rows on a group has whole blocks.
// Values that leave an aggregate have no rows waiting.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/summaries/cross_products_state.h"
#include "core/summaries/state_header.h"

namespace persona {

inline constexpr std::uint16_t kRowsWait = 1;
inline constexpr std::size_t kCrossProductsSkipped = 24;

/// What the first 32 bytes of a state say.
struct CrossProductsHead {
  int columns;
  int waiting;
  int capacity;
  std::int64_t rows;  ///< in the products

  static CrossProductsHead read(const char* state) noexcept {
    const bool any = (header_flags(state) & kRowsWait) != 0;
    return {header_dim(state), any ? load<std::uint16_t>(state + 12) : 0,
            any ? load<std::uint16_t>(state + 14) : 0, load<std::int64_t>(state + 16)};
  }
  std::size_t rows_at() const noexcept { return cross_products_size(columns, rows > 0); }
  std::size_t size() const noexcept {
    return rows_at() +
           sizeof(double) * static_cast<std::size_t>(columns) * static_cast<std::size_t>(capacity);
  }
  bool full() const noexcept { return waiting == capacity; }
};

/// Whether a state, at least kCrossProductsFirstSize long, is as long as it says, so that it can be read.
bool cross_products_size_fits(const char* state, std::size_t size) noexcept;

/// The size of a state without rows and with room for the first.
std::size_t cross_products_start_size(int columns) noexcept;
/// Writes that state, but for the first four bytes.
void cross_products_start(char* state, int columns) noexcept;

/// The size that a full state needs to have room for another row.
std::size_t cross_products_room(const char* state) noexcept;
/// Writes the full state `from` with room into `to`, cross_products_room() bytes, which may be the same
/// place; the first four bytes are left as they are.
void cross_products_make_room(char* to, const char* from);

/// Where the next row of a state with room goes: columns doubles, y first. It counts from
/// cross_products_count_row() on.
inline double* cross_products_next_row(char* state, const CrossProductsHead& head) noexcept {
  return reinterpret_cast<double*>(state + head.rows_at()) +
         static_cast<std::ptrdiff_t>(head.waiting) * head.columns;
}
inline void cross_products_count_row(char* state, const CrossProductsHead& head) noexcept {
  store(state + 12, static_cast<std::uint16_t>(head.waiting + 1));
}
/// Counts a row with a NULL.
inline void cross_products_skip_row(char* state) noexcept {
  store(state + kCrossProductsSkipped, load<std::int64_t>(state + kCrossProductsSkipped) + 1);
}

}  // namespace persona
