/*
 * Calls functions of schema persona by libpq's PQfn, the fast-path interface, in which the server knows no
 * argument expression and the client sends each argument as bytes it chooses. Two parts: a call and the query
 * of the same function must end alike (the same bytes, or the same SQLSTATE); and every function of the
 * schema takes hostile arguments of its declared types without an internal error. Ends with 1 at the first
 * difference or lost connection.
 */
#include <libpq-fe.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_ARGUMENTS = 16, MAX_BYTES = 1 << 16 };

typedef struct {
  int length; /* -1: NULL */
  char bytes[512];
} Value;

static PGconn* connection;
static uint64_t random_state = 88172645463325252u;

/* Marsaglia's xorshift64, so that every run makes the same calls. */
static uint64_t next_random(void) {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  random_state ^= random_state << 17;
  return random_state;
}

static void fail(const char* what, const char* detail) {
  fprintf(stderr, "fast_path: %s: %s\n", what, detail);
  exit(1);
}

static void check_alive(const char* what) {
  if (PQstatus(connection) != CONNECTION_OK) fail(what, PQerrorMessage(connection));
}

static Value null_value(void) {
  Value value = {-1, {0}};
  return value;
}

static Value bytes_value(const void* bytes, int length) {
  Value value = {length, {0}};
  memcpy(value.bytes, bytes, (size_t)length);
  return value;
}

static Value text_value(const char* text) { return bytes_value(text, (int)strlen(text)); }

/* The lowest `length` bytes of an integer, in network order. */
static Value integer_value(uint64_t number, int length) {
  Value value = {length, {0}};
  for (int i = 0; i < length; i++) value.bytes[i] = (char)(number >> (8 * (length - 1 - i)));
  return value;
}

static Value jsonb_value(const char* json) {
  Value value = text_value("\001");
  strcat(value.bytes, json);
  value.length = (int)strlen(value.bytes);
  return value;
}

/* An array of one dimension of values that are not NULL, as array_recv reads it. */
static Value array_value(uint32_t element_type, int count, const Value* elements) {
  uint32_t header[] = {1, 0, element_type, (uint32_t)count, 1};
  Value value = {0, {0}};
  for (int i = 0; i < 5; i++) {
    memcpy(value.bytes + value.length, integer_value(header[i], 4).bytes, 4);
    value.length += 4;
  }
  for (int i = 0; i < count; i++) {
    memcpy(value.bytes + value.length, integer_value((uint64_t)elements[i].length, 4).bytes, 4);
    memcpy(value.bytes + value.length + 4, elements[i].bytes, (size_t)elements[i].length);
    value.length += 4 + elements[i].length;
  }
  return value;
}

static PGresult* run(const char* query) {
  PGresult* result = PQexec(connection, query);
  if (PQresultStatus(result) != PGRES_COMMAND_OK && PQresultStatus(result) != PGRES_TUPLES_OK)
    fail(query, PQresultErrorMessage(result));
  return result;
}

static void command(const char* query) { PQclear(run(query)); }

/* What a call came to, as text: "error SQLSTATE", "null", or the bytes of the answer in hexadecimal. */
static void describe_bytes(const char* bytes, int length, char* text) {
  for (int i = 0; i < length && i < 200; i++) sprintf(text + 2 * i, "%02x", (unsigned char)bytes[i]);
  if (length == 0) strcpy(text, "empty");
}

static void call(int oid, int count, const Value* values, char* text) {
  static char answer[MAX_BYTES];
  PQArgBlock arguments[MAX_ARGUMENTS];
  int length = -1;
  for (int i = 0; i < count; i++) {
    arguments[i].isint = 0;
    arguments[i].len = values[i].length;
    arguments[i].u.ptr = (int*)(uintptr_t)values[i].bytes;
  }
  PGresult* result = PQfn(connection, oid, (int*)(void*)answer, &length, 0, arguments, count);
  check_alive("a call");
  if (PQresultStatus(result) != PGRES_COMMAND_OK) {
    const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    if (state == NULL) fail("a call", PQresultErrorMessage(result));
    const char* message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    /* An aggregate's own function refuses to be called alone by an internal error, as the server's do. */
    const int alone = strstr(message, "non-aggregate context") != NULL;
    if (strncmp(state, "XX", 2) == 0 && !alone) fail("internal error", message);
    sprintf(text, "error %s", state);
  } else if (length < 0) {
    strcpy(text, "null");
  } else {
    describe_bytes(answer, length, text);
  }
  PQclear(result);
}

