#include "core/model/feature_columns.h"

#include <algorithm>
#include <cstddef>
#include <set>

#include "core/base/error.h"

namespace persona {
namespace {

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

std::string quoted(const std::string& name) { return '"' + name + '"'; }

void check_distinct_columns(const FitRequest& request) {
  std::set<std::string> names;
  for (const SourceColumn& column : request.columns) {
    if (names.insert(column.name).second) continue;
    throw Error(sqlstate::kInvalidParameter, "the source has two columns named " + quoted(column.name), "",
                "Give one of them another name with AS.");
  }
}

void require_column(const FitRequest& request, const std::string& name, const char* role) {
  std::string list;
  for (const SourceColumn& column : request.columns) {
    if (column.name == name) return;
    list += (list.empty() ? "" : ", ") + column.name;
  }
  throw Error(sqlstate::kUndefinedColumn, std::string(role) + " column " + quoted(name) + " does not exist",
              "", "Columns of the source are: " + list + ".");
}

void check_feature_options(const FitRequest& request) {
  for (const std::string& name : request.key) require_column(request, name, "key");
  for (const std::string& name : request.options.text_list("ignore")) {
    require_column(request, name, "ignored");
  }
  for (const std::string& name : request.options.text_list("features")) {
    require_column(request, name, "feature");
    if (name == request.target) {
      throw Error(sqlstate::kInvalidParameter, "the target " + quoted(name) + " cannot be a feature");
    }
  }
  for (const char* role : kRoleOptions) {
    const std::string name = role_column(request.options, role);
    if (name.empty()) continue;
    require_column(request, name, role);
    if (name == request.target) {
      throw Error(sqlstate::kInvalidParameter,
                  "the target " + quoted(name) + " cannot be the column of option " + quoted(role));
    }
    if (contains(request.options.text_list("features"), name)) {
      throw Error(sqlstate::kInvalidParameter,
                  "column " + quoted(name) + " of option " + quoted(role) + " cannot be a feature");
    }
  }
}

std::string role_column(const Options& options, const char* role) {
  return options.declares(role) ? options.text(role) : "";
}

bool is_feature(const FitRequest& request, const std::string& name) {
  for (const char* role : kRoleOptions) {
    if (name == role_column(request.options, role)) return false;
  }
  if (name == request.target || contains(request.options.text_list("ignore"), name)) return false;
  if (request.options.has("features")) return contains(request.options.text_list("features"), name);
  return !contains(request.key, name);
}

std::string quoted_list(const std::vector<std::string>& names) {
  constexpr std::size_t kShown = 8;
  const std::size_t shown = names.size() > kShown + 1 ? kShown : names.size();
  std::string list;
  for (std::size_t i = 0; i < shown; ++i) {
    const bool last = i + 1 == names.size();
    if (i > 0) list += last ? " and " : ", ";
    list += quoted(names[i]);
  }
  if (shown < names.size()) list += " and " + std::to_string(names.size() - shown) + " more";
  return list;
}

}  // namespace persona
