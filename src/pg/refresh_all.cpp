// refresh_all, the procedure for pg_cron: every stale portrait and model the caller may refresh, each in a
// subtransaction of its own, with a commit after it where the call allows one. Portraits come first: models
// are fitted on their features.
#include "pg/models/refresh.h"
#include "pg/portraits/refresh.h"
#include "pg/server/subtransaction.h"

extern "C" {
#include "nodes/parsenodes.h"
#include "tcop/pquery.h"
#include "tcop/utility.h"
#include "utils/snapmgr.h"
}

namespace persona::pg {
namespace {

// Names, in memory that outlives the commits between refreshes.
struct Names {
  const char* what;  // "model" or "portrait"
  char** names;
  int count;
  int refreshed;
};

void refresh_named(const char* what, const char* name) {
  if (std::strcmp(what, "model") == 0)
    refresh_model(name);
  else
    refresh_portrait(find_portrait(name), std::nullopt);
}

// One thing in a subtransaction, so that a source that fails leaves the others refreshed. Answers whether it
// was.
bool refresh_one(const char* what, const char* name) {
  ErrorData* error =
      in_subtransaction([&] { guarded([&] { with_spi([&] { refresh_named(what, name); }); }); });
  if (error == nullptr) return true;
  // A cancel, timeout or shutdown ends the whole refresh; a source that raises the same code by itself does
  // not.
  if (error->funcname != nullptr && std::strcmp(error->funcname, "ProcessInterrupts") == 0)
    ReThrowError(error);
  const bool model = std::strcmp(what, "model") == 0;
  ereport(WARNING,
          (errcode(error->sqlerrcode), errmsg("%s \"%s\" was not refreshed: %s", what, name, error->message),
           model ? errdetail("The version that served goes on serving.")
                 : errdetail("What it has collected stays for the next refresh.")));
  FreeErrorData(error);
  return false;
}

Names copy_names(const char* what, const std::vector<std::string>& stale, MemoryContext context) {
  return pg_call([&] {
    auto** names = static_cast<char**>(MemoryContextAlloc(context, sizeof(char*) * (stale.size() + 1)));
    for (std::size_t i = 0; i < stale.size(); i++) names[i] = MemoryContextStrdup(context, stale[i].c_str());
    return Names{what, names, static_cast<int>(stale.size()), 0};
  });
}

void refresh_names(Names* stale, bool atomic) {
  for (int i = 0; i < stale->count; i++) {
    ereport(NOTICE,
            (errmsg("refreshing %s \"%s\" (%d of %d)", stale->what, stale->names[i], i + 1, stale->count)));
    EnsurePortalSnapshotExists();  // a commit took the last one away
    if (refresh_one(stale->what, stale->names[i])) stale->refreshed++;
    if (!atomic) SPI_commit();
  }
}

}  // namespace
}  // namespace persona::pg

// Server code in the C manner throughout: a commit ends every C++ frame's assumptions.
PERSONA_FUNCTION(refresh_all)
{
  using namespace persona::pg;  // NOLINT(google-build-using-namespace)
  const bool atomic = fcinfo->context == nullptr || !IsA(fcinfo->context, CallContext) ||
                      reinterpret_cast<CallContext*>(fcinfo->context)->atomic;
  MemoryContext context = AllocSetContextCreate(PortalContext, "persona refresh_all", ALLOCSET_SMALL_SIZES);
  Names portraits;
  Names models;
  guarded([&] {
    with_spi([&] {
      portraits = copy_names("portrait", stale_portraits(), context);
      models = copy_names("model", stale_models(), context);
    });
  });
  SPI_connect_ext(atomic ? 0 : SPI_OPT_NONATOMIC);
  refresh_names(&portraits, atomic);
  refresh_names(&models, atomic);
  SPI_finish();
  if (portraits.count > 0)
    ereport(NOTICE, (errmsg("refreshed %d of %d portraits", portraits.refreshed, portraits.count)));
  ereport(NOTICE, (errmsg("refreshed %d of %d models", models.refreshed, models.count)));
  MemoryContextDelete(context);
  return Datum{0};
}
