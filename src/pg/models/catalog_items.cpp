#include "pg/models/catalog_items.h"

namespace persona::pg {

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
    for (std::uint64_t i = 0; i < rows.size(); i++) result.emplace(rows.text(i, 1), rows.int4(i, 2));
    rows.free();
  });
  return result;
}

std::unordered_map<std::int32_t, ItemName> name_items(const LoadedModel& model,
                                                      const std::vector<std::int32_t>& items) {
  static Statement statement(
      "SELECT item_no, item, support, attribute FROM persona.neighbor WHERE model_id = $1 AND item_no = ANY ($2)");
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
      throw Error(sqlstate::kDataException,
                  "the stored items of model \"" + model.address() + "\" are corrupt",
                  "Item number " + std::to_string(item) + " has no row.", "Fit the model again.");
    }
  }
  return result;
}

std::unordered_map<std::string, std::int32_t> all_items(const LoadedModel& model) {
  static Statement statement("SELECT item, item_no FROM persona.neighbor WHERE model_id = $1");
  std::unordered_map<std::string, std::int32_t> result;
  as_owner([&] {
    Params params;
    params.int8(model.model_id);
    Rows rows = statement.run(params, true);
    for (std::uint64_t i = 0; i < rows.size(); i++) result.emplace(rows.text(i, 1), rows.int4(i, 2));
    rows.free();
  });
  return result;
}

}  // namespace persona::pg
