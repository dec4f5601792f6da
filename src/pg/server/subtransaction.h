// Running backend code so that its failure is an answer: in an internal subtransaction, rolled back on error.
#pragma once

#include "pg/server/gates.h"

extern "C" {
#include "access/xact.h"
#include "utils/resowner.h"
}

namespace persona::pg {

/// Runs `body`, server code without objects to destroy. Answers null when it went through; else the error, in
/// the current memory context, with everything that `body` did rolled back. Not in parallel mode.
template <class Body>
ErrorData* in_subtransaction(Body body) {
  static_assert(std::is_trivially_destructible_v<Body>, "the closure is abandoned by longjmp");
  MemoryContext const context = CurrentMemoryContext;
  ResourceOwner const owner = CurrentResourceOwner;
  ErrorData* volatile error = nullptr;
  BeginInternalSubTransaction(nullptr);
  MemoryContextSwitchTo(context);
  PG_TRY();
  {
    body();
    ReleaseCurrentSubTransaction();
  }
  PG_CATCH();
  {
    MemoryContextSwitchTo(context);
    error = CopyErrorData();
    FlushErrorState();
    RollbackAndReleaseCurrentSubTransaction();
  }
  PG_END_TRY();
  MemoryContextSwitchTo(context);
  CurrentResourceOwner = owner;
  return error;
}

}  // namespace persona::pg
