#include "pg/server/temp_store.h"

extern "C" {
#include "storage/buffile.h"
#include "utils/resowner.h"
}

namespace persona::pg {
namespace {

class TempStore final : public RowStore {
 public:
  TempStore(MemoryContext context, ResourceOwner owner) {
    pg_call([&] {
      MemoryContext const outer = MemoryContextSwitchTo(context);
      ResourceOwner const outer_owner = CurrentResourceOwner;
      CurrentResourceOwner = owner;
      PG_TRY();
      { file_ = BufFileCreateTemp(false); }
      PG_FINALLY();
      { CurrentResourceOwner = outer_owner; }
      PG_END_TRY();
      MemoryContextSwitchTo(outer);
    });
  }

  ~TempStore() override {
    // An error here has nobody to go to, and the end of the transaction closes the file too.
    try {
      pg_call([&] { BufFileClose(file_); });
    } catch (const PgError& error) {
      FreeErrorData(error.error);
    }
  }

  TempStore(const TempStore&) = delete;
  TempStore& operator=(const TempStore&) = delete;

  void write(const void* data, std::size_t bytes) override {
    pg_call([&] { BufFileWrite(file_, const_cast<void*>(data), bytes); });
  }

  void read(std::uint64_t position, void* data, std::size_t bytes) override {
    pg_call([&] {
      // The first segment's end is no bound: the offset is taken on into the next.
      if (BufFileSeek(file_, 0, static_cast<off_t>(position), SEEK_SET) != 0 ||
          BufFileRead(file_, data, bytes) != bytes) {
        ereport(ERROR, (errcode_for_file_access(), errmsg("could not read a temporary file of rows")));
      }
    });
  }

 private:
  BufFile* file_ = nullptr;
};

}  // namespace

OpenRowStore temp_stores() {
  MemoryContext const context = CurrentMemoryContext;
  ResourceOwner const owner = CurrentResourceOwner;
  return [context, owner] { return std::make_unique<TempStore>(context, owner); };
}

}  // namespace persona::pg
