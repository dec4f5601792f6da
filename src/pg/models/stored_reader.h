// A recommender's stored rows, read from the tables as they are needed: no backend holds a whole large model.
// What was read is kept, up to a bound, for as long as the reader is there: scoring and explaining read the
// same rows, and users have items in common.
#pragma once

#include "pg/models/cache.h"
#include "pg/server/key_lookup.h"

#include "core/recommend/model_reader.h"

namespace persona::pg {

/// Needs SPI and an active snapshot for as long as it reads.
class StoredReader final : public ModelReader {
 public:
  /// `model` must outlive this object.
  explicit StoredReader(const LoadedModel& model) : model_(model) {}

  std::vector<NeighborView> neighbors(const std::vector<std::int32_t>& items) override;
  PopularityView popularity() override;
  PopularityView segment_popularity(const std::string& segment) override;
  void scan_factors(const std::function<bool(const FactorBlock&)>& use) override;
  std::vector<FactorBlock> factors(const std::vector<std::int32_t>& items) override;
  std::vector<NumberView> item_sessions(const std::vector<std::int32_t>& items) override;
  std::vector<NumberView> sessions(const std::vector<std::int32_t>& numbers) override;
  std::vector<RuleRow> rules(const std::vector<std::int32_t>& items) override;

 private:
  struct Scores {
    std::vector<std::int32_t> items;
    std::vector<float> scores;

    NeighborView view() const { return {items.data(), items.size(), scores.data(), scores.size()}; }
    std::size_t bytes() const { return 8 * items.size() + 64; }
  };
  struct Numbers {
    std::vector<std::int32_t> numbers;

    NumberView view() const { return {numbers.data(), numbers.size()}; }
    std::size_t bytes() const { return 4 * numbers.size() + 64; }
  };
  /// Rows by number, those of the last call at least.
  template <class Row>
  struct Kept {
    std::unordered_map<std::int32_t, Row> rows;
    std::size_t bytes = 0;
  };

  /// Where rows are.
  struct Stored {
    const char* table;
    const char* key;
    std::initializer_list<const char*> columns;
  };

  template <class View, class Row, class Read>
  std::vector<View> find(Kept<Row>* kept, const Stored& stored, const std::vector<std::int32_t>& numbers,
                         Read read);
  static void read_numbers(const KeyLookup& found, Numbers* row) { row->numbers = found.int4_array(1); }

  const LoadedModel& model_;
  Kept<Scores> neighbors_;
  Kept<Numbers> item_sessions_;
  Kept<Numbers> sessions_;
  std::unordered_map<std::string, Scores> segments_;  // "" for all users
  std::vector<std::int32_t> factor_numbers_;
  std::vector<float> factors_;
};

}  // namespace persona::pg
