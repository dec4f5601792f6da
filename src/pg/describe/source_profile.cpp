#include "pg/describe/source_profile.h"

#include "pg/describe/column_reader.h"
#include "pg/server/row_stream.h"

extern "C" {
#include "executor/tuptable.h"
#include "lib/hyperloglog.h"
#include "utils/tuplesort.h"
#include "utils/typcache.h"
#include "utils/uuid.h"
}

namespace persona::pg {
namespace {

// Different values counted, of all columns together.
constexpr std::size_t kAllCapacity = 1000000;
// Registers of a HyperLogLog as a power of two: a standard error of 1.04 / sqrt(2^14) = 0.8 %.
constexpr uint8 kRegisterBits = 14;

// The extreme values, of which those on a line are mostly told apart by their place.
struct Extremes {
  Datum least;
  Datum greatest;
  double least_place;
  double greatest_place;
  bool set;
};

struct Column {
  ColumnReader reader;
  ColumnProfile* profile;
  hyperLogLogState registers;
  Extremes extremes;
  const char* type;
  std::int64_t nulls;
  std::int64_t nan;
  std::int64_t infinite;
};

// What of the rows' profile is C++; it outlives the run.
struct Profiles {
  explicit Profiles(std::size_t bytes) : rows_seen(bytes) {}
  std::vector<ColumnProfile> columns;
  HashSet<RowHash> rows_seen;
};

// Palloc'd in `kept`.
struct Receiver {
  DestReceiver base;
  Profiles* profiles;
  Column* columns;
  int count;
  std::int64_t rows;
  std::int64_t with_null;
  std::int64_t with_nan;
  std::int64_t with_infinity;
  std::int64_t repeated;
  Tuplesortstate* spilled;  // hashes of rows beyond rows_seen; none until there are such
  MemoryContext kept;
  MemoryContext scratch;  // a row's
  ErrorBuffer error;
};

// Half of work_mem for the set of rows, half for the sort.
std::size_t set_bytes() { return static_cast<std::size_t>(work_mem) * 1024 / 2; }

void replace(Receiver* r, const ColumnReader* reader, Datum* old, Datum value) {
  MemoryContext const outer = MemoryContextSwitchTo(r->kept);
  const Datum copy = keep_value(reader, value);
  MemoryContextSwitchTo(outer);
  if (!reader->by_value && *old != Datum{0}) pfree(DatumGetPointer(*old));
  *old = copy;
}

void update_extremes(Receiver* r, Column* c, Datum value, double place) {
  Extremes* e = &c->extremes;
  const bool line = c->reader.measure != Measure::label;
  if (line && e->set && place > e->least_place && place < e->greatest_place) return;
  if (!e->set || compare_values(&c->reader, value, e->least) < 0) {
    replace(r, &c->reader, &e->least, value);
    e->least_place = place;
  }
  if (!e->set || compare_values(&c->reader, value, e->greatest) > 0) {
    replace(r, &c->reader, &e->greatest, value);
    e->greatest_place = place;
  }
  e->set = true;
}

void add_value(Receiver* r, Column* c, const Reading* reading) {
  ColumnProfile* profile = c->profile;
  ColumnProfile::Entry* entry = nullptr;
  if (!guard(&r->error, [&] { entry = &profile->count(reading->hash.first); })) raise(&r->error);
  if (entry->count == 1) {
    if (c->reader.measure != Measure::label) {
      entry->number = reading->placed ? reading->number : place_of(&c->reader, reading->value);
    }
    addHyperLogLog(&c->registers, static_cast<uint32>(reading->hash.first >> 32U));
    if (c->reader.ordered && reading->kind == Reading::Kind::finite) {
      update_extremes(r, c, reading->value, entry->number);
    }
  }
  auto standing = ValueCounts::Standing::behind;
  if (!guard(&r->error, [&] { standing = profile->observe(*entry); })) raise(&r->error);
  if (standing == ValueCounts::Standing::behind) return;
  const std::string_view text = value_text(&c->reader, reading->value);
  if (!guard(&r->error, [&] { profile->offer(*entry, standing, text); })) raise(&r->error);
}

// The hashes are sorted as the 16 bytes of a uuid are.
void spill(Receiver* r, RowHash hash) {
  if (r->spilled == nullptr) {
    MemoryContext const outer = MemoryContextSwitchTo(r->kept);
    const TypeCacheEntry* cache = lookup_type_cache(UUIDOID, TYPECACHE_LT_OPR);
    r->spilled = tuplesort_begin_datum(UUIDOID, cache->lt_opr, InvalidOid, false, std::max(work_mem / 2, 64),
                                       nullptr, TUPLESORT_NONE);
    MemoryContextSwitchTo(outer);
  }
  static_assert(sizeof(RowHash) == UUID_LEN);
  tuplesort_putdatum(r->spilled, PointerGetDatum(&hash), false);
}

bool receive(TupleTableSlot* slot, DestReceiver* self) {
  auto* r = reinterpret_cast<Receiver*>(self);
  slot_getallattrs(slot);
  MemoryContext const outer = MemoryContextSwitchTo(r->scratch);
  RowHash row = {0, 0};
  bool with_null = false;
  bool with_nan = false;
  bool with_infinity = false;
  for (int i = 0; i < r->count; i++) {
    Column* c = &r->columns[i];
    RowHash hash;
    if (slot->tts_isnull[i]) {
      hash = hash_null();
      with_null = true;
      c->nulls++;
    } else {
      const Reading reading = read_value(&c->reader, slot->tts_values[i]);
      hash = reading.hash;
      if (reading.kind == Reading::Kind::nan) {
        with_nan = true;
        c->nan++;
      } else if (reading.kind == Reading::Kind::infinite) {
        with_infinity = true;
        c->infinite++;
      }
      add_value(r, c, &reading);
    }
    row = combine(row, hash);
  }
  r->rows++;
  r->with_null += with_null;
  r->with_nan += with_nan;
  r->with_infinity += with_infinity;
  auto answer = HashSet<RowHash>::Answer::added;
  if (!guard(&r->error, [&] { answer = r->profiles->rows_seen.insert(row); })) raise(&r->error);
  if (answer == HashSet<RowHash>::Answer::known) r->repeated++;
  if (answer == HashSet<RowHash>::Answer::full) spill(r, row);
  MemoryContextSwitchTo(outer);
  MemoryContextReset(r->scratch);
  CHECK_FOR_INTERRUPTS();
  return true;
}

void startup(DestReceiver* self, int /*operation*/, TupleDesc descriptor) {
  auto* r = reinterpret_cast<Receiver*>(self);
  MemoryContext const outer = MemoryContextSwitchTo(r->kept);
  r->count = descriptor->natts;
  r->columns = static_cast<Column*>(palloc0(sizeof(Column) * (r->count + 1)));
  for (int i = 0; i < r->count; i++) {
    const Form_pg_attribute attribute = TupleDescAttr(descriptor, i);
    Column* c = &r->columns[i];
    prepare_column_reader(&c->reader, attribute->atttypid, attribute->attcollation, r->kept);
    c->type = format_type_with_typemod(attribute->atttypid, attribute->atttypmod);
    initHyperLogLog(&c->registers, kRegisterBits);
  }
  MemoryContextSwitchTo(outer);
  const bool made = guard(&r->error, [&] {
    const auto columns = static_cast<std::size_t>(r->count);
    r->profiles->columns.reserve(columns);
    for (std::size_t i = 0; i < columns; i++) {
      r->profiles->columns.emplace_back(r->columns[i].reader.measure,
                                        std::min(ColumnProfile::kCapacity, kAllCapacity / columns), i);
      r->columns[i].profile = &r->profiles->columns[i];
    }
  });
  if (!made) raise(&r->error);
}

void shutdown(DestReceiver* /*self*/) {}

void destroy(DestReceiver* /*self*/) {}

Receiver* make_receiver(Profiles* profiles) {
  MemoryContext const kept =
      AllocSetContextCreate(CurrentMemoryContext, "persona describe", ALLOCSET_DEFAULT_SIZES);
  auto* r = static_cast<Receiver*>(MemoryContextAllocZero(kept, sizeof(Receiver)));
  r->base.receiveSlot = receive;
  r->base.rStartup = startup;
  r->base.rShutdown = shutdown;
  r->base.rDestroy = destroy;
  r->base.mydest = DestNone;
  r->profiles = profiles;
  r->kept = kept;
  r->scratch = AllocSetContextCreate(kept, "persona row", ALLOCSET_DEFAULT_SIZES);
  return r;
}

// How many of the spilled hashes equal an earlier one.
std::int64_t count_repeated(Receiver* r) {
  if (r->spilled == nullptr) return 0;
  tuplesort_performsort(r->spilled);
  std::int64_t repeated = 0;
  char last[UUID_LEN];
  bool first = true;
  Datum value;
  bool is_null;
  while (tuplesort_getdatum(r->spilled, true, &value, &is_null, nullptr)) {
    CHECK_FOR_INTERRUPTS();
    if (!first && std::memcmp(last, DatumGetPointer(value), UUID_LEN) == 0) repeated++;
    first = false;
    std::memcpy(last, DatumGetPointer(value), UUID_LEN);
    pfree(DatumGetPointer(value));
  }
  tuplesort_end(r->spilled);
  return repeated;
}

std::string text_of_place(ColumnReader* reader, double place) {
  return std::string(pg_call([=] { return place_text(reader, place); }));
}

std::string text_of_value(ColumnReader* reader, Datum value) {
  return std::string(pg_call([=] { return value_text(reader, value); }));
}

ColumnReport report_column(Column* c) {
  ColumnReport report;
  report.type = c->type;
  report.nulls = c->nulls;
  report.nan = c->nan;
  report.infinite = c->infinite;
  report.figures = c->profile->figures();
  if (report.figures.distinct.has_value()) {
    report.distinct = *report.figures.distinct;
  } else {
    const double estimate = pg_call([&] { return estimateHyperLogLog(&c->registers); });
    const auto least = static_cast<std::int64_t>(c->profile->countable()) + 1;
    report.distinct =
        std::clamp(static_cast<std::int64_t>(std::llround(estimate)), least, report.figures.values);
  }
  if (c->extremes.set) {
    report.minimum = text_of_value(&c->reader, c->extremes.least);
    report.maximum = text_of_value(&c->reader, c->extremes.greatest);
  }
  if (report.figures.quantiles.has_value()) {
    for (std::size_t i = 0; i < report.quantiles.size(); i++) {
      const double place = (*report.figures.quantiles)[i];
      if (std::isfinite(place)) report.quantiles[i] = text_of_place(&c->reader, place);
    }
  }
  return report;
}

}  // namespace

SourceReport profile_source(const Source& source) {
  Profiles profiles(set_bytes());
  Profiles* const profiles_pointer = &profiles;
  const char* query = source.query.c_str();
  Receiver* r = pg_call([=] {
    Receiver* receiver = make_receiver(profiles_pointer);
    send_rows(query, &receiver->base);
    receiver->repeated += count_repeated(receiver);
    return receiver;
  });
  SourceReport report;
  report.rows = r->rows;
  report.with_null = r->with_null;
  report.with_nan = r->with_nan;
  report.with_infinity = r->with_infinity;
  report.repeated = r->repeated;
  for (int i = 0; i < r->count; i++) report.columns.push_back(report_column(&r->columns[i]));
  return report;
}

}  // namespace persona::pg
