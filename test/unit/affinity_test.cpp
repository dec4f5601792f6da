// affinity against values computed by hand and in multiple precision (mpmath, 30 digits), and the two
// properties it promises: exact and the same bytes under any partition while the keys fit; within its error
// bound past that. Its forms are in affinity_forms_test.cpp.
#include "affinity_support.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "core/base/error.h"

namespace persona::testing {
namespace {

DoubleDouble weight_of(const std::string& state, const std::string& key) {
  const AffinityView view(state.data());
  const KeyOf sought(key);
  const AffinityView::Place place = view.find(sought.key);
  return place.found ? view.weight(place.index) : DoubleDouble();
}

double share_of(const std::string& state, const std::string& key) {
  return AffinityView(state.data()).share(KeyOf(key).key).value_or(-1);
}

std::string heaviest(const std::string& state, int k) {
  const AffinityView view(state.data());
  std::uint16_t order[kAffinityMaxKeys];
  std::string names;
  const int count = view.heaviest(k, order);
  for (int i = 0; i < count; ++i) {
    const AffinityKey key = view.key(order[i]);
    names += (i > 0 ? " " : "") + std::string(key.bytes, shown_size(key));
  }
  return names;
}

std::optional<double> similarity(const std::string& a, const std::string& b) {
  return affinity_similarity(AffinityView(a.data()), AffinityView(b.data()));
}

TEST(Affinity, AnswersByHand) {
  const std::string state = affinity_of({{"toys", 1}, {"garden", 3}, {"wine", 2}, {"toys", 4}});
  const AffinityView view(state.data());
  EXPECT_EQ(view.count(), 3);
  EXPECT_EQ(view.total().value(), 10);
  EXPECT_EQ(share_of(state, "toys"), 0.5);
  EXPECT_EQ(share_of(state, "garden"), 0.3);
  EXPECT_EQ(share_of(state, "books"), 0);
  EXPECT_EQ(weight_of(state, "wine").value(), 2);
  EXPECT_EQ(heaviest(state, 2), "toys garden");
  EXPECT_EQ(heaviest(state, 9), "toys garden wine");
  EXPECT_DOUBLE_EQ(*view.entropy(), 1.0296530140645735274);  // mpmath: of 0.3, 0.5, 0.2
  // 5 * 1 / sqrt((9 + 25 + 4) (1 + 16))
  const std::string other = affinity_of({{"books", 4}, {"toys", 1}});
  EXPECT_DOUBLE_EQ(*similarity(state, other), 0.19672236884115842759);
  EXPECT_DOUBLE_EQ(*similarity(other, state), 0.19672236884115842759);
  EXPECT_EQ(*similarity(state, state), 1);
  EXPECT_EQ(*similarity(state, affinity_of({{"books", 4}})), 0);
}

TEST(Affinity, TiesGoByTheKey) {
  EXPECT_EQ(heaviest(affinity_of({{"b", 1}, {"a", 1}, {"B", 1}, {"c", 2}, {"", 1}}), 9), "c  B a b");
  const std::string numbers =
      affinity_of({{bigint_bytes(10), 1}, {bigint_bytes(9), 1}, {bigint_bytes(-1), 1}}, true);
  EXPECT_EQ(heaviest(numbers, 9), bigint_bytes(-1) + " " + bigint_bytes(9) + " " + bigint_bytes(10));
}

TEST(Affinity, EntropyKeepsItsDigitsNearOneKey) {
  // mpmath: of 1 and 2^-40, whose shares a double rounds to 1 - 2^-40.
  const std::string state = affinity_of({{"a", 1}, {"b", std::ldexp(1, -40)}});
  EXPECT_NEAR(*AffinityView(state.data()).entropy(), 2.61260422324741203572627421063e-11, 1e-26);
  EXPECT_EQ(*AffinityView(affinity_of({{"a", 7}}).data()).entropy(), 0);
}

TEST(Affinity, WithoutWeightThereAreNoShares) {
  const std::string state = affinity_of({{"a", 0}, {"b", 0}});
  const AffinityView view(state.data());
  EXPECT_EQ(view.count(), 2);
  EXPECT_FALSE(view.entropy().has_value());
  EXPECT_FALSE(view.share(KeyOf("a").key).has_value());
  EXPECT_FALSE(similarity(state, affinity_of({{"a", 1}})).has_value());
}

TEST(Affinity, ExtremeWeightsKeepTheirShares) {
  const std::string great = affinity_of({{"a", 1e300}, {"b", 1e300}});
  EXPECT_EQ(*similarity(great, great), 1);
  EXPECT_EQ(share_of(great, "a"), 0.5);
  const std::string little = affinity_of({{"a", 1e-300}, {"b", 3e-300}});
  EXPECT_DOUBLE_EQ(share_of(little, "b"), 0.75);
  EXPECT_DOUBLE_EQ(*similarity(little, affinity_of({{"a", 1}, {"b", 3}})), 1);
}

TEST(Affinity, LongTextsAreCutAndStayApart) {
  const std::string begin(64, 'x');
  const std::string state = affinity_of({{begin, 1}, {begin + "y", 2}, {begin + "z", 3}, {begin + "y", 4}});
  EXPECT_EQ(AffinityView(state.data()).count(), 3);
  EXPECT_EQ(weight_of(state, begin).value(), 1);
  EXPECT_EQ(weight_of(state, begin + "y").value(), 6);
  EXPECT_EQ(weight_of(state, begin + "z").value(), 3);
  EXPECT_EQ(weight_of(state, begin + "w").value(), 0);
  EXPECT_EQ(weight_of(state, begin.substr(0, 56)).value(), 0);
  EXPECT_EQ(heaviest(state, 1), begin.substr(0, 56));
  // A text of the very bytes of a cut key is another key.
  const AffinityKey cut = AffinityView(state.data()).key(0);
  EXPECT_EQ(
      weight_of(merge_affinities(state, affinity_of({{std::string(cut.bytes, cut.size), 8}})), begin + "y")
          .value(),
      6);
}

TEST(AffinityHash, IsSipHash) {
  // Aumasson and Bernstein 2012, appendix A: fifteen bytes 00 to 0e; and the reference code's vector of none.
  std::string bytes;
  for (char c = 0; c < 15; ++c) bytes.push_back(c);
  EXPECT_EQ(affinity_hash(bytes.data(), bytes.size()), 0xa129ca6149be45e5U);
  EXPECT_EQ(affinity_hash("", 0), 0x726fdb47dd0e0e31U);
}

TEST(AffinitySlack, RoundsUpToNineBinaryDigits) {
  for (int i = 0; i <= 512; ++i) ASSERT_EQ(slack_value(slack_code(i)), i);
  EXPECT_EQ(slack_value(slack_code(513)), 514);
  EXPECT_EQ(slack_value(slack_code(100001)), 100096);  // by hand: the next multiple of 256
  EXPECT_EQ(slack_code(1e300), kInfiniteSlack);
  EXPECT_EQ(slack_code(HUGE_VAL), kInfiniteSlack);
  for (unsigned code = 0; code <= kInfiniteSlack; ++code) {
    ASSERT_EQ(slack_code(slack_value(static_cast<std::uint16_t>(code))), code);
    if (code == 0) continue;
    ASSERT_GT(slack_value(static_cast<std::uint16_t>(code)),
              slack_value(static_cast<std::uint16_t>(code - 1)));
  }
  Random random(1);
  for (int i = 0; i < 10000; ++i) {
    const double x = std::exp(20 * random.normal());
    ASSERT_GE(slack_value(slack_code(x)), x);
    ASSERT_LE(slack_value(slack_code(x)), x * (1 + 0x1p-8) * (1 + 1e-6));
  }
}

TEST(Affinity, WeightsOf32BitsBecomeSums) {
  std::string state = affinity_of({{"a", 4294967295}, {"b", 1}});
  EXPECT_EQ(text_of(state), "affinity:1 text counts exact keys=\"a\":4294967295,\"b\":1");
  add_affinity_row(&state, {"a", 1});
  EXPECT_EQ(text_of(state), "affinity:1 text sums exact keys=\"a\":4294967296,\"b\":1");
  EXPECT_EQ(merge_affinities(affinity_of({{"a", 1}}), affinity_of({{"b", 1}, {"a", 4294967295}})), state);
  // And so do counts when the first weight comes that is none.
  EXPECT_EQ(text_of(affinity_of({{"a", 2}, {"b", 0.5}})),
            "affinity:1 text sums exact keys=\"a\":2,\"b\":0.5");
}

TEST(Affinity, OverflowIsToldAndNothingIsDone) {
  std::string state = affinity_of({{"a", 1e300}});
  const std::string before = state;
  std::size_t size = state.size();
  EXPECT_EQ(affinity_add(state.data(), &size, size, KeyOf("a").key, 1e300), AffinityAdded::overflow);
  EXPECT_EQ(state, before);
  try {
    merge_affinities(state, state);
    ADD_FAILURE();
  } catch (const Error& e) {
    EXPECT_STREQ(e.sqlstate(), "22003");
  }
}

TEST(Affinity, TextAndBigintKeysDoNotMix) {
  try {
    merge_affinities(affinity_of({{"a", 1}}), affinity_of({{bigint_bytes(1), 1}}, true));
    ADD_FAILURE();
  } catch (const Error& e) {
    EXPECT_STREQ(e.sqlstate(), "22000");
  }
}

// All weights by key, in whole cents, and what the state must then be.
struct Model {
  std::map<std::string, std::int64_t> cents;
  std::int64_t total = 0;
  bool sums = false;

