#include "core/regression/row_arena.h"

#include <algorithm>
#include <cstdlib>
#include <new>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace persona {
namespace {

constexpr std::size_t kLine = 64;
constexpr std::size_t kFirstChunk = std::size_t{1} << 16;
constexpr std::size_t kHugePage = std::size_t{1} << 21;
constexpr std::size_t kLargestChunk = std::size_t{1} << 23;

std::size_t round_up(std::size_t bytes, std::size_t unit) { return (bytes + unit - 1) / unit * unit; }

}  // namespace

void RowArena::Free::operator()(void* chunk) const noexcept { std::free(chunk); }

void* RowArena::allocate(std::size_t bytes) {
  bytes = round_up(std::max<std::size_t>(bytes, 1), kLine);
  if (chunks_.empty() || bytes > chunk_bytes_ - used_) {
    // Chunks double, so that a fit of few rows takes little.
    std::size_t size = std::clamp(chunk_bytes_ * 2, kFirstChunk, kLargestChunk);
    size = std::max(size, bytes);
    const std::size_t alignment = size >= kHugePage ? kHugePage : kLine;
    size = round_up(size, alignment);
    std::unique_ptr<void, Free> chunk(std::aligned_alloc(alignment, size));
    if (chunk == nullptr) throw std::bad_alloc();
#if defined(__linux__) && defined(MADV_HUGEPAGE)
    if (alignment == kHugePage) madvise(chunk.get(), size, MADV_HUGEPAGE);  // advice: failure is harmless
#endif
    chunks_.push_back(std::move(chunk));
    chunk_bytes_ = size;
    used_ = 0;
  }
  void* place = static_cast<char*>(chunks_.back().get()) + used_;
  used_ += bytes;
  return place;
}

}  // namespace persona
