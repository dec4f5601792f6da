#include "pg/models/stored_factors.h"

extern "C" {
#include "utils/fmgrprotos.h"
}

namespace persona::pg {
namespace {

// 50,000 items of 64 factors take 12.8 MB. A backend keeps so much of a model, and of a few models.
constexpr std::size_t kMostBytes = std::size_t{16} << 20;
constexpr std::size_t kMostBytesInAll = std::size_t{48} << 20;
constexpr long kItemsAtOnce = 2000;

struct Factors {
  std::vector<std::int32_t> items;
  std::vector<float> values;
  float largest_norm = 0;

  std::size_t bytes() const { return 4 * (items.size() + values.size()); }
  FactorBlock block() const {
    return {items.data(), items.size(), values.data(), values.size(), largest_norm};
  }
};

using FactorsPtr = std::shared_ptr<const Factors>;

struct CachedFactors {
  Oid extension;  // ids start over with it
  std::int64_t model_id;
  FactorsPtr factors;
};

// The most recently used last. Never destroyed: a backend's exit must not run our destructors after the
// server's.
std::vector<CachedFactors>& cache() {
  static auto* all = new std::vector<CachedFactors>;
  return *all;
}

FactorsPtr find_cached(Oid extension, std::int64_t model_id) {
  for (std::size_t i = 0; i < cache().size(); i++) {
    CachedFactors found = cache()[i];
    if (found.extension != extension || found.model_id != model_id) continue;
    cache().erase(cache().begin() + static_cast<std::ptrdiff_t>(i));
    cache().push_back(found);
    return found.factors;
  }
  return nullptr;
}

void keep(Oid extension, std::int64_t model_id, FactorsPtr factors) {
  cache().push_back({extension, model_id, std::move(factors)});
  std::size_t bytes = 0;
  for (const CachedFactors& each : cache()) bytes += each.factors->bytes();
  while (bytes > kMostBytesInAll && cache().size() > 1) {
    bytes -= cache().front().factors->bytes();
    cache().erase(cache().begin());
  }
}

// Appends rows of (item_no, norm, factors). Every vector of a model has one length.
void append(const Rows& rows, Factors* factors) {
  for (std::uint64_t i = 0; i < rows.size(); i++) {
    if (factors->items.empty()) factors->largest_norm = static_cast<float>(rows.float8(i, 2).value_or(0));
    factors->items.push_back(rows.int4(i, 1));
    const std::vector<float> values = rows.float4_array(i, 3);
    factors->values.insert(factors->values.end(), values.begin(), values.end());
  }
}

// Reads all, as long as `use` wants more, and keeps them when they are few.
void scan_table(const LoadedModel& model, Oid extension, const std::function<bool(const FactorBlock&)>& use) {
  static Statement statement(
      "SELECT item_no, norm::float8, factors FROM persona.factor WHERE model_id = $1 AND role = 'item' "
      "ORDER BY model_id, norm DESC");
  const bool is_small = 4 * static_cast<std::size_t>(model.items) * (model.factors + 1) <= kMostBytes;
  auto all = std::make_shared<Factors>();
  as_owner([&] {
    Params params;
    params.int8(model.model_id);
    statement.run_in_pieces(params, kItemsAtOnce, [&](const Rows& rows) {
      if (is_small) {
        append(rows, all.get());
        return true;
      }
      Factors piece;
      append(rows, &piece);
      return use(piece.block());
    });
  });
  if (!is_small) return;
  keep(extension, model.model_id, all);
  use(all->block());
}

}  // namespace

void scan_item_factors(const LoadedModel& model, const std::function<bool(const FactorBlock&)>& use) {
  const Oid extension = pg_call([] { return catalog_table("model"); });
  if (const FactorsPtr cached = find_cached(extension, model.model_id)) {
    use(cached->block());
    return;
  }
  scan_table(model, extension, use);
}

}  // namespace persona::pg
