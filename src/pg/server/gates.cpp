#include "pg/server/gates.h"

extern "C" {
#include "mb/pg_wchar.h"
}

namespace persona::pg {
namespace {

// strlcpy that never leaves half a multibyte character.
void copy_clipped(char* to, std::size_t size, const char* from) noexcept {
  std::size_t length = std::strlen(from);
  if (length >= size)
    length =
        static_cast<std::size_t>(pg_mbcliplen(from, static_cast<int>(length), static_cast<int>(size) - 1));
  std::memcpy(to, from, length);
  to[length] = '\0';
}

}  // namespace

void fill(ErrorBuffer* buffer, const char* sqlstate, const char* message, const char* detail,
          const char* hint) noexcept {
  copy_clipped(buffer->sqlstate, sizeof buffer->sqlstate, sqlstate);
  copy_clipped(buffer->message, sizeof buffer->message, message);
  copy_clipped(buffer->detail, sizeof buffer->detail, detail);
  copy_clipped(buffer->hint, sizeof buffer->hint, hint);
}

void raise(const ErrorBuffer* buffer) {
  if (buffer->backend != nullptr) ReThrowError(buffer->backend);
  const char* s = buffer->sqlstate;
  ereport(ERROR, (errcode(MAKE_SQLSTATE(s[0], s[1], s[2], s[3], s[4])), errmsg("%s", buffer->message),
                  buffer->detail[0] != '\0' ? errdetail("%s", buffer->detail) : 0,
                  buffer->hint[0] != '\0' ? errhint("%s", buffer->hint) : 0));
  pg_unreachable();
}

void raise(const char* sqlstate, const char* message, const char* detail, const char* hint) {
  ErrorBuffer buffer;
  buffer.backend = nullptr;
  fill(&buffer, sqlstate, message, detail, hint);
  raise(&buffer);
}

}  // namespace persona::pg