static void query(const char* function, int count, const Value* values, char* text) {
  const char* bytes[MAX_ARGUMENTS];
  int lengths[MAX_ARGUMENTS], formats[MAX_ARGUMENTS];
  char types[256], sql[1024] = "SELECT ";
  const char* parenthesis = strchr(function, '(');
  strncat(sql, function, (size_t)(parenthesis - function));
  strcat(sql, "(");
  strcpy(types, parenthesis + 1);
  types[strlen(types) - 1] = '\0';
  char* type = strtok(types, ",");
  for (int i = 0; i < count; i++, type = strtok(NULL, ",")) {
    sprintf(sql + strlen(sql), "%s$%d::%s", i > 0 ? ", " : "", i + 1, type);
    bytes[i] = values[i].length < 0 ? NULL : values[i].bytes;
    lengths[i] = values[i].length;
    formats[i] = 1;
  }
  strcat(sql, ")");
  PGresult* result = PQexecParams(connection, sql, count, NULL, bytes, lengths, formats, 1);
  check_alive(sql);
  if (PQresultStatus(result) != PGRES_TUPLES_OK) {
    sprintf(text, "error %s", PQresultErrorField(result, PG_DIAG_SQLSTATE));
  } else if (PQgetisnull(result, 0, 0)) {
    strcpy(text, "null");
  } else {
    describe_bytes(PQgetvalue(result, 0, 0), PQgetlength(result, 0, 0), text);
  }
  PQclear(result);
}

static int oid_of(const char* function) {
  const char* parameter[] = {function};
  PGresult* result =
      PQexecParams(connection, "SELECT $1::regprocedure::oid", 1, NULL, parameter, NULL, NULL, 0);
  if (PQresultStatus(result) != PGRES_TUPLES_OK) fail(function, PQresultErrorMessage(result));
  const int oid = atoi(PQgetvalue(result, 0, 0));
  PQclear(result);
  return oid;
}

static int answers, errors;

/* A call and a query of the same; `expected`, if given, is what both must come to. */
static void same(const char* function, const char* expected, int count, const Value* values) {
  char called[512], queried[512];
  call(oid_of(function), count, values, called);
  query(function, count, values, queried);
  if (strcmp(called, queried) != 0 || (expected != NULL && strcmp(called, expected) != 0)) {
    fprintf(stderr, "fast_path: %s: called %s, queried %s, expected %s\n", function, called, queried,
            expected == NULL ? "the same" : expected);
    exit(1);
  }
  if (strncmp(called, "error", 5) == 0) {
    errors++;
  } else {
    answers++;
  }
}

