// The shared library's entry points.
#include "pg/models/cache.h"

extern "C" {
PG_MODULE_MAGIC;
void _PG_init(void);
}

void _PG_init(void) { persona::pg::start_model_cache(); }
