#include "pg/portraits/attach.h"

#include "pg/server/arguments.h"

extern "C" {
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_trigger.h"
#include "commands/trigger.h"
}

namespace persona::pg {
namespace {

struct TriggerShape {
  const char* suffix;
  const char* event;
  char enabled;        // in pg_trigger
  const char* enable;  // how ALTER TABLE says so
};

// Statement triggers see all rows of a statement at once. A subscriber's apply process fires row triggers
// only, and of those only the ones enabled for replicas: the last shape, which does nothing elsewhere.
constexpr TriggerShape kShapes[] = {
    {"insert", "AFTER INSERT ON {r} REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT",
     TRIGGER_FIRES_ON_ORIGIN, ""},
    {"update",
     "AFTER UPDATE ON {r} REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT",
     TRIGGER_FIRES_ON_ORIGIN, ""},
    {"delete", "AFTER DELETE ON {r} REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT",
     TRIGGER_FIRES_ON_ORIGIN, ""},
    {"truncate", "AFTER TRUNCATE ON {r} FOR EACH STATEMENT", TRIGGER_FIRES_ALWAYS, "ALWAYS"},
    {"replica", "AFTER INSERT OR UPDATE OR DELETE ON {r} FOR EACH ROW", TRIGGER_FIRES_ON_REPLICA, "REPLICA"},
};

struct Attachable {
  Oid oid;
  bool foreign;
  bool partition;  // its row triggers are made with those of its parent
};

// The source and all below it that hold rows or can be inserted into.
std::vector<Attachable> inheritors(Oid source) {
  std::vector<Attachable> all;
  List* oids = pg_call([&] { return find_all_inheritors(source, AccessShareLock, nullptr); });
  for (int i = 0; i < list_length(oids); i++) {
    const Oid oid = list_nth_oid(oids, i);
    const char kind = pg_call([&] { return get_rel_relkind(oid); });
    const bool partition = pg_call([&] { return get_rel_relispartition(oid); });
    all.push_back({oid, kind == RELKIND_FOREIGN_TABLE, partition && oid != source});
  }
  return all;
}

bool wants(const Attachable& relation, const TriggerShape& shape) {
  if (relation.foreign) return false;
  return !(relation.partition && std::strcmp(shape.suffix, "replica") == 0);
}

// Triggers are called persona_PORTRAIT_SUFFIX, cut to the length of a name; a number parts those of portraits
// of one name in several schemas.
std::string trigger_name(Oid portrait, int number, const char* suffix) {
  const char* name = pg_call([&] { return get_rel_name(portrait); });
  const std::string tail = (number > 1 ? "_" + std::to_string(number) : "") + "_" + suffix;
  std::string head = std::string("persona_") + name;
  const std::size_t room = NAMEDATALEN - 1 - tail.size();
  if (head.size() > room)
    head.resize(static_cast<std::size_t>(pg_call(
        [&] { return pg_mbcliplen(head.data(), static_cast<int>(head.size()), static_cast<int>(room)); })));
  return head + tail;
}

Oid find_trigger(Oid relation, const std::string& name) {
  return pg_call([&] { return get_trigger_oid(relation, name.c_str(), true); });
}

struct AttachedTrigger {
  std::string name;  // empty when there is none now
  bool fires = false;
};

// The portrait's trigger of a shape on a relation, by the catalog. One that was disabled and enabled again
// fires in ordinary sessions only, whatever it did before.
AttachedTrigger attached_trigger(const Portrait& portrait, Oid relation, const TriggerShape& shape) {
  static Statement statement(
      "SELECT t.tgname::pg_catalog.text, t.tgenabled::pg_catalog.text FROM persona.portrait_trigger p "
      "JOIN pg_catalog.pg_trigger t ON t.tgrelid = p.relation::pg_catalog.oid AND t.tgname::pg_catalog.text "
      "= p.trigger_name "
      "WHERE p.relation = $1::oid AND p.portrait = $2::oid AND p.trigger_name LIKE '%\\_' || $3");
  return as_owner([&]() -> AttachedTrigger {
    Params params;
    params.oid(relation).oid(portrait.portrait).text(std::string(shape.suffix));
    const Rows rows = statement.run(params, false);
    if (rows.empty()) return {};
    const char enabled = rows.text(0, 2)[0];
    return {rows.text(0, 1), enabled == TRIGGER_FIRES_ALWAYS || enabled == shape.enabled};
  });
}

void record(const Portrait& portrait, Oid relation, const std::string& name) {
  static Statement statement(
      "INSERT INTO persona.portrait_trigger (relation, trigger_name, portrait) VALUES ($1::oid, $2, $3::oid) "
      "ON CONFLICT (relation, trigger_name) DO UPDATE SET portrait = excluded.portrait");
  as_owner([&] {
    Params params;
    params.oid(relation).text(name).oid(portrait.portrait);
    statement.run(params, false);
  });
}

// A trigger goes with the portrait and with its definition: without them it would only fail its writers.
void depend_on_portrait(const Portrait& portrait, Oid relation, const std::string& name) {
  static Statement bound(
      "SELECT FROM pg_catalog.pg_depend WHERE classid = 'pg_catalog.pg_trigger'::regclass AND objid = $1 "
      "AND refclassid = 'pg_catalog.pg_class'::regclass AND refobjid = $2");
  const Oid trigger = find_trigger(relation, name);
  Params params;
  params.oid(trigger).oid(portrait.recomputed);
  if (!bound.run(params, false).empty()) return;
  drop_with(TriggerRelationId, trigger, portrait.portrait);
  drop_with(TriggerRelationId, trigger, portrait.recomputed);
}

void enable_trigger(Oid relation, const TriggerShape& shape, const std::string& name) {
  run_sql("ALTER TABLE " + relation_name(relation) + " ENABLE " + shape.enable + " TRIGGER " +
          quote_name(name));
}

void create_trigger(const Portrait& portrait, const Attachable& relation, const TriggerShape& shape) {
  int number = 1;
  std::string name;
  do {
    name = trigger_name(portrait.portrait, number++, shape.suffix);
  } while (OidIsValid(find_trigger(relation.oid, name)));
  const std::string on = relation_name(relation.oid);
  run_sql("CREATE TRIGGER " + quote_name(name) + " " + fill_in(shape.event, {{"r", on}}) +
          " EXECUTE FUNCTION persona.maintain_portrait()");
  if (shape.enabled != TRIGGER_FIRES_ON_ORIGIN) enable_trigger(relation.oid, shape, name);
  record(portrait, relation.oid, name);
  depend_on_portrait(portrait, relation.oid, name);
}

}  // namespace

int attach_triggers(const Portrait& portrait) {
  int made = 0;
  for (const Attachable& relation : inheritors(portrait.source)) {
    if (relation.foreign) {
      notice("rows inserted directly into foreign table " + relation_name(relation.oid) +
                 " will not be seen by the portrait",
             "Insert through the parent, or call refresh_portrait afterwards.");
      continue;
    }
    for (const TriggerShape& shape : kShapes) {
      if (!wants(relation, shape)) continue;
      const AttachedTrigger trigger = attached_trigger(portrait, relation.oid, shape);
      if (trigger.name.empty()) {
        create_trigger(portrait, relation, shape);
        ++made;
        continue;
      }
      if (!trigger.fires) enable_trigger(relation.oid, shape, trigger.name);
      depend_on_portrait(portrait, relation.oid, trigger.name);  // a dump does not carry dependencies
    }
  }
  return made;
}

std::vector<std::string> unattached(const Portrait& portrait) {
  std::vector<std::string> missing;
  for (const Attachable& relation : inheritors(portrait.source)) {
    bool complete = !relation.foreign;
    for (const TriggerShape& shape : kShapes)
      complete =
          complete && (!wants(relation, shape) || attached_trigger(portrait, relation.oid, shape).fires);
    if (!complete) missing.push_back(relation_name(relation.oid));
  }
  return missing;
}

void detach_triggers(const Portrait& portrait) {
  static Statement statement(
      "SELECT t.tgrelid, t.tgname::pg_catalog.text FROM persona.portrait_trigger p "
      "JOIN pg_catalog.pg_trigger t ON t.tgrelid = p.relation::pg_catalog.oid AND t.tgname = p.trigger_name "
      "WHERE p.portrait = $1::oid");
  std::vector<std::pair<Oid, std::string>> triggers;
  as_owner([&] {
    Params params;
    params.oid(portrait.portrait);
    const Rows rows = statement.run(params, false);
    for (std::uint64_t i = 0; i < rows.size(); i++) triggers.emplace_back(rows.oid(i, 1), rows.text(i, 2));
  });
  for (const auto& [relation, name] : triggers)
    run_sql("DROP TRIGGER IF EXISTS " + quote_name(name) + " ON " + relation_name(relation));
}

}  // namespace persona::pg
