#include "pg/models/stored_factors.h"

#include "core/model/damaged.h"

extern "C" {
#include "utils/fmgrprotos.h"
}

namespace persona::pg {
namespace {

// 50,000 items of 64 factors take 12.8 MB. A backend keeps so much of a model, and of a few models.
constexpr std::size_t kMostBytes = std::size_t{16} << 20;
constexpr std::size_t kMostBytesInAll = std::size_t{48} << 20;
constexpr long kBlocksAtOnce = 8;

struct Factors {
  std::vector<std::int32_t> items;
  std::vector<float> values;

  std::size_t bytes() const { return 4 * (items.size() + values.size()); }
  FactorBlock block() const { return {items.data(), items.size(), values.data(), values.size()}; }
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

// Passes the model's blocks on in their order, as long as `use` wants more.
void read_blocks(const LoadedModel& model, const std::function<bool(Factors block)>& use) {
  static Statement statement(
      "SELECT items, factors FROM persona.factor_block WHERE model_id = $1 ORDER BY block_no");
  as_owner([&] {
    Params params;
    params.int8(model.model_id);
    statement.run_in_pieces(params, kBlocksAtOnce, [&](const Rows& rows) {
      for (std::uint64_t i = 0; i < rows.size(); i++) {
        Factors block = {rows.int4_array(i, 1), rows.float4_array(i, 2)};
        if (block.values.size() != block.items.size() * model.factors) {
          throw_damaged(model.address(), "A block of factors has another size than its items need.");
        }
        if (!use(std::move(block))) return false;
      }
      return true;
    });
  });
}

}  // namespace

void scan_item_factors(const LoadedModel& model, const std::function<bool(const FactorBlock&)>& use) {
  const Oid extension = pg_call([] { return catalog_table("model"); });
  if (const FactorsPtr cached = find_cached(extension, model.model_id)) {
    use(cached->block());
    return;
  }
  if (4 * static_cast<std::size_t>(model.items) * (model.factors + 1) > kMostBytes) {
    read_blocks(model, [&](const Factors& block) { return use(block.block()); });
    return;
  }
  auto all = std::make_shared<Factors>();
  all->items.reserve(static_cast<std::size_t>(model.items));
  all->values.reserve(static_cast<std::size_t>(model.items) * model.factors);
  read_blocks(model, [&](const Factors& block) {
    all->items.insert(all->items.end(), block.items.begin(), block.items.end());
    all->values.insert(all->values.end(), block.values.begin(), block.values.end());
    return true;
  });
  keep(extension, model.model_id, all);
  use(all->block());
}

}  // namespace persona::pg
