// Options between jsonb and the core's checked form.
#pragma once

#include "pg/server/spi.h"

#include "core/model/kind.h"

namespace persona::pg {

/// Options every kind has, beside its own.
const std::vector<OptionSpec>& common_options();

/// Checks a jsonb object (as text) against the kind's options and the common ones. Throws 22023.
Options parse_options(const Kind& kind, Datum jsonb);

/// A jsonb object's top level as scalars, lists of strings or numbers, and objects of these. Throws 22023 for
/// anything deeper.
std::map<std::string, OptionValue> read_json_object(Datum jsonb, const char* what);

/// One member of a jsonb object, by name; a list or object reads as an empty list. False when there is none.
bool json_member(Datum jsonb, const std::string& name, OptionValue* value);

/// A member that is a number, as the label that a row of the source would have.
std::string json_number_label(Datum jsonb, const std::string& name);

/// A member that is a list of numbers, NaN for a null among them; a null in its place leaves `values` as it
/// is. False when it is anything else, or not there.
bool json_numbers(Datum jsonb, const std::string& name, std::vector<double>* values);

/// The names of a jsonb object's members. Throws 22023 for what is no object.
std::vector<std::string> json_names(Datum jsonb, const char* what);

}  // namespace persona::pg
