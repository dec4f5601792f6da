// Streams a query's rows into a fit: the executor hands each row to a DestReceiver of ours, which fills
// blocks of typed columns and passes them to the core. No array a row, no temporary table, one pass.
#pragma once

#include "pg/server/gates.h"

#include "core/model/kind.h"

extern "C" {
#include "tcop/dest.h"
}

namespace persona::pg {

struct StreamCount {
  std::int64_t rows = 0;  ///< complete rows passed on
  std::int64_t skipped =
      0;  ///< rows left out: a NULL, NaN or infinity in a column the fit reads, or weight 0
  std::int64_t weightless = 0;        ///< of these, rows of weight 0
  std::vector<std::int64_t> missing;  ///< by column: rows in which it was NULL, NaN or infinite
};

/// Told about each block of rows. May throw.
class RowSink {
 public:
  virtual ~RowSink() = default;
  virtual void consume(const RowBlock& block) = 0;
};

/// Runs `query` (one SELECT) as the current user and sends the columns to `sink`, in `block`, which keeps the
/// dictionaries of label columns afterwards. Parts of timestamptz are those of `zone`, the session's for
/// null. Needs SPI.
StreamCount stream_rows(const std::string& query, const std::vector<StreamColumn>& columns, RowBlock* block,
                        RowSink* sink, const char* zone = nullptr);

/// Runs `query` (one SELECT) as the current user and sends its rows to `receiver`, which is server code; so
/// is this function. Needs SPI.
void send_rows(const char* query, DestReceiver* receiver);

/// Interrupts as the core sees them: check() lets a cancel or timeout through; progress() raises a NOTICE
/// when the last one is five seconds ago.
class ServerPoll final : public Poll {
 public:
  ServerPoll();
  void check() override;
  void progress(const std::string& message) override;

 private:
  std::int64_t last_;
};

}  // namespace persona::pg
