// What goes wrong in the core, as data: a SQLSTATE, a message, and optionally the detail and the mend.
// The core throws persona::Error; the server side turns it into PostgreSQL's own error
// (src/pg/server/gates.h).
#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace persona {

/// The SQLSTATEs the core uses, named as in PostgreSQL's errcodes.txt.
namespace sqlstate {
inline constexpr const char* kDataException = "22000";           ///< a value of the wrong shape
inline constexpr const char* kNullNotAllowed = "22004";          ///< a value is missing
inline constexpr const char* kNumericOutOfRange = "22003";       ///< a number too large for its type
inline constexpr const char* kDatetimeOverflow = "22008";        ///< a time outside the usable range
inline constexpr const char* kInvalidParameter = "22023";        ///< an option or argument that cannot be
inline constexpr const char* kInvalidText = "22P02";             ///< malformed text form of a type
inline constexpr const char* kInvalidBinary = "22P03";           ///< malformed binary form of a type
inline constexpr const char* kDatatypeMismatch = "42804";        ///< a column of an unusable type
inline constexpr const char* kUndefinedColumn = "42703";         ///< a column the source lacks
inline constexpr const char* kUndefinedObject = "42704";         ///< no such model, kind, version
inline constexpr const char* kOutOfMemory = "53200";             ///< raised for std::bad_alloc
inline constexpr const char* kProgramLimit = "54000";            ///< beyond a stated bound
inline constexpr const char* kNotInPrerequisiteState = "55000";  ///< not enough rows to answer
inline constexpr const char* kFeatureNotSupported = "0A000";     ///< a verb this kind does not have
inline constexpr const char* kInternalError = "XX000";           ///< a bug of ours
}  // namespace sqlstate

/// An error meant for the person who typed the query. Message: lower case, no full stop; detail and hint:
/// whole sentences (PostgreSQL's error style guide).
class Error : public std::runtime_error {
 public:
  Error(const char* sqlstate, const std::string& message, std::string detail = "", std::string hint = "")
      : std::runtime_error(message),
        sqlstate_(sqlstate),
        detail_(std::move(detail)),
        hint_(std::move(hint)) {}

  const char* sqlstate() const noexcept { return sqlstate_; }
  const std::string& detail() const noexcept { return detail_; }
  const std::string& hint() const noexcept { return hint_; }

 private:
  const char* sqlstate_;  // one of the literals above
  std::string detail_;
  std::string hint_;
};

}  // namespace persona
