#include "pg/models/catalog_items.h"

#include "pg/server/key_lookup.h"

namespace persona::pg {

void throw_corrupt_items(const LoadedModel& model, const std::string& detail) {
  throw Error(sqlstate::kDataException, "the stored items of model \"" + model.address() + "\" are corrupt",
              detail, "Fit the model again.");
}

std::unordered_map<std::string, std::int32_t> find_items(const LoadedModel& model,
                                                         const std::vector<std::string>& ids) {
  std::unordered_map<std::string, std::int32_t> result;
  if (ids.empty()) return result;
  with_lookup("neighbor", "item", {"item_no"}, [&](KeyLookup& row) {
    for (const std::string& id : ids) {
      if (!row.find(model.model_id, id)) continue;
      const std::int32_t number = row.int4(1);
      if (number < 0 || number >= model.items) {
        throw_corrupt_items(model, "Item number " + std::to_string(number) + " is outside of the catalogue.");
      }
      result.emplace(id, number);
    }
  });
  return result;
}

std::unordered_map<std::int32_t, ItemName> name_items(const LoadedModel& model,
                                                      const std::vector<std::int32_t>& items) {
  std::unordered_map<std::int32_t, ItemName> result;
  if (items.empty()) return result;
  with_lookup("neighbor", "item_no", {"item", "support", "attribute"}, [&](KeyLookup& row) {
    for (const std::int32_t item : items) {
      if (row.find(model.model_id, item)) result[item] = {row.text(1), row.int8(2), row.text(3)};
    }
  });
  for (const std::int32_t item : items) {
    if (result.count(item) == 0) {
      throw_corrupt_items(model, "Item number " + std::to_string(item) + " has no row.");
    }
  }
  return result;
}

}  // namespace persona::pg
