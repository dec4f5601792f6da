# persona: `make && make install` builds and installs the extension with PGXS, as for every other extension.
# `make demo` and `make check` do everything on a fresh Debian machine, on a private throw-away server.
EXTENSION = persona
EXTVERSION = $(shell sed -n "s/^default_version *= *'\(.*\)'/\1/p" persona.control)

# The install script is the concatenation of these, in this order: the one list of SQL files.
SQL_PARTS = schema activity moments sessions affinity recent decayed cross_products funnel retention \
  models scoring recommend describe scaler portraits regression evaluation explanation groups recommenders
# What version 0.4 already had; the update script holds the rest.
SQL_PARTS_0_4 = $(filter-out groups recommenders,$(SQL_PARTS))
sql_files = $(patsubst %,src/sql/%.sql,$(1))

# On a fresh Debian machine these install what is missing, and run on a private server that is gone afterwards.
commands = demo shell check bench
ifneq ($(filter $(commands) reference,$(MAKECMDGOALS)),)
.PHONY: $(commands) reference
$(commands):
	@RETAIL="$(RETAIL)" scripts/$@

# The reference page, from the comments of the objects.
reference:
	@scripts/build_and_install && scripts/private_server scripts/reference
else

MODULE_big = persona
SOURCES = $(sort $(wildcard src/core/*.cpp src/core/*/*.cpp src/pg/*.cpp src/pg/*/*.cpp))
OBJS = $(SOURCES:.cpp=.o)
# Versions that were released never change.
DATA = $(wildcard src/sql/versions/*.sql)
DATA_built = persona--$(EXTVERSION).sql persona--0.4--$(EXTVERSION).sql

# Line tables are what a backtrace needs; full debugging information would quadruple the library.
PG_CPPFLAGS = -Isrc -isystem /usr/include/eigen3 -g1
PG_CXXFLAGS = -std=c++17 -O2 -ftree-vectorize -Wextra -Wno-register -Wno-unused-parameter -Wno-missing-field-initializers -Wno-cast-function-type -Wno-clobbered -MMD -MP $(OPTFLAGS)
SHLIB_LINK = -lstdc++ -Wl,--version-script=src/pg/exports.map -Wl,-Bsymbolic
REGRESS = $(patsubst sql/%.sql,%,$(wildcard sql/*.sql))
REGRESS_OPTS = --load-extension=persona
EXTRA_CLEAN = $(OBJS:.o=.d)

PG_CONFIG ?= pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs)
# Bitcode would be built without PG_CXXFLAGS; nothing here gains from inlining by the JIT.
override with_llvm = no
include $(PGXS)

# Dependencies as the compiler saw them; other flags make other objects.
$(OBJS): Makefile
-include $(OBJS:.o=.d)

sql_sources = persona.control Makefile scripts/install_script $(wildcard src/sql/templates/*.sql)

persona--$(EXTVERSION).sql: $(call sql_files,$(SQL_PARTS)) $(sql_sources)
	@scripts/install_script "CREATE EXTENSION persona" $(call sql_files,$(SQL_PARTS)) > $@

persona--0.4--$(EXTVERSION).sql: $(call sql_files,$(filter-out $(SQL_PARTS_0_4),$(SQL_PARTS))) $(sql_sources)
	@scripts/install_script "ALTER EXTENSION persona UPDATE" $(call sql_files,$(filter-out $(SQL_PARTS_0_4),$(SQL_PARTS))) > $@
endif
