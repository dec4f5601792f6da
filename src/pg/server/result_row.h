// A row of a set-returning function's answer, from C++: filled from left to right, then stored.
#pragma once

#include "pg/server/spi.h"

namespace persona::pg {

class ResultRow {
 public:
  static constexpr int kMostColumns = 32;

  ResultRow& text(const std::optional<std::string>& value) {
    if (!value.has_value()) return null();
    const std::string* from = &*value;
    return put(pg_call([=] {
      return PointerGetDatum(cstring_to_text_with_len(from->data(), static_cast<int>(from->size())));
    }));
  }
  ResultRow& int4(std::optional<int> value) {
    return value.has_value() ? put(Int32GetDatum(*value)) : null();
  }
  ResultRow& int8(std::optional<std::int64_t> value) {
    return value.has_value() ? put(Int64GetDatum(*value)) : null();
  }
  ResultRow& float8(std::optional<double> value) {
    return value.has_value() ? put(Float8GetDatum(*value)) : null();
  }
  ResultRow& text_array(const std::vector<std::string>& values) {
    Params params;
    params.text_array(values);
    return put(params.values()[0]);
  }
  /// `value`: JSON as text.
  ResultRow& jsonb(const std::string& value) {
    Params params;
    params.jsonb(value);
    return put(params.values()[0]);
  }
  ResultRow& boolean(bool value) { return put(BoolGetDatum(value)); }
  ResultRow& null() {
    nulls_[filled_] = true;
    return put(Datum{0});
  }

  /// Appends the row to what the function answers; columns that are not filled are NULL. For functions that
  /// called InitMaterializedSRF.
  void store(FunctionCallInfo fcinfo) {
    auto* info = reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
    while (filled_ < info->setDesc->natts) null();
    pg_call([&] { tuplestore_putvalues(info->setResult, info->setDesc, values_, nulls_); });
  }

 private:
  ResultRow& put(Datum value) {
    values_[filled_++] = value;
    return *this;
  }

  int filled_ = 0;
  Datum values_[kMostColumns] = {};
  bool nulls_[kMostColumns] = {};
};

}  // namespace persona::pg
