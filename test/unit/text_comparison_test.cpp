// Text forms that differ by rounding, and such that differ by an event.
#include "core/summaries/text_comparison.h"

#include <gtest/gtest.h>

namespace persona {
namespace {

TEST(TextComparison, TakesRoundingForTheSame) {
  EXPECT_TRUE(same_but_rounding("", ""));
  EXPECT_TRUE(same_but_rounding("60.1", "60.100000000000001"));
  EXPECT_TRUE(same_but_rounding("total=60 m2=480.5", "total=60.000000000000007 m2=480.49999999999994"));
  EXPECT_TRUE(same_but_rounding("sum=0.30000000000000004-2.7755575615628914e-17", "sum=0.3"));
  // A sum that canceled: 1e-17 of deviations of 480.5 is nothing, whatever it is of itself.
  EXPECT_TRUE(same_but_rounding("m2=480.5 m3=1e-17", "m2=480.5 m3=-3e-17"));
  EXPECT_TRUE(same_but_rounding("-0.5", "-0.5000000000000001"));
}

TEST(TextComparison, SeesEveryEvent) {
  EXPECT_FALSE(same_but_rounding("events=3", "events=4"));
  EXPECT_FALSE(same_but_rounding("events=10000000000", "events=10000000001"));
  EXPECT_FALSE(same_but_rounding("first=762600600000000", "first=762600600000001"));
  EXPECT_FALSE(same_but_rounding("60.1", "60.2"));
  EXPECT_FALSE(same_but_rounding("60.1", "60.1 "));
  EXPECT_FALSE(same_but_rounding("60.1", ""));
  EXPECT_FALSE(same_but_rounding("a=1.5,b=2.5", "a=1.5,c=2.5"));
  EXPECT_FALSE(same_but_rounding("a=1.5,b=2.5", "a=1.5"));
  EXPECT_FALSE(same_but_rounding("a=1.5,b", "a=1.5=b"));
  EXPECT_FALSE(same_but_rounding("m2=480.5 m3=1e-9", "m2=480.5 m3=-3e-9"));
  EXPECT_FALSE(same_but_rounding("1.5", "-1.5"));
  EXPECT_FALSE(same_but_rounding("1.5+x", "1.5+y"));
  EXPECT_FALSE(same_but_rounding("NaN", "1.5"));
}

TEST(TextComparison, BitmapsAreNoNumbers) {
  // Two words in hexadecimal, joined by a dot, which would otherwise read as one number of 18 digits.
  EXPECT_FALSE(
      same_but_rounding("total=1.5 days=137:400000000000000.2", "total=1.5 days=137:400000000000000.3"));
  EXPECT_TRUE(same_but_rounding("days=137:400000000000000.2 m2=1.5",
                                "days=137:400000000000000.2 m2=1.5000000000000002"));
}

}  // namespace
}  // namespace persona
