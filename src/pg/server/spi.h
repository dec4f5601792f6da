// SQL run from C++ beneath gate A: parameters in, rows out, every backend call through gate B.
#pragma once

#include "pg/server/gates.h"

#include <functional>

namespace persona::pg {

/// Values for $1, $2, ... of a statement. Datums are palloc'd in the current memory context.
class Params {
 public:
  Params& text(const std::string& value);
  Params& text(const std::optional<std::string>& value);
  Params& jsonb(const std::string& value);
  Params& int4(int value);
  Params& int8(std::int64_t value);
  Params& float8(std::optional<double> value);
  Params& oid(Oid value);
  Params& text_array(const std::vector<std::string>& values);
  Params& int4_array(const std::vector<std::int32_t>& values);
  Params& float4_array(const std::vector<float>& values);
  Params& float8_array(const std::vector<double>& values);
  Params& nullable_float8_array(const std::vector<std::optional<double>>& values);
  Params& datum(Oid type, Datum value);
  Params& null(Oid type);

  int size() const noexcept { return static_cast<int>(types_.size()); }
  Oid* types() noexcept { return types_.data(); }
  Datum* values() noexcept { return values_.data(); }
  const char* nulls() const noexcept { return nulls_.data(); }

 private:
  std::vector<Oid> types_;
  std::vector<Datum> values_;
  std::vector<char> nulls_;
};

/// What a value that is not NULL holds. Throws 22000 for an array with a NULL.
std::string text_of(Datum value);
std::vector<std::int32_t> int4_array_of(Datum value);
std::vector<float> float4_array_of(Datum value);

/// A generic plan that is kept until SPI_freeplan, whose constants do not depend on the session's settings of
/// text forms. Needs SPI. C code: the frames that call it hold no objects.
SPIPlanPtr prepare_kept(const char* sql, int count, Oid* types);

/// The rows of the last statement; valid until with_spi() ends.
class Rows {
 public:
  explicit Rows(SPITupleTable* table, std::uint64_t count) : table_(table), count_(count) {}

  std::uint64_t size() const noexcept { return count_; }
  bool empty() const noexcept { return count_ == 0; }
  /// Columns are numbered from 1. A NULL reads as "", 0 or an empty vector where the result is not optional.
  std::string text(std::uint64_t row, int column) const;
  std::optional<std::string> optional_text(std::uint64_t row, int column) const;
  std::int64_t int8(std::uint64_t row, int column) const;
  std::int32_t int4(std::uint64_t row, int column) const;
  Oid oid(std::uint64_t row, int column) const;
  std::optional<double> float8(std::uint64_t row, int column) const;
  std::vector<std::string> text_array(std::uint64_t row, int column) const;
  std::vector<std::int32_t> int4_array(std::uint64_t row, int column) const;
  std::vector<float> float4_array(std::uint64_t row, int column) const;
  std::vector<double> float8_array(std::uint64_t row, int column) const;
  Datum datum(std::uint64_t row, int column, bool* is_null) const;
  /// Frees the rows before with_spi() ends: for whoever runs many statements within it.
  void free();

 private:
  SPITupleTable* table_;
  std::uint64_t count_;
};

/// A fixed statement of ours, planned at most once per backend. Declare as a static of constant text.
class Statement {
 public:
  constexpr explicit Statement(const char* sql) : sql_(sql) {}
  /// Runs it and answers its rows. `read_only` uses the active snapshot, else a new one sees our own writes.
  Rows run(Params& params, bool read_only);
  /// Runs it, under the active snapshot, and passes its rows to `use`, up to `count` at a time, until that
  /// answers false.
  void run_in_pieces(Params& params, long count, const std::function<bool(const Rows&)>& use);

 private:
  void prepare_once(Params& params);

  const char* sql_;
  SPIPlanPtr plan_ = nullptr;
};

/// Memory for the parameters of one statement among many, emptied between them; the caller's context, or the
/// transaction's abort, frees it.
class ScratchContext {
 public:
  explicit ScratchContext(const char* name) {
    context_ = pg_call(
        [&] { return AllocSetContextCreateInternal(CurrentMemoryContext, name, ALLOCSET_DEFAULT_SIZES); });
  }
  void enter() noexcept { outer_ = MemoryContextSwitchTo(context_); }
  void leave() noexcept { MemoryContextSwitchTo(outer_); }
  void reset() noexcept { MemoryContextReset(context_); }

 private:
  MemoryContext context_;
  MemoryContext outer_ = nullptr;
};

/// Runs `body` connected to SPI. After an exception the transaction's abort disconnects.
template <class Body>
auto with_spi(Body&& body) -> decltype(body()) {
  pg_call([] { SPI_connect(); });
  if constexpr (std::is_void_v<decltype(body())>) {
    body();
    pg_call([] { SPI_finish(); });
  } else {
    auto result = body();
    pg_call([] { SPI_finish(); });
    return result;
  }
}

}  // namespace persona::pg
