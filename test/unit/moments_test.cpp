// moments against certified and exactly computed values, and the property that any partition rolls up to the
// one-pass answer. NIST values: StRD, univariate summary statistics (https://www.itl.nist.gov/div898/strd/).
// Where an exact value is given beyond NIST's, it was computed from the same doubles in rational arithmetic.
#include "core/summaries/moments.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/random.h"

namespace persona {
namespace {

// NIST StRD Lew: deflections of a steel-concrete beam.
constexpr double kLew[] = {
    -213, -564, -35,  -15,  141,  115,  -420, -360, 203,  -338, -431, 194,  -220, -513, 154,  -125, -559,
    92,   -21,  -579, -52,  99,   -543, -175, 162,  -457, -346, 204,  -300, -474, 164,  -107, -572, -8,
    83,   -541, -224, 180,  -420, -374, 201,  -236, -531, 83,   27,   -564, -112, 131,  -507, -254, 199,
    -311, -495, 143,  -46,  -579, -90,  136,  -472, -338, 202,  -287, -477, 169,  -124, -568, 17,   48,
    -568, -135, 162,  -430, -422, 172,  -74,  -577, -13,  92,   -534, -243, 194,  -355, -465, 156,  -81,
    -578, -64,  139,  -449, -384, 193,  -198, -538, 110,  -44,  -577, -6,   66,   -552, -164, 161,  -460,
    -344, 205,  -281, -504, 134,  -28,  -576, -118, 156,  -437, -381, 200,  -220, -540, 83,   11,   -568,
    -160, 172,  -414, -408, 188,  -125, -572, -32,  139,  -492, -321, 205,  -262, -504, 142,  -83,  -574,
    0,    48,   -571, -106, 137,  -501, -266, 190,  -391, -406, 194,  -186, -553, 83,   -13,  -577, -49,
    103,  -515, -280, 201,  300,  -506, 131,  -45,  -578, -80,  138,  -462, -361, 201,  -211, -554, 32,
    74,   -533, -235, 187,  -372, -442, 182,  -147, -566, 25,   68,   -535, -244, 194,  -351, -463, 174,
    -125, -570, 15,   72,   -550, -190, 172,  -424, -385, 198,  -218, -536, 96};

// NIST StRD Michelso: speed of light, in thousand km/s.
constexpr double kMichelso[] = {
    299.85, 299.74, 299.90, 300.07, 299.93, 299.85, 299.95, 299.98, 299.98, 299.88, 300.00, 299.98, 299.93,
    299.65, 299.76, 299.81, 300.00, 300.00, 299.96, 299.96, 299.96, 299.94, 299.96, 299.94, 299.88, 299.80,
    299.85, 299.88, 299.90, 299.84, 299.83, 299.79, 299.81, 299.88, 299.88, 299.83, 299.80, 299.79, 299.76,
    299.80, 299.88, 299.88, 299.88, 299.86, 299.72, 299.72, 299.62, 299.86, 299.97, 299.95, 299.88, 299.91,
    299.85, 299.87, 299.84, 299.84, 299.85, 299.84, 299.84, 299.84, 299.89, 299.81, 299.81, 299.82, 299.80,
    299.77, 299.76, 299.74, 299.75, 299.76, 299.91, 299.92, 299.89, 299.86, 299.88, 299.72, 299.84, 299.85,
    299.85, 299.78, 299.89, 299.84, 299.78, 299.81, 299.76, 299.81, 299.79, 299.81, 299.82, 299.85, 299.87,
    299.87, 299.81, 299.74, 299.81, 299.94, 299.95, 299.80, 299.81, 299.87};

Moments moments_of(const std::vector<double>& values) {
  Moments m;
  for (const double x : values) EXPECT_TRUE(m.add(x));
  return m;
}

std::vector<double> values_of(const double* begin, std::size_t n) { return {begin, begin + n}; }

// NumAcc2 to NumAcc4: one value, then two others in turn, 500 times.
std::vector<double> num_acc(double first, double low, double high) {
  std::vector<double> values = {first};
  for (int i = 0; i < 500; ++i) {
    values.push_back(low);
    values.push_back(high);
  }
  return values;
}

// At least so many correct digits: log relative error, NIST's measure.
void expect_digits(double got, double expected, double digits) {
  EXPECT_GE(-std::log10(std::fabs(got - expected) / std::fabs(expected) + 1e-17), digits)
      << got << " for " << expected;
}

TEST(Moments, NistLew) {
  const Moments m = moments_of(values_of(kLew, std::size(kLew)));
  expect_digits(*m.mean(), -177.435000000000, 15);
  expect_digits(*m.stddev(), 277.332168044316, 15);
  // Exact: g1 and g2 of the same numbers.
  expect_digits(*m.skewness(), -0.050226295458212984, 15);
  expect_digits(*m.kurtosis(), -1.4887601738140264594, 15);
  EXPECT_EQ(m.minimum, -579);
  EXPECT_EQ(m.maximum, 300);
  EXPECT_EQ(m.n, 200);
}

TEST(Moments, NistMichelso) {
  const Moments m = moments_of(values_of(kMichelso, std::size(kMichelso)));
  expect_digits(*m.mean(), 299.852400000000, 15);
  expect_digits(*m.stddev(), 0.0790105478190518,
                13);  // the data are rounded to doubles: 13.8 is all there is
  // Exact, of the doubles.
  expect_digits(*m.stddev(), 0.07901054781905066715, 15);
  expect_digits(*m.skewness(), -0.0182596139630910727, 15);
  expect_digits(*m.kurtosis(), 0.26353053231147781443, 15);
}

TEST(Moments, NistNumericalAccuracy) {
  const Moments one = moments_of({10000001, 10000003, 10000002});
  EXPECT_EQ(*one.mean(), 10000002);
  EXPECT_EQ(*one.stddev(), 1);
  EXPECT_EQ(*one.skewness(), 0);
  EXPECT_EQ(*one.kurtosis(), -1.5);

  const Moments two = moments_of(num_acc(1.2, 1.1, 1.3));
  expect_digits(*two.mean(), 1.2, 15);
  expect_digits(*two.stddev(), 0.1, 15);

  // In decimal 0.1 too; the deviation of the doubles nearest to the data, exactly, is this.
  const Moments three = moments_of(num_acc(1000000.2, 1000000.1, 1000000.3));
  expect_digits(*three.mean(), 1000000.2, 15);
  expect_digits(*three.stddev(), 0.10000000003492459654, 15);
  expect_digits(*three.kurtosis(), -1.999, 15);
  const Moments four = moments_of(num_acc(10000000.2, 10000000.1, 10000000.3));
  expect_digits(*four.mean(), 10000000.2, 15);
  expect_digits(*four.stddev(), 0.10000000055879354477, 15);
}

TEST(Moments, SmallSampleByHand) {
  // 2 8 0 4 1 9 9 0: mean 33/8; m2 = 247 - 33^2/8; g1 and g2 exactly.
  const Moments m = moments_of({2, 8, 0, 4, 1, 9, 9, 0});
  EXPECT_EQ(*m.mean(), 4.125);
  EXPECT_DOUBLE_EQ(*m.variance(), (247 - 33.0 * 33 / 8) / 7);
  expect_digits(*m.skewness(), 0.2650554122698573111755, 15);
  expect_digits(*m.kurtosis(), -1.666001075283850787206, 15);
}

TEST(Moments, LittleData) {
  Moments m;
  EXPECT_FALSE(m.mean().has_value());
  ASSERT_TRUE(m.add(5));
  EXPECT_EQ(*m.mean(), 5);
  EXPECT_FALSE(m.variance().has_value());
  EXPECT_FALSE(m.skewness().has_value());
  ASSERT_TRUE(m.add(5));
  EXPECT_EQ(*m.variance(), 0);
  EXPECT_FALSE(m.kurtosis().has_value());  // 0 / 0
}

TEST(Moments, OverflowLeavesTheStateUnchanged) {
  Moments m;
  ASSERT_TRUE(m.add(1e100));
  EXPECT_FALSE(m.add(-1e100));
  EXPECT_EQ(m.n, 1);
  EXPECT_TRUE(m.add(1e100));  // no deviation, no overflow
  Moments other;
  ASSERT_TRUE(other.add(0));
  EXPECT_FALSE(m.merge(other));
  EXPECT_EQ(m.n, 2);
}

// Two passes in 113 bits.
struct Exact {
  double mean, variance, skewness, kurtosis;

