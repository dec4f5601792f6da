// Where rows go that a fit keeps and memory does not hold: written one piece after the other, and then read
// again and again. The server's are temporary files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

namespace persona {

/// What it holds is gone when it is destroyed.
class RowStore {
 public:
  virtual ~RowStore() = default;
  /// Behind everything written so far; not after the first read. Throws when there is no room.
  virtual void write(const void* data, std::size_t bytes) = 0;
  /// What was written as bytes `position`, `position` + 1, ...
  virtual void read(std::uint64_t position, void* data, std::size_t bytes) = 0;
};

/// Makes an empty one.
using OpenRowStore = std::function<std::unique_ptr<RowStore>()>;

}  // namespace persona
