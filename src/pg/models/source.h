// The source of a model: a relation or one SELECT, as the user wrote it, made into a query and described.
#pragma once

#include "pg/server/arguments.h"
#include "pg/server/spi.h"
#include "pg/server/values.h"

#include "core/model/kind.h"

namespace persona::pg {

struct Source {
  std::string query;                     ///< one SELECT without a trailing semicolon
  std::vector<SourceColumn> columns;     ///< in order
  std::vector<Oid> types;                ///< of the columns
  std::vector<std::string> primary_key;  ///< of a relation that has one
};

/// Resolves and describes `text` under the current user and search_path. Throws 22023 for what is not one
/// SELECT, and whatever the parser says of it. Needs SPI.
Source describe_source(const std::string& text);

/// "SELECT columns FROM (query) AS s WHERE condition", the query fenced so that its comments end with it.
std::string wrap_source(const Source& source, const std::string& select, const std::string& condition);

/// The columns of a key as the user named them: one column, or several separated by commas.
std::vector<std::string> split_key(const std::string& key, const Source& source);

}  // namespace persona::pg
