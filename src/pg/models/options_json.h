// Options between jsonb and the core's checked form.
#pragma once

#include "pg/server/spi.h"

#include "core/model/kind.h"

namespace persona::pg {

/// Options every kind has, beside its own.
const std::vector<OptionSpec>& common_options();

/// Checks a jsonb object (as text) against the kind's options and the common ones. Throws 22023.
Options parse_options(const Kind& kind, Datum jsonb);

/// A jsonb object's top level as scalars and lists of text. Throws 22023 for anything deeper.
std::map<std::string, OptionValue> read_json_object(Datum jsonb, const char* what);

}  // namespace persona::pg
