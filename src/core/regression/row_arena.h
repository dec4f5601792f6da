// Memory for the cached rows of one fit, handed out from large chunks and freed all at once. Chunks of 2 MB
// and more ask the kernel for huge pages: touching a fresh 4 kB page costs up to ten microseconds on a
// virtual machine, which for a cache of a million rows took longer than the whole fit.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

namespace persona {

class RowArena {
 public:
  /// Uninitialized, aligned to 64 bytes, valid as long as the arena. Throws std::bad_alloc.
  void* allocate(std::size_t bytes);

 private:
  struct Free {
    void operator()(void* chunk) const noexcept;
  };

  std::vector<std::unique_ptr<void, Free>> chunks_;
  std::size_t chunk_bytes_ = 0;  // of the last chunk
  std::size_t used_ = 0;         // of the last chunk
};

}  // namespace persona
