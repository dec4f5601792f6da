// The room for rows that wait in an aggregate's state, and taking them into the products.
#include "core/summaries/cross_products_rows.h"

#include <algorithm>
#include <cstring>

#include "core/regression/cross_products_accumulator.h"

namespace persona {
namespace {

// A block of the kernel, for groups that are known to be large.
constexpr int kBlock = CrossProductsAccumulator::kMaxRows;
constexpr int kSmallBlock = 32;
constexpr std::int64_t kLargeGroup = 1024;

// The server's allocator rounds small sizes up to a power of two, which is then used.
constexpr std::size_t kLargestRounded = 8192;

std::size_t rounded_up(std::size_t size) noexcept {
  if (size > kLargestRounded) return size;
  std::size_t power = 64;
  while (power < size) power *= 2;
  return power;
}

// The least capacity above `least` whose state fills the memory it is given, at most `most`.
int capacity_above(const CrossProductsHead& head, int least, int most) noexcept {
  const std::size_t row = sizeof(double) * static_cast<std::size_t>(head.columns);
  const std::size_t size = rounded_up(head.rows_at() + row * static_cast<std::size_t>(least));
  return std::min(static_cast<int>((size - head.rows_at()) / row), most);
}

// What a full state becomes: its rows go into the products when it has as many as a block, else there is more
// room for them.
CrossProductsHead with_room(const CrossProductsHead& head) noexcept {
  const std::int64_t all = head.rows + head.waiting;
  const int block = all < kLargeGroup ? kSmallBlock : kBlock;
  CrossProductsHead next = head;
  if (head.capacity < block) {
    next.capacity = capacity_above(head, std::max(1, std::min(2 * head.capacity, block)), block);
  } else {
    next.rows = all;
    next.waiting = 0;
  }
  return next;
}

void write_head(char* state, const CrossProductsHead& head) noexcept {
  start_header(state, SummaryKind::cross_products, kCrossProductsVersion, kRowsWait, head.columns);
  store(state + 12, static_cast<std::uint16_t>(head.waiting));
  store(state + 14, static_cast<std::uint16_t>(head.capacity));
}

}  // namespace

bool cross_products_size_fits(const char* state, std::size_t size) noexcept {
  const CrossProductsHead head = CrossProductsHead::read(state);
  return head.columns >= 2 && head.columns <= kMaxFeatures + 1 && head.waiting <= head.capacity &&
         head.capacity <= kBlock && head.rows >= 0 && size == head.size();
}

std::size_t cross_products_start_size(int columns) noexcept { return with_room({columns, 0, 0, 0}).size(); }

void cross_products_start(char* state, int columns) noexcept {
  write_head(state, with_room({columns, 0, 0, 0}));
  store(state + 16, std::int64_t{0});
  store(state + 24, std::int64_t{0});
}

std::size_t cross_products_room(const char* state) noexcept {
  return with_room(CrossProductsHead::read(state)).size();
}

void cross_products_make_room(char* to, const char* from) {
  const CrossProductsHead head = CrossProductsHead::read(from);
  const CrossProductsHead next = with_room(head);
  if (next.waiting == 0 && head.waiting > 0) {
    CrossProductsState::read(from).write(to);
  } else {
    const std::size_t used = head.rows_at() + sizeof(double) * static_cast<std::size_t>(head.columns) *
                                                  static_cast<std::size_t>(head.waiting);
    if (to != from) std::memcpy(to + 4, from + 4, used - 4);
  }
  write_head(to, next);
}

}  // namespace persona
