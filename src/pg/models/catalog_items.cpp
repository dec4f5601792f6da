#include "pg/models/catalog_items.h"

namespace persona::pg {

void throw_corrupt_items(const LoadedModel& model, const std::string& detail) {
  throw Error(sqlstate::kDataException, "the stored items of model \"" + model.address() + "\" are corrupt",
              detail, "Fit the model again.");
}

std::unordered_map<std::string, std::int32_t> find_items(const LoadedModel& model,
                                                         const std::vector<std::string>& ids) {
  static Statement statement(
      "SELECT item, item_no FROM persona.neighbor WHERE model_id = $1 AND item = ANY ($2)");
  std::unordered_map<std::string, std::int32_t> result;
  if (ids.empty()) return result;
  as_owner([&] {
    Params params;
    params.int8(model.model_id).text_array(ids);
    Rows rows = statement.run(params, true);
    for (std::uint64_t i = 0; i < rows.size(); i++) {
      const std::int32_t number = rows.int4(i, 2);
      if (number < 0 || number >= model.items) {
        throw_corrupt_items(model, "Item number " + std::to_string(number) + " is outside of the catalogue.");
      }
      result.emplace(rows.text(i, 1), number);
    }
    rows.free();
  });
  return result;
}

std::unordered_map<std::int32_t, ItemName> name_items(const LoadedModel& model,
                                                      const std::vector<std::int32_t>& items) {
  static Statement statement(
      "SELECT item_no, item, support, attribute FROM persona.neighbor WHERE model_id = $1 AND item_no = ANY "
      "($2)");
  std::unordered_map<std::int32_t, ItemName> result;
  if (items.empty()) return result;
  as_owner([&] {
    Params params;
    params.int8(model.model_id).int4_array(items);
    Rows rows = statement.run(params, true);
    for (std::uint64_t i = 0; i < rows.size(); i++)
      result[rows.int4(i, 1)] = {rows.text(i, 2), rows.int8(i, 3), rows.text(i, 4)};
    rows.free();
  });
  for (const std::int32_t item : items) {
    if (result.count(item) == 0) {
      throw_corrupt_items(model, "Item number " + std::to_string(item) + " has no row.");
    }
  }
  return result;
}

}  // namespace persona::pg
