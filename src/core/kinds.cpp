#include "core/kinds.h"

#include "core/base/error.h"
#include "core/recommend/als.h"
#include "core/recommend/association_rules.h"
#include "core/recommend/blend.h"
#include "core/recommend/ease.h"
#include "core/recommend/item_knn.h"
#include "core/recommend/next_item.h"
#include "core/recommend/popularity.h"
#include "core/recommend/repurchase.h"
#include "core/recommend/session_knn.h"
#include "core/regression/linear_regression.h"
#include "core/regression/logistic_regression.h"
#include "core/regression/poisson_regression.h"
#include "core/scaling/scaler.h"

namespace persona {

const std::vector<const Kind*>& kinds() {
  static const std::vector<const Kind*> all = {&linear_regression(),
                                               &logistic_regression(),
                                               &poisson_regression(),
                                               &popularity(),
                                               &item_knn(),
                                               &ease(),
                                               &next_item(),
                                               &session_knn(),
                                               &repurchase(),
                                               &als(),
                                               &association_rules(),
                                               &blend(),
                                               &scaler()};
  return all;
}

const Kind& find_kind(const std::string& name) {
  std::string list;
  for (const Kind* kind : kinds()) {
    if (name == kind->name) return *kind;
    list += (list.empty() ? "" : ", ") + std::string(kind->name);
  }
  throw Error(sqlstate::kUndefinedObject, "model kind \"" + name + "\" does not exist", "",
              "Available kinds are: " + list + ".");
}

}  // namespace persona
