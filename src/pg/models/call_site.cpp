#include "pg/models/call_site.h"

extern "C" {
#include "utils/typcache.h"
}

namespace persona::pg {
namespace {

void free_site(void* site) { delete static_cast<CallSite*>(site); }

void bind_row_type(FunctionCallInfo fcinfo, CallSite* site, const std::vector<ScorerInput>& inputs, Oid type,
                   int32 typmod) {
  MemoryContext const context = fcinfo->flinfo->fn_mcxt;
  MemoryContext const outer = MemoryContextSwitchTo(context);
  site->row_type = InvalidOid;
  site->descriptor = lookup_rowtype_tupdesc_copy(type, typmod);
  site->values = static_cast<Datum*>(palloc(sizeof(Datum) * (site->descriptor->natts + 1)));
  site->nulls = static_cast<bool*>(palloc(site->descriptor->natts + 1));
  MemoryContextSwitchTo(outer);
  InputSource* sources = allocate_sources(fcinfo, site);
  guarded([&] {
    std::vector<std::string> names;
    std::vector<Oid> types;
    for (int i = 0; i < site->descriptor->natts; i++) {
      const Form_pg_attribute attribute = TupleDescAttr(site->descriptor, i);
      names.emplace_back(attribute->attisdropped ? "" : NameStr(attribute->attname));
      types.push_back(attribute->atttypid);
    }
    bind_inputs(*site->binding.model, inputs, names, types, sources, context);
  });
  site->sources = sources;
  site->row_type = type;
  site->row_typmod = typmod;
}

}  // namespace

CallSite* make_call_site(FunctionCallInfo fcinfo) {
  MemoryContext const context = fcinfo->flinfo->fn_mcxt;
  auto* callback =
      static_cast<MemoryContextCallback*>(MemoryContextAlloc(context, sizeof(MemoryContextCallback)));
  CallSite* site = guarded([] { return new CallSite; });
  callback->func = free_site;
  callback->arg = site;
  MemoryContextRegisterResetCallback(context, callback);
  fcinfo->flinfo->fn_extra = site;
  return site;
}

void rebind_site(CallSite* site, const char* address, std::size_t length, InputsOf inputs_of) {
  guarded([&] {
    site->binding = Binding{};
    if (site->sources != nullptr) pfree(site->sources);
    site->sources = nullptr;
    Binding binding = bind_model(std::string(address, length));
    site->x.resize(inputs_of(*binding.model).size());
    site->binding = std::move(binding);
  });
}

InputSource* allocate_sources(FunctionCallInfo fcinfo, const CallSite* site) {
  return static_cast<InputSource*>(
      MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(InputSource) * (site->x.size() + 1)));
}

void read_record(FunctionCallInfo fcinfo, CallSite* site, InputsOf inputs_of) {
  HeapTupleHeader header = PG_GETARG_HEAPTUPLEHEADER(1);
  const Oid type = HeapTupleHeaderGetTypeId(header);
  const int32 typmod = HeapTupleHeaderGetTypMod(header);
  const bool rebound = bind_site(fcinfo, site, inputs_of);
  if (rebound || site->row_type != type || site->row_typmod != typmod)
    bind_row_type(fcinfo, site, inputs_of(*site->binding.model), type, typmod);
  HeapTupleData tuple;
  tuple.t_len = HeapTupleHeaderGetDatumLength(header);
  ItemPointerSetInvalid(&tuple.t_self);
  tuple.t_tableOid = InvalidOid;
  tuple.t_data = header;
  heap_deform_tuple(&tuple, site->descriptor, site->values, site->nulls);
}

}  // namespace persona::pg
