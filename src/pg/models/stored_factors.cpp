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

// All factors of a small catalogue: read in the order in which they were written, which is that of the
// table's pages, and sorted here.
FactorsPtr read_all(const LoadedModel& model) {
  static Statement statement(
      "SELECT item_no, norm::float8, factors FROM persona.factor WHERE model_id = $1 AND role = 'item' "
      "ORDER BY model_id, item_no");
  struct Place {
    float norm;
    std::size_t row;
  };
  Factors read;
  std::vector<Place> places;
  Params params;
  params.int8(model.model_id);
  statement.run_in_pieces(params, kItemsAtOnce, [&](const Rows& rows) {
    for (std::uint64_t i = 0; i < rows.size(); i++) {
      const auto norm = static_cast<float>(rows.float8(i, 2).value_or(0));
      if (!std::isfinite(norm))
        throw_damaged(model.address(), "The length of a vector is not a finite number.");
      places.push_back({norm, places.size()});
    }
    append(rows, &read);
    return true;
  });
  std::stable_sort(places.begin(), places.end(),
                   [](const Place& a, const Place& b) { return a.norm > b.norm; });
  const std::size_t length = places.empty() ? 0 : read.values.size() / places.size();
  if (read.values.size() != length * places.size()) {
    throw_damaged(model.address(), "Its vectors differ in length.");
  }
  auto sorted = std::make_shared<Factors>();
  sorted->items.reserve(places.size());
  sorted->values.reserve(read.values.size());
  for (const Place& place : places) {
    const auto from = read.values.begin() + static_cast<std::ptrdiff_t>(place.row * length);
    sorted->items.push_back(read.items[place.row]);
    sorted->values.insert(sorted->values.end(), from, from + static_cast<std::ptrdiff_t>(length));
  }
  if (!places.empty()) sorted->largest_norm = places[0].norm;
  return sorted;
}

// The longest vectors first, piece by piece, as long as `use` wants more.
void scan_table(const LoadedModel& model, const std::function<bool(const FactorBlock&)>& use) {
  static Statement statement(
      "SELECT item_no, norm::float8, factors FROM persona.factor WHERE model_id = $1 AND role = 'item' "
      "ORDER BY model_id, norm DESC");
  Params params;
  params.int8(model.model_id);
  statement.run_in_pieces(params, kItemsAtOnce, [&](const Rows& rows) {
    Factors piece;
    append(rows, &piece);
    return use(piece.block());
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
    as_owner([&] { scan_table(model, use); });
    return;
  }
  const FactorsPtr all = as_owner([&] { return read_all(model); });
  keep(extension, model.model_id, all);
  use(all->block());
}

}  // namespace persona::pg