  explicit Exact(const std::vector<double>& values) {
    __extension__ using Quad = __float128;
    const Quad n = values.size();
    Quad sum = 0;
    for (const double x : values) sum += x;
    const Quad mu = sum / n;
    Quad m2 = 0, m3 = 0, m4 = 0;
    for (const double x : values) {
      const Quad d = x - mu;
      m2 += d * d;
      m3 += d * d * d;
      m4 += d * d * d * d;
    }
    mean = static_cast<double>(mu);
    variance = static_cast<double>(m2 / (n - 1));
    const double root = std::sqrt(static_cast<double>(m2 / n));
    skewness = static_cast<double>(m3 / n / (m2 / n)) / root;
    kurtosis = static_cast<double>(m4 / n / (m2 / n) / (m2 / n) - 3);
  }
};

void expect_moments(const Moments& m, const Exact& exact) {
  ASSERT_NEAR(*m.mean(), exact.mean, 1e-15 * std::fabs(exact.mean));
  ASSERT_NEAR(*m.variance(), exact.variance, 1e-13 * exact.variance);
  ASSERT_NEAR(*m.skewness(), exact.skewness, 1e-13 * std::fabs(exact.skewness) + 1e-16);
  ASSERT_NEAR(*m.kurtosis(), exact.kurtosis, 1e-13 * std::fabs(exact.kurtosis) + 1e-16);
}

TEST(Moments, AnyPartitionRollsUpToTheOnePassAnswer) {
  Random random(40);
  for (int round = 0; round < 60; ++round) {
    // Normal and skewed data, near zero and badly scaled: mean 1e9, deviation 1.
    const double shift = round % 3 == 0 ? 1e9 : round % 3 == 1 ? 0 : -12.5;
    const bool skewed = round % 2 == 0;
    std::vector<double> values;
    const std::size_t n = 2 + random.below(3000);
    for (std::size_t i = 0; i < n; ++i)
      values.push_back(shift + (skewed ? random.exponential() : random.normal()));
    const Moments whole = moments_of(values);
    std::vector<Moments> parts(1 + random.below(20));
    for (const double x : values) ASSERT_TRUE(parts[random.below(parts.size())].add(x));
    while (parts.size() > 1) {
      const std::size_t i = random.below(parts.size() - 1);
      Moments left = parts[i];
      Moments right = parts.back();
      ASSERT_TRUE(parts[i].merge(right));
      ASSERT_TRUE(right.merge(left));
      char one[kMomentsSize] = {};
      char other[kMomentsSize] = {};
      parts[i].write(one);
      right.write(other);
      ASSERT_EQ(std::string(one, kMomentsSize), std::string(other, kMomentsSize));  // whichever is first
      parts.pop_back();
    }
    ASSERT_EQ(parts[0].n, whole.n);
    ASSERT_EQ(parts[0].minimum, whole.minimum);
    ASSERT_EQ(parts[0].maximum, whole.maximum);
    const Exact exact(values);
    expect_moments(whole, exact);
    expect_moments(parts[0], exact);
  }
}

TEST(Moments, PartsOfAConstantStayConstant) {
  Moments a = moments_of({0.1, 0.1, 0.1});
  ASSERT_TRUE(a.merge(moments_of(std::vector<double>(7, 0.1))));
  EXPECT_EQ(*a.variance(), 0);
  EXPECT_EQ(*a.mean(), 0.1);
}

std::string state_of(const Moments& m) {
  std::string state(kMomentsSize, '\0');
  m.write(state.data());
  return state;
}

TEST(MomentsText, IsPinned) {
  // 1, 2, 3: sums of powers of the deviations 2, 0 and 2; one NULL. By hand from docs/summaries/moments.md.
  Moments m = moments_of({1, 2, 3});
  m.nulls = 1;
  EXPECT_EQ(moments_to_text(state_of(m).data()), "moments:1 n=3 nulls=1 min=1 max=3 sum=6 m2=2 m3=0 m4=2");
}

TEST(MomentsBinary, IsPinned) {
  // One value, 1.5: 0x3ff8000000000000. Byte by byte from docs/summaries/moments.md.
  std::string expected(kMomentsSize - 4, '\0');
  expected[0] = 2;
  expected[1] = 1;
  expected[19] = 1;
  for (const std::size_t at : {28U, 36U, 44U}) {
    expected[at] = '\x3f';
    expected[at + 1] = '\xf8';
  }
  EXPECT_EQ(moments_to_binary(state_of(moments_of({1.5})).data()), expected);
}

TEST(MomentsForms, RoundTripToTheByte) {
  Random random(41);
  for (int round = 0; round < 300; ++round) {
    Moments m;
    m.nulls = static_cast<std::int64_t>(random.below(3));
    const std::size_t n = 1 + random.below(50);
    for (std::size_t i = 0; i < n; ++i) ASSERT_TRUE(m.add(random.normal() * std::exp(20 * random.normal())));
    const std::string state = state_of(m);
    ASSERT_EQ(moments_from_text(moments_to_text(state.data())), state);
    ASSERT_EQ(moments_from_binary(moments_to_binary(state.data())), state);
  }
}

void expect_refused(const std::string& text) {
  try {
    moments_from_text(text);
    ADD_FAILURE() << "accepted: " << text;
  } catch (const Error& e) {
    EXPECT_STREQ(e.sqlstate(), "22P02") << text;
  }
}

TEST(MomentsText, RefusesForgeries) {
  ASSERT_NO_THROW(moments_from_text("moments:1 n=3 nulls=1 min=1 max=3 sum=6 m2=2 m3=0 m4=2"));
  ASSERT_NO_THROW(moments_from_text("moments:1 n=0 nulls=5 min=0 max=0 sum=0 m2=0 m3=0 m4=0"));
  expect_refused("");
  expect_refused("moments:2 n=3 nulls=1 min=1 max=3 sum=6 m2=2 m3=0 m4=2");
  expect_refused("moments:1 n=0 nulls=0 min=0 max=0 sum=0 m2=0 m3=0 m4=0");
  expect_refused("moments:1 n=0 nulls=1 min=0 max=1 sum=0 m2=0 m3=0 m4=0");
  expect_refused("moments:1 n=-3 nulls=1 min=1 max=3 sum=6 m2=2 m3=0 m4=2");
  expect_refused("moments:1 n=3 nulls=1 min=3 max=1 sum=6 m2=2 m3=0 m4=2");
  expect_refused("moments:1 n=3 nulls=1 min=1 max=3 sum=12 m2=2 m3=0 m4=2");  // the mean is above the maximum
  expect_refused("moments:1 n=3 nulls=1 min=1 max=3 sum=6 m2=-2 m3=0 m4=2");
  expect_refused("moments:1 n=3 nulls=1 min=1 max=3 sum=6 m2=2 m3=0 m4=-2");
  expect_refused("moments:1 n=3 nulls=1 min=2 max=2 sum=6 m2=2 m3=0 m4=2");  // equal values deviate
  expect_refused("moments:1 n=1 nulls=1 min=2 max=2 sum=3 m2=0 m3=0 m4=0");
  expect_refused("moments:1 n=3 nulls=1 min=1 max=3 sum=6+1 m2=2 m3=0 m4=2");  // not in its one form
  expect_refused("moments:1 n=3 nulls=1 min=1 max=inf sum=6 m2=2 m3=0 m4=2");
  expect_refused("moments:1 n=3 nulls=1 min=1 max=3 sum=6 m2=2 m3=0 m4=2 ");
}

TEST(MomentsBinary, RefusesForgeries) {
  const std::string good = moments_to_binary(state_of(moments_of({1, 2, 3})).data());
  for (std::size_t size = 0; size < good.size(); ++size)
    EXPECT_THROW(moments_from_binary(good.substr(0, size)), Error) << size;
  EXPECT_THROW(moments_from_binary(good + '\0'), Error);
  for (std::size_t at = 0; at < 12; ++at) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 4);
    EXPECT_THROW(moments_from_binary(bad), Error) << at;
  }
  std::string bad = good;
  bad.replace(28, 8, std::string("\x80\0\0\0\0\0\0\0", 8));  // a negative zero as the minimum
  EXPECT_THROW(moments_from_binary(bad), Error);
}

}  // namespace
}  // namespace persona