  void add(const AffinityRow& row) {
    const auto weight = static_cast<std::int64_t>(std::llround(row.weight * 100));
    cents[row.key] += weight;
    total += weight;
    if (weight % 100 != 0) sums = true;
  }
  bool fits(bool bigint) const {
    std::size_t size = 16;
    for (const auto& [key, weight] : cents)
      size += (sums ? 16U : 4U) + (bigint ? 0U : 2U) + std::min<std::size_t>(key.size(), 64);
    return size <= 2000;
  }
};

void expect_within_bounds(const std::string& state, const Model& model) {
  const AffinityView view(state.data());
  affinity_check(state.data(), state.size(), sqlstate::kInternalError, "broken");
  ASSERT_LE(state.size(), kAffinityMaxSize);
  const double total = static_cast<double>(model.total) / 100;
  ASSERT_NEAR(view.total().value(), total, 1e-15 * total);
  const double error = view.error().value();
  // Texts of 64 bytes with double-doubles: 23 stay whenever one leaves.
  if (view.form().bounded) {
    ASSERT_LE(error, total / 24);
  }
  int kept = 0;
  for (const auto& [key, cents] : model.cents) {
    const double truth = static_cast<double>(cents) / 100;
    const double rounding = 1e-13 * truth;
    const AffinityView::Place place = view.find(KeyOf(key).key);
    if (!place.found) {
      ASSERT_LE(truth, error + rounding) << key;
      continue;
    }
    ++kept;
    const double weight = view.weight(place.index).value();
    const double slack = view.slack(place.index).value();
    ASSERT_LE(weight, truth + rounding) << key;
    ASSERT_GE(weight + slack, truth - rounding) << key;
    ASSERT_GE(view.upper(place.index).value(), truth - rounding) << key;
    ASSERT_LE(slack, error) << key;
  }
  ASSERT_EQ(kept, view.count());
}

TEST(Affinity, AnyPartitionIsExactWhileTheKeysFitAndWithinBoundsPastThat) {
  Random random(50);
  int exact = 0;
  int bounded = 0;
  for (int round = 0; round < 200; ++round) {
    const bool bigint = round % 2 == 0;
    const bool whole = random.below(2) == 0;
    const std::size_t keys = std::size_t{1} << random.below(9);
    const auto rows = random_affinity_rows(&random, 1 + random.below(1500), keys, bigint, whole);
    Model model;
    for (const AffinityRow& row : rows) model.add(row);
    const std::string whole_state = affinity_of(rows, bigint);
    expect_within_bounds(whole_state, model);
    ASSERT_EQ(AffinityView(whole_state.data()).form().bounded, !model.fits(bigint));

    std::vector<std::vector<AffinityRow>> dealt(1 + random.below(12));
    for (const AffinityRow& row : rows) dealt[random.below(dealt.size())].push_back(row);
    std::vector<std::string> parts;
    for (const auto& part : dealt)
      if (!part.empty()) parts.push_back(affinity_of(part, bigint));
    while (parts.size() > 1) {
      const std::size_t i = random.below(parts.size() - 1);
      const std::string both = merge_affinities(parts[i], parts.back());
      ASSERT_EQ(both, merge_affinities(parts.back(), parts[i]));  // whichever is first
      parts[i] = both;
      parts.pop_back();
    }
    expect_within_bounds(parts[0], model);
    ASSERT_EQ(AffinityView(parts[0].data()).form().bounded, !model.fits(bigint));
    if (model.fits(bigint)) {
      ++exact;
      ASSERT_EQ(parts[0], whole_state);  // cents add up without rounding in 106 bits
      ASSERT_EQ(AffinityView(parts[0].data()).count(), static_cast<int>(model.cents.size()));
    } else {
      ++bounded;
    }
  }
  EXPECT_GT(exact, 50);
  EXPECT_GT(bounded, 25);
}

// 166 different bigints, one more than fit (16 + 12 * 165 = 1996): 139 stay (48 + 14 * 139 = 1994), of equal
// weight the first.
std::string one_too_many() {
  std::vector<AffinityRow> rows;
  for (int i = 0; i < 166; ++i) rows.push_back({bigint_bytes(i), 1});
  return affinity_of(rows, true);
}

TEST(Affinity, PastTheBoundByHand) {
  std::string state = one_too_many();
  std::string expected = "affinity:1 bigint counts bounded total=166 error=1 keys=0:1:0";
  for (int i = 1; i < 139; ++i) expected += "," + std::to_string(i) + ":1:0";
  EXPECT_EQ(text_of(state), expected);
  // All shares are 1/166, and the rest counts as 27 keys of weight 1: as it is.
  EXPECT_DOUBLE_EQ(*AffinityView(state.data()).entropy(), std::log(166));
  EXPECT_EQ(*similarity(state, state), 1);

  // A key that is not there may have weighed 1 before: at most 2 now, 1 for certain. The last of the others
  // leaves.
  add_affinity_row(&state, {bigint_bytes(500), 1}, true);
  EXPECT_EQ(text_of(state).substr(text_of(state).find("136:")), "136:1:0,137:1:0,500:2:1");
  EXPECT_EQ(weight_of(state, bigint_bytes(500)).value(), 1);
  add_affinity_row(&state, {bigint_bytes(137), 5}, true);
  EXPECT_EQ(weight_of(state, bigint_bytes(137)).value(), 6);  // was never away: exact
  EXPECT_EQ(AffinityView(state.data()).total().value(), 172);
  EXPECT_EQ(AffinityView(state.data()).error().value(), 1);

  // Part by part: what the other state dropped may be any key's.
  const std::string twice =
      merge_affinities(state, affinity_of({{bigint_bytes(0), 3}, {bigint_bytes(900), 9}}, true));
  EXPECT_EQ(weight_of(twice, bigint_bytes(0)).value(), 4);
  EXPECT_EQ(weight_of(twice, bigint_bytes(900)).value(), 9);
  EXPECT_EQ(AffinityView(twice.data()).error().value(), 1);
  EXPECT_EQ(AffinityView(merge_affinities(state, state).data()).error().value(), 2);
}

TEST(Affinity, PastTheBoundTheHeaviestKeysAreExactIfTheyWereEarly) {
  // Ten favourites bought again and again among 5,000 products that are bought once.
  Random random(51);
  std::string state;
  for (int i = 0; i < 5000; ++i) {
    add_affinity_row(&state, {"favourite " + std::to_string(i % 10), 1}, false);
    add_affinity_row(&state, {"product " + std::to_string(i), 1}, false);
  }
  for (int i = 0; i < 10; ++i)
    EXPECT_EQ(weight_of(state, "favourite " + std::to_string(i)).value(), 500) << i;
}

}  // namespace
}  // namespace persona::testing