static const char* const texts[] = {"",
                                    "basket",
                                    "kept",
                                    "churn",
                                    "churn@1",
                                    "churn@2147483648",
                                    "spend",
                                    "nothing",
                                    "p1",
                                    "p12",
                                    "3",
                                    "+-5",
                                    " 5",
                                    "-9223372036854775808",
                                    "{}",
                                    "{\"visits\": 3, \"spend\": 4, \"channel\": \"web\"}",
                                    "{\"visits\": 3, \"spend\": [4], \"channel\": {}}",
                                    "{\"visits\": 3, \"spend\": null, \"channel\": \"web\", \"x\": 1}",
                                    "{\"x\": 1",
                                    "[1]",
                                    "null",
                                    "\"\"",
                                    "\xff\xfe",
                                    "\xc3",
                                    "%s%n",
                                    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
                                    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"};
static const uint64_t numbers[] = {0,
                                   1,
                                   3,
                                   8,
                                   12345,
                                   0x7fffffff,
                                   0x80000000u,
                                   0xffffffffu,
                                   0x7fffffffffffffff,
                                   0x8000000000000000u,
                                   0xffffffffffffffffu,
                                   0x00007fffffffe000};
enum { TEXTS = sizeof texts / sizeof texts[0], NUMBERS = sizeof numbers / sizeof numbers[0] };

static Value random_text(void) {
  if (next_random() % 4 != 0) return text_value(texts[next_random() % TEXTS]);
  Value value = {(int)(next_random() % 40), {0}};
  for (int i = 0; i < value.length; i++) value.bytes[i] = (char)next_random();
  return value;
}

static uint64_t random_number(void) {
  return next_random() % 2 == 0 ? numbers[next_random() % NUMBERS] : next_random();
}

/* A value that the binary form of the type may or may not be. */
static Value random_value(const char* type) {
  Value elements[4];
  const int count = (int)(next_random() % 4);
  if (next_random() % 8 == 0) return null_value();
  /* jsonb_recv itself answers another version with an internal error. */
  if (strcmp(type, "jsonb") != 0 && next_random() % 16 == 0) return random_text();
  if (strcmp(type, "integer") == 0) return integer_value(random_number(), 4);
  if (strcmp(type, "boolean") == 0) return integer_value(random_number() % 2, 1);
  if (strcmp(type, "text") == 0) return random_text();
  if (strcmp(type, "jsonb") == 0)
    return jsonb_value(next_random() % 2 == 0 ? "{}" : texts[next_random() % (TEXTS - 4)]);
  if (strcmp(type, "text[]") == 0) {
    for (int i = 0; i < count; i++) elements[i] = text_value(texts[next_random() % (TEXTS - 4)]);
    return array_value(25, count, elements);
  }
  if (strcmp(type, "double precision[]") == 0) {
    for (int i = 0; i < count; i++) elements[i] = integer_value(random_number(), 8);
    return array_value(701, count, elements);
  }
  return integer_value(random_number(), 8);
}

static void compare_calls(void) {
  const char* users[] = {"persona.preference(text,bigint,text)", "persona.preference(text,text,text)",
                         "persona.preference(text,text,bigint)", "persona.preference(text,bigint,bigint)"};
  for (int f = 0; f < 4; f++) {
    const int user_is_number = strstr(users[f], "text,bigint,") != NULL;
    const int item_is_number = strstr(users[f], ",bigint)") != NULL;
    for (int i = 0; i < 400; i++) {
      Value values[3];
      values[0] = i % 2 == 0 ? text_value(i % 4 == 0 ? "basket" : "kept") : random_text();
      values[1] = user_is_number ? integer_value(random_number(), 8) : random_text();
      values[2] = item_is_number ? integer_value(random_number(), 8) : random_text();
      same(users[f], NULL, 3, values);
    }
  }
  const char* rows[] = {"persona.classify(text,text)", "persona.predict(text,text)",
                        "persona.classify(text,jsonb)", "persona.predict(text,jsonb)"};
  for (int f = 0; f < 4; f++) {
    const int is_jsonb = strstr(rows[f], "jsonb") != NULL;
    for (int i = 0; i < 400; i++) {
      Value values[2];
      values[0] = i % 2 == 0 ? text_value(i % 4 == 0 ? "churn" : "spend") : random_text();
      values[1] = is_jsonb ? random_value("jsonb") : random_text();
      same(rows[f], NULL, 2, values);
    }
  }
  Value known[] = {text_value("churn"), text_value("{\"visits\": 60, \"spend\": 4, \"channel\": \"web\"}"),
                   integer_value(3, 4)};
  same("persona.classify(text,text)", "74727565", 2, known); /* who came 60 times stays: true */
  same("persona.reasons(text,text,integer)", NULL, 3, known);
  Value missing[] = {text_value("nothing"), integer_value(12345, 8), text_value("p1")};
  same("persona.preference(text,bigint,text)", "error 42704", 3, missing);
  Value unknown[] = {text_value("basket"), integer_value(12345, 8), text_value("nothing")};
  same("persona.preference(text,bigint,text)", "null", 3, unknown);
  Value cold[] = {text_value("basket"), integer_value(12345, 8), text_value("p1")};
  same("persona.preference(text,bigint,text)", "0000000000000000", 3, cold);
  Value none[] = {text_value("basket"), null_value(), text_value("p1")};
  same("persona.preference(text,bigint,text)", "null", 3, none);
}

/* Functions that answer sets, and the one whose arguments only the planner makes, are refused. */
static void refused(const char* function, const char* expected, int count, const Value* values) {
  char called[512];
  call(oid_of(function), count, values, called);
  if (strcmp(called, expected) != 0) fail(function, called);
}

static void refuse_calls(void) {
  Value name = text_value("visits");
  Value columns[] = {text_value("churn"), array_value(25, 1, &name), integer_value(1, 4),
                     integer_value(0x4141414141414141, 8)};
  refused("persona.predict_columns(text,text[],\"any\",\"any\")", "error 42883", 4, columns);
  columns[2] = null_value();
  columns[3] = null_value();
  refused("persona.predict_columns(text,text[],\"any\",\"any\")", "error 42883", 4, columns);
  Value row[] = {text_value("churn"), text_value("{\"visits\": 3}")};
  refused("persona.explain(text,text)", "error 0A000", 2, row);
  refused("persona.explain(text,record)", "error 0A000", 2, row);
  refused("persona.predict(text,record)", "error 0A000", 2, row);
  refused("persona.classify(text,record)", "error 0A000", 2, row);
  Value recommend[] = {text_value("basket"), integer_value(12345, 8),
                       integer_value(10, 4), null_value(),
                       null_value(),         null_value(),
                       null_value()};
  refused("persona.recommend(text,bigint,integer,boolean,text[],text[],jsonb)", "error 0A000", 7, recommend);
}

/* Every function of the schema, also aggregates' parts and types' own functions, in transactions rolled back.
 */
static int call_all(int times) {
  PGresult* functions =
      run("SELECT p.oid, p.oid::regprocedure, p.pronargs, coalesce((SELECT string_agg(format_type(t, NULL), "
          "';' ORDER BY n) "
          "FROM unnest(p.proargtypes) WITH ORDINALITY a(t, n)), '') "
          "FROM pg_proc p WHERE p.pronamespace = 'persona'::regnamespace ORDER BY p.oid::regprocedure::text");
  const int count = PQntuples(functions);
  for (int f = 0; f < count; f++) {
    const int arguments = atoi(PQgetvalue(functions, f, 2));
    if (arguments > MAX_ARGUMENTS) continue;
    for (int i = 0; i < times; i++) {
      Value values[MAX_ARGUMENTS];
      char types[1024], called[512];
      strcpy(types, PQgetvalue(functions, f, 3));
      char* type = strtok(types, ";");
      for (int a = 0; a < arguments; a++, type = strtok(NULL, ";")) values[a] = random_value(type);
      command("BEGIN");
      fprintf(stdout, "%s\n", PQgetvalue(functions, f, 1));
      call(atoi(PQgetvalue(functions, f, 0)), arguments, values, called);
      command("ROLLBACK");
    }
  }
  PQclear(functions);
  return count;
}

static void ignore_notice(void* argument, const char* message) {
  (void)argument;
  (void)message;
}

int main(void) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  connection = PQconnectdb("");
  check_alive("connection");
  PQsetNoticeProcessor(connection, ignore_notice, NULL);
  command("SET client_min_messages = error");
  compare_calls();
  refuse_calls();
  const int functions = call_all(40);
  fprintf(stderr,
          "fast_path: %d answers and %d errors as a query's, %d functions called with hostile bytes\n",
          answers, errors, functions);
  PQfinish(connection);
  return answers > 500 && errors > 500 && functions > 100 ? 0 : 1;
}
