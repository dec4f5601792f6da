#include "core/model/row_block.h"

namespace persona {

std::int32_t Dictionary::intern(std::string_view label) {
  const auto [it, fresh] = codes_.try_emplace(std::string(label), size());
  if (fresh) labels_.emplace_back(label);
  return it->second;
}

std::int32_t Dictionary::intern(std::int64_t id) {
  const auto [it, fresh] = id_codes_.try_emplace(id, size());
  if (fresh) labels_.push_back(std::to_string(id));
  return it->second;
}

}  // namespace persona
