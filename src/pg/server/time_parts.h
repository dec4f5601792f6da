// Parts of dates and timestamps, as features have them (core/model/date_parts.h).
#pragma once

#include "pg/server/server.h"

#include "core/model/date_parts.h"

namespace persona::pg {

/// The zone of that name, as SET TimeZone takes it; the session's for null. Server code, as all here.
pg_tz* find_time_zone(const char* name);

/// A part of a date, timestamp or timestamptz, this one as the clocks of `zone` show it; as extract() numbers
/// it, but for the weekday, which runs from 1 = Monday. False for an infinite time.
bool read_date_part(Oid type, Datum value, DatePart part, pg_tz* zone, int* result);

/// Microseconds since 2000, of a timestamptz in UTC, of the others as their clock says. False for an infinite
/// time. A number is itself.
bool read_instant(Oid type, Datum value, double* result);

/// The place of a part's number among date_part_labels().
int date_part_label(DatePart part, int number);

/// A time written as text, in JSON: what it says where it names no zone, and else the time in `zone`. Raises
/// 22007 for what is no time. Answers a timestamp.
Datum parse_time(const char* text, pg_tz* zone);

}  // namespace persona::pg
