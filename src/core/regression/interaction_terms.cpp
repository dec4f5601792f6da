#include "core/regression/interaction_terms.h"

#include <algorithm>
#include <set>

#include "core/base/error.h"
#include "core/model/feature_columns.h"

namespace persona {
namespace {

int place_of(const std::vector<std::string>& features, const std::string& name) {
  const auto found = std::find(features.begin(), features.end(), name);
  return found == features.end() ? -1 : static_cast<int>(found - features.begin());
}

[[noreturn]] void throw_interaction(const std::string& text, const std::string& what,
                                    const std::vector<std::string>& features) {
  throw Error(sqlstate::kInvalidParameter, "interaction " + quoted(text) + " " + what, "",
              "Write two features with a colon between them; features are " + quoted_list(features) + ".");
}

std::pair<int, int> pair_of(const std::string& text, const std::vector<std::string>& features) {
  std::pair<int, int> result = {-1, -1};
  for (std::size_t colon = text.find(':'); colon != std::string::npos; colon = text.find(':', colon + 1)) {
    const std::pair<int, int> pair = {place_of(features, text.substr(0, colon)),
                                      place_of(features, text.substr(colon + 1))};
    if (pair.first < 0 || pair.second < 0) continue;
    if (result.first >= 0) throw_interaction(text, "can be read in two ways", features);
    result = pair;
  }
  if (result.first < 0) throw_interaction(text, "does not name two features", features);
  if (result.first == result.second) throw_interaction(text, "names one feature twice", features);
  return result;
}

}  // namespace

std::vector<std::pair<int, int>> interaction_pairs(const std::vector<std::string>& given,
                                                   const std::vector<std::string>& features) {
  std::vector<std::pair<int, int>> pairs;
  std::set<std::pair<int, int>> known;
  for (const std::string& text : given) {
    const std::pair<int, int> pair = pair_of(text, features);
    if (!known.insert(std::minmax(pair.first, pair.second)).second) {
      throw_interaction(text, "is there twice", features);
    }
    pairs.push_back(pair);
  }
  return pairs;
}

}  // namespace persona
