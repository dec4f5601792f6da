#include "pg/server/time_parts.h"

#include "pg/server/values.h"

extern "C" {
#include "pgtime.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/fmgrprotos.h"
#include "utils/timestamp.h"
}

namespace persona::pg {

pg_tz* find_time_zone(const char* name) {
  if (name == nullptr) return session_timezone;
  pg_tz* zone = pg_tzset(name);
  if (zone == nullptr) {
    ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("time zone \"%s\" is not known", name)));
  }
  return zone;
}

bool read_date_part(Oid type, Datum value, DatePart part, pg_tz* zone, int* result) {
  struct pg_tm time = {};
  fsec_t fraction = 0;
  if (type == DATEOID) {
    const DateADT date = DatumGetDateADT(value);
    if (DATE_NOT_FINITE(date)) return false;
    j2date(date + POSTGRES_EPOCH_JDATE, &time.tm_year, &time.tm_mon, &time.tm_mday);
  } else {
    const Timestamp timestamp = DatumGetTimestamp(value);
    if (TIMESTAMP_NOT_FINITE(timestamp)) return false;
    int offset = 0;
    const bool local = type == TIMESTAMPTZOID;
    if (timestamp2tm(timestamp, local ? &offset : nullptr, &time, &fraction, nullptr,
                     local ? zone : nullptr) != 0) {
      ereport(ERROR, (errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE), errmsg("timestamp out of range")));
    }
  }
  switch (part) {
    case DatePart::year:  // there is no year 0 in what extract() answers
      *result = time.tm_year > 0 ? time.tm_year : time.tm_year - 1;
      break;
    case DatePart::quarter:
      *result = (time.tm_mon - 1) / 3 + 1;
      break;
    case DatePart::month:
      *result = time.tm_mon;
      break;
    case DatePart::day:
      *result = time.tm_mday;
      break;
    case DatePart::weekday:
      *result = (j2day(date2j(time.tm_year, time.tm_mon, time.tm_mday)) + 6) % 7 + 1;
      break;
    case DatePart::hour:
      *result = time.tm_hour;
      break;
    case DatePart::none:
      elog(ERROR, "persona: no part of a date");
  }
  return true;
}

bool read_instant(Oid type, Datum value, double* result) {
  if (type == DATEOID) {
    const DateADT date = DatumGetDateADT(value);
    if (DATE_NOT_FINITE(date)) return false;
    *result = static_cast<double>(date) * static_cast<double>(USECS_PER_DAY);
    return true;
  }
  if (type == TIMESTAMPOID || type == TIMESTAMPTZOID) {
    const Timestamp timestamp = DatumGetTimestamp(value);
    if (TIMESTAMP_NOT_FINITE(timestamp)) return false;
    *result = static_cast<double>(timestamp);
    return true;
  }
  ValueReader reader = {};
  reader.type = type;
  return reader.number(value, result);
}

int date_part_label(DatePart part, int number) { return part == DatePart::hour ? number : number - 1; }

Datum parse_time(const char* text, pg_tz* zone) {
  const auto parse = [text](PGFunction input) {
    return DirectFunctionCall3(input, CStringGetDatum(text), ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
  };
  // timestamp_in leaves a zone out. So where the text names one, the instant does not depend on the
  // session's; where it names none, it is what the text says in any zone: here in UTC, and an hour away from
  // it.
  pg_tz* const session = session_timezone;
  Datum written = Datum{0};
  Datum in_utc = Datum{0};
  Datum in_other = Datum{0};
  PG_TRY();
  {
    written = parse(timestamp_in);
    session_timezone = pg_tzset("UTC");
    in_utc = parse(timestamptz_in);
    session_timezone = pg_tzset("<+01>-01");
    in_other = parse(timestamptz_in);
  }
  PG_FINALLY();
  { session_timezone = session; }
  PG_END_TRY();
  const bool names_zone = DatumGetTimestampTz(in_utc) == DatumGetTimestampTz(in_other);
  if (!names_zone || TIMESTAMP_NOT_FINITE(DatumGetTimestampTz(in_utc))) return written;
  struct pg_tm time = {};
  fsec_t fraction = 0;
  int offset = 0;
  Timestamp result = 0;
  if (timestamp2tm(DatumGetTimestampTz(in_utc), &offset, &time, &fraction, nullptr, zone) != 0 ||
      tm2timestamp(&time, fraction, nullptr, &result) != 0) {
    ereport(ERROR, (errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE), errmsg("timestamp out of range")));
  }
  return TimestampGetDatum(result);
}

}  // namespace persona::pg
