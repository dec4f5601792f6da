// Weights of cells against their definitions over a dense table; norms of columns whose squares leave the
// range of numbers.
#include "core/recommend/interaction_weights.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/random.h"
#include "core/recommend/paced_poll.h"

namespace persona {
namespace {

using Table = std::vector<std::vector<double>>;  // [user][item], by item number

Interactions interactions_of(const Table& cells, bool weighted) {
  NoPoll poll;
  Events events;
  Dictionary items;
  for (std::size_t item = 0; item < cells[0].size(); ++item) {
    items.intern(std::string_view("i" + std::to_string(item + 10)));
  }
  for (std::size_t user = 0; user < cells.size(); ++user) {
    for (std::size_t item = 0; item < cells[user].size(); ++item) {
      if (cells[user][item] == 0) continue;
      events.users.push_back(static_cast<std::int32_t>(user));
      events.items.push_back(static_cast<std::int32_t>(item));
      if (weighted) events.weights.push_back(cells[user][item]);
    }
  }
  // Numbered as they stand.
  std::vector<double> popularity;
  for (std::size_t item = 0; item < cells[0].size(); ++item)
    popularity.push_back(1000 - static_cast<double>(item));
  return make_interactions(std::move(events), items, popularity, poll);
}

Table random_cells(Random& random, bool weighted) {
  Table cells(9, std::vector<double>(7, 0));
  for (std::size_t item = 0; item < 7; ++item) cells[item][item] = cells[8][item] = weighted ? 2 : 1;
  for (auto& user : cells) {
    for (double& cell : user) {
      if (random.below(3) == 0) cell = weighted ? 1 + static_cast<double>(random.below(5)) : 1;
    }
  }
  return cells;
}

double items_of(const Table& cells, std::size_t user) {
  double count = 0;
  for (const double cell : cells[user]) count += cell > 0 ? 1 : 0;
  return count;
}

// Both directions of the matrix hold f(cell, user, item).
void expect_cells(const Interactions& got, const Table& cells,
                  const std::function<double(double, std::size_t, std::size_t)>& f) {
  std::size_t entries = 0;
  const auto compare = [&](double weight, std::size_t user, std::size_t item) {
    const double want = f(cells[user][item], user, item);
    EXPECT_NEAR(weight, want, 1e-14 * std::fabs(want)) << user << ' ' << item;
    ++entries;
  };
  for (std::size_t user = 0; user < got.by_user.rows(); ++user) {
    for (std::size_t e = got.by_user.begin[user]; e < got.by_user.begin[user + 1]; ++e) {
      compare(got.by_user.weight[e], user, static_cast<std::size_t>(got.by_user.index[e]));
    }
  }
  for (std::size_t item = 0; item < got.by_item.rows(); ++item) {
    for (std::size_t e = got.by_item.begin[item]; e < got.by_item.begin[item + 1]; ++e) {
      compare(got.by_item.weight[e], static_cast<std::size_t>(got.by_item.index[e]), item);
    }
  }
  EXPECT_EQ(entries, 2 * got.by_user.index.size());
}

TEST(InteractionWeights, EqualTheirDefinitions) {
  Random random(2);
  NoPoll poll;
  for (int round = 0; round < 20; ++round) {
    const bool weighted = round % 2 == 1;
    const Table cells = random_cells(random, weighted);
    Interactions scaled = interactions_of(cells, weighted);
    scale_users(scaled, .75, poll);
    expect_cells(scaled, cells, [&](double w, std::size_t user, std::size_t /*item*/) {
      return w * std::pow(items_of(cells, user), -.75);
    });
    Interactions tfidf = interactions_of(cells, weighted);
    weigh_tfidf(tfidf, poll);
    expect_cells(tfidf, cells, [&](double w, std::size_t user, std::size_t /*item*/) {
      return w * std::log(7 / items_of(cells, user));
    });
    Interactions bm25 = interactions_of(cells, weighted);
    weigh_bm25(bm25, poll);
    std::vector<double> length(7, 0);
    double mean = 0;
    for (const auto& user : cells) {
      for (std::size_t item = 0; item < 7; ++item) {
        length[item] += user[item];
        mean += user[item] / 7;
      }
    }
    expect_cells(bm25, cells, [&](double w, std::size_t user, std::size_t item) {
      const double n = items_of(cells, user);
      const double idf = std::log(1 + (7 - n + .5) / (n + .5));
      return idf * w * 2.2 / (w + 1.2 * (.25 + .75 * length[item] / mean));
    });
    Interactions unit = interactions_of(cells, weighted);
    divide_by_norms(unit, item_norms(unit, poll), poll);
    for (const double norm : item_norms(unit, poll)) EXPECT_NEAR(norm, 1, 1e-15);
  }
}

TEST(InteractionWeights, APowerOfNothingChangesNothing) {
  NoPoll poll;
  Interactions plain = interactions_of({{1, 1}, {1, 0}}, false);
  scale_users(plain, 0, poll);
  EXPECT_TRUE(plain.by_user.weight.empty());  // counts stay integers
  EXPECT_EQ(item_norms(plain, poll), (std::vector<double>{std::sqrt(2.0), 1}));
}

TEST(InteractionWeights, NormsOverflowOnlyWhereTheyThemselvesDo) {
  NoPoll poll;
  for (const double scale : {1e-300, 1e-160, 1.0, 1e160, 1e300}) {
    Interactions interactions = interactions_of({{3 * scale, 1}, {4 * scale, 0}}, true);
    const std::vector<double> norms = item_norms(interactions, poll);
    EXPECT_NEAR(norms[0] / scale, 5, 1e-14);
    divide_by_norms(interactions, norms, poll);
    EXPECT_NEAR(interactions.by_item.weight[0], .6, 1e-15);
    EXPECT_NEAR(interactions.by_item.weight[1], .8, 1e-15);
  }
  // The norm of this one is no number, and the item still has a direction.
  Interactions huge = interactions_of({{1.5e308, 1}, {1.5e308, 0}}, true);
  const std::vector<double> norms = item_norms(huge, poll);
  EXPECT_TRUE(std::isinf(norms[0]));
  divide_by_norms(huge, norms, poll);
  EXPECT_NEAR(huge.by_item.weight[0], std::sqrt(.5), 1e-15);
}

TEST(InteractionWeights, AUserWhoHasEverythingTellsNothing) {
  NoPoll poll;
  Interactions all = interactions_of({{1, 1, 1}}, false);
  weigh_tfidf(all, poll);
  const std::vector<double> norms = item_norms(all, poll);
  EXPECT_EQ(norms, (std::vector<double>{0, 0, 0}));
  divide_by_norms(all, norms, poll);
  EXPECT_EQ(all.by_user.weight, (std::vector<double>{0, 0, 0}));
}

}  // namespace
}  // namespace persona
