// The two gates between C++ exceptions and the server's longjmp (docs/architecture.md, "The two gates").
//
// Gate A, guard(): stands around every call into C++ that may throw. It turns any exception into plain data,
// so that the frame which then calls ereport holds nothing that needs a destructor.
// Gate B, pg_call(): stands around every backend call made beneath C++ frames. It turns a backend error into
// a C++ exception, so that those frames are unwound. A PgError is never handled, only carried to gate A.
#pragma once

#include "pg/server/server.h"

#include "core/base/error.h"

namespace persona::pg {

/// An error as plain data. Texts longer than their field are cut at a character boundary when raised.
struct ErrorBuffer {
  ErrorData* backend;  ///< set when the error came from the backend; the rest is then unused
  char sqlstate[6];
  char message[1024];
  char detail[1024];
  char hint[2048];
};

/// A backend error on its way through C++ frames. Not a std::exception, so that no handler takes it for one.
struct PgError {
  ErrorData* error;
};

void fill(ErrorBuffer* buffer, const char* sqlstate, const char* message, const char* detail,
          const char* hint) noexcept;

/// Raises what guard() caught. The calling frames must hold no object with a destructor.
[[noreturn]] void raise(const ErrorBuffer* buffer);

/// Raises the error described. The calling frames must hold no object with a destructor.
[[noreturn]] void raise(const char* sqlstate, const char* message, const char* detail = "",
                        const char* hint = "");

/// Gate A. Runs `body`; returns false, with `buffer` filled, when it threw.
template <class Body>
bool guard(ErrorBuffer* buffer, Body&& body) noexcept {
  buffer->backend = nullptr;
  try {
    body();
    return true;
  } catch (const PgError& e) {
    buffer->backend = e.error;
  } catch (const Error& e) {
    fill(buffer, e.sqlstate(), e.what(), e.detail().c_str(), e.hint().c_str());
  } catch (const std::bad_alloc&) {
    fill(buffer, sqlstate::kOutOfMemory, "out of memory", "", "");
  } catch (const std::length_error&) {
    fill(buffer, sqlstate::kProgramLimit, "a value is too large", "", "");
  } catch (const std::exception& e) {
    fill(buffer, sqlstate::kInternalError, e.what(), "", "");
  } catch (...) {
    fill(buffer, sqlstate::kInternalError, "unrecognized exception", "", "");
  }
  return false;
}

/// Gate A and the raise in one, for frames that hold plain data only: runs `body` and answers its value.
template <class Body>
auto guarded(Body&& body) -> decltype(body()) {
  using Result = decltype(body());
  ErrorBuffer buffer;
  if constexpr (std::is_void_v<Result>) {
    if (!guard(&buffer, body)) raise(&buffer);
  } else {
    static_assert(std::is_trivially_copyable_v<Result>, "plain data only crosses the gate");
    Result result{};
    if (!guard(&buffer, [&] { result = body(); })) raise(&buffer);
    return result;
  }
}

/// Gate B. Runs backend code `body`, which must hold no object with a destructor, and answers its value.
template <class Body>
auto pg_call(Body body) -> decltype(body()) {
  static_assert(std::is_trivially_destructible_v<Body>, "the closure is abandoned by longjmp");
  using Result = decltype(body());
  MemoryContext const context = CurrentMemoryContext;
  ErrorData* volatile error = nullptr;
  if constexpr (std::is_void_v<Result>) {
    PG_TRY();
    { body(); }
    PG_CATCH();
    {
      MemoryContextSwitchTo(context);
      error = CopyErrorData();
      FlushErrorState();
    }
    PG_END_TRY();
    if (error != nullptr) throw PgError{error};
  } else {
    static_assert(std::is_trivially_copyable_v<Result>, "plain data only crosses the gate");
    Result result{};
    PG_TRY();
    { result = body(); }
    PG_CATCH();
    {
      MemoryContextSwitchTo(context);
      error = CopyErrorData();
      FlushErrorState();
    }
    PG_END_TRY();
    if (error != nullptr) throw PgError{error};
    return result;
  }
}

}  // namespace persona::pg

/// Declares the SQL-callable function persona_NAME. Its body follows; it is server code in the C manner: no
/// object with a destructor in its own frame, C++ work inside guarded().
#define PERSONA_FUNCTION(name)         \
  extern "C" {                         \
  PG_FUNCTION_INFO_V1(persona_##name); \
  }                                    \
  Datum persona_##name(PG_FUNCTION_ARGS)
