// A module of its own that throws every kind of exception through the gates of src/pg/server/gates.h, and
// counts the C++ objects that are alive and the memory the process holds. Used by gates_test.sql; never
// installed.
#include "pg/server/gates.h"

#include <cstdio>

extern "C" {
PG_MODULE_MAGIC;
}

namespace persona::pg {
namespace {

std::int64_t live = 0;

// Memory of its own, so that a destructor that does not run shows in the resident memory as well.
class Live {
 public:
  Live() : memory_(512, 'x') { live++; }
  ~Live() { live--; }
  Live(const Live&) = delete;
  Live& operator=(const Live&) = delete;

 private:
  std::vector<char> memory_;
};

std::string argument(FunctionCallInfo fcinfo, int number) {
  const auto* value = pg_call([&] { return PG_GETARG_TEXT_PP(number); });
  return std::string(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value));
}

void throw_exception(const std::string& kind) {
  Live outer;
  std::vector<std::string> owned(3, std::string(100, 'y'));
  Live inner;
  if (kind == "bad_alloc") {
    // More than an address space holds; through a volatile, so that no compiler knows.
    volatile std::size_t size = std::numeric_limits<std::ptrdiff_t>::max() / 2;
    const std::unique_ptr<char[]> memory(new char[size]);
    memory[0] = 1;
  }
  if (kind == "length_error") owned.resize(owned.max_size() + 1);
  if (kind == "runtime_error") throw std::runtime_error("a runtime error");
  if (kind == "logic_error") throw std::logic_error("a logic error");
  if (kind == "out_of_range") owned.at(3);
  if (kind == "int") throw 42;
}

// The backend runs `sql` beneath three C++ frames, each with objects.
void run_sql(const std::string& sql, int depth) {
  Live here;
  if (depth > 0) {
    run_sql(sql, depth - 1);
    return;
  }
  pg_call([&] {
    SPI_connect();
    SPI_execute(sql.c_str(), false, 0);
    SPI_finish();
  });
}

std::int64_t resident_bytes() {
  long long pages = 0;
  std::FILE* file = std::fopen("/proc/self/statm", "r");
  if (file == nullptr) throw std::runtime_error("/proc/self/statm cannot be read");
  const int read = std::fscanf(file, "%*s %lld", &pages);
  std::fclose(file);
  if (read != 1) throw std::runtime_error("/proc/self/statm has no second field");
  return pages * 4096;
}

}  // namespace
}  // namespace persona::pg

// gates_error(sqlstate, message, detail, hint)
PERSONA_FUNCTION(gates_error)
{
  persona::pg::guarded([&] {
    persona::pg::Live object;
    // persona::Error keeps a literal; here it is whatever the test asks for, and outlives the throw.
    static char sqlstate[6];
    std::memcpy(sqlstate, persona::pg::argument(fcinfo, 0).c_str(), 6);
    throw persona::Error(sqlstate, persona::pg::argument(fcinfo, 1), persona::pg::argument(fcinfo, 2),
                         persona::pg::argument(fcinfo, 3));
  });
  PG_RETURN_VOID();
}

// gates_throw(kind): a kind that is none of throw_exception's throws nothing.
PERSONA_FUNCTION(gates_throw)
{
  persona::pg::guarded([&] { persona::pg::throw_exception(persona::pg::argument(fcinfo, 0)); });
  PG_RETURN_VOID();
}

// gates_run(sql): two deep where the SQL calls gates_run again.
PERSONA_FUNCTION(gates_run)
{
  persona::pg::guarded([&] { persona::pg::run_sql(persona::pg::argument(fcinfo, 0), 2); });
  PG_RETURN_VOID();
}

PERSONA_FUNCTION(gates_value)
{
  PG_RETURN_FLOAT8(
      persona::pg::guarded([&] { return persona::pg::pg_call([&] { return 2 * PG_GETARG_FLOAT8(0); }); }));
}

PERSONA_FUNCTION(gates_live)
{ PG_RETURN_INT64(persona::pg::live); }

PERSONA_FUNCTION(gates_resident)
{
  PG_RETURN_INT64(persona::pg::guarded([] { return persona::pg::resident_bytes(); }));
}
