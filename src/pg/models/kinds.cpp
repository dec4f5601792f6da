// The views persona.kind and persona.kind_option: the registry of kinds as rows.
#include "pg/models/options_json.h"

#include "core/kinds.h"

extern "C" {
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"
}

namespace {

const char* task_name(persona::Task task) {
  switch (task) {
    case persona::Task::regression:
      return "regression";
    case persona::Task::classification:
      return "classification";
    case persona::Task::recommendation:
      return "recommendation";
    case persona::Task::transformation:
      return "transformation";
  }
  return "";
}

}  // namespace

PERSONA_FUNCTION(kinds)
{
  InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
  auto* info = reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
  for (const persona::Kind* kind : persona::kinds()) {
    Datum values[3] = {CStringGetTextDatum(kind->name), CStringGetTextDatum(task_name(kind->task)),
                       CStringGetTextDatum(kind->summary)};
    bool nulls[3] = {};
    tuplestore_putvalues(info->setResult, info->setDesc, values, nulls);
  }
  return Datum{0};
}

PERSONA_FUNCTION(kind_options)
{
  InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
  auto* info = reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
  for (const persona::Kind* kind : persona::kinds()) {
    for (const auto* options : {&kind->options, &persona::pg::common_options()}) {
      for (const persona::OptionSpec& option : *options) {
        const bool off = std::strcmp(option.default_value, "null") == 0;
        Datum values[5] = {
            CStringGetTextDatum(kind->name), CStringGetTextDatum(option.name),
            CStringGetTextDatum(persona::option_type_name(option.type)),
            off ? Datum{0} : DirectFunctionCall1(jsonb_in, CStringGetDatum(option.default_value)),
            CStringGetTextDatum(option.summary)};
        bool nulls[5] = {false, false, false, off, false};
        tuplestore_putvalues(info->setResult, info->setDesc, values, nulls);
      }
    }
  }
  return Datum{0};
}
