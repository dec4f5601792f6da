#include "core/model/row_block.h"

#include <cassert>
#include <functional>

namespace persona {

std::int32_t Dictionary::intern(std::string_view label) {
  assert(id_codes_.empty());
  if (slots_.size() <= 2 * hashes_.size()) grow();
  const std::size_t hash = std::hash<std::string_view>()(label);
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = hash & mask;
  for (; slots_[slot] >= 0; slot = (slot + 1) & mask) {
    const auto code = static_cast<std::size_t>(slots_[slot]);
    if (hashes_[code] == hash && labels_[code] == label) return slots_[slot];
  }
  const std::int32_t code = size();
  labels_.emplace_back(label);
  hashes_.push_back(hash);
  slots_[slot] = code;
  return code;
}

void Dictionary::grow() {
  slots_.assign(slots_.empty() ? 16 : 2 * slots_.size(), -1);
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t code = 0; code < hashes_.size(); ++code) {
    std::size_t slot = hashes_[code] & mask;
    while (slots_[slot] >= 0) slot = (slot + 1) & mask;
    slots_[slot] = static_cast<std::int32_t>(code);
  }
}

std::int32_t Dictionary::intern(std::int64_t id) {
  const auto [it, fresh] = id_codes_.try_emplace(id, size());
  if (fresh) labels_.push_back(std::to_string(id));
  return it->second;
}

}  // namespace persona
