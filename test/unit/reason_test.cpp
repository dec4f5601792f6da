// Reasons in words: what a column's name and value become.
#include "core/explanation/reason.h"

#include <gtest/gtest.h>

namespace persona::test {
namespace {

std::string number(const std::string& name, const std::string& value = "12") {
  return column_phrase({name, value, "80", false});
}
std::string boolean(const std::string& name, bool value) {
  return column_phrase({name, value ? "true" : "false", "", false});
}

TEST(Reason, OfNumbers) {
  EXPECT_EQ(number("visits"), "visits is 12, where 80 is usual");
  EXPECT_EQ(number("mean_order_amount"), "mean order amount is 12, where 80 is usual");
  EXPECT_EQ(number("days_since_last_order"), "last order was 12 days ago, where 80 is usual");
  EXPECT_EQ(number("days_since_last_order", "1"), "last order was 1 day ago, where 80 is usual");
  EXPECT_EQ(number("activity_recency_days"), "last activity was 12 days ago, where 80 is usual");
  EXPECT_EQ(number("recency_weeks"), "last time was 12 weeks ago, where 80 is usual");
  EXPECT_EQ(number("activity_tenure_days"), "activity tenure is 12 days, where 80 is usual");
  EXPECT_EQ(number("age_years", "1"), "age is 1 year, where 80 is usual");
  EXPECT_EQ(number("active_days"), "active days is 12, where 80 is usual");  // a count, and no length of time
  EXPECT_EQ(number("days"), "days is 12, where 80 is usual");
  EXPECT_EQ(number("days_since"), "days since is 12, where 80 is usual");
  EXPECT_EQ(number("v[1]"), "v[1] is 12, where 80 is usual");
  EXPECT_EQ(number("_x__y_"), "x y is 12, where 80 is usual");
  EXPECT_EQ(number("Größe in m²"), "Größe in m² is 12, where 80 is usual");
  EXPECT_EQ(number("_"), "_ is 12, where 80 is usual");
}

TEST(Reason, OfLabels) {
  EXPECT_EQ(column_phrase({"country", "GB", "", false}), "country is GB");
  EXPECT_EQ(column_phrase({"ordered_at.weekday", "monday", "", false}), "ordered at weekday is monday");
  EXPECT_EQ(boolean("is_member", true), "is member");
  EXPECT_EQ(boolean("is_member", false), "is not member");
  EXPECT_EQ(boolean("has_loyalty_card", true), "has loyalty card");
  EXPECT_EQ(boolean("has_loyalty_card", false), "has no loyalty card");
  EXPECT_EQ(boolean("was_returned", false), "was not returned");
  EXPECT_EQ(boolean("weekend", true), "weekend: yes");
  EXPECT_EQ(boolean("is", false), "is: no");
  EXPECT_EQ(column_phrase({"has_loan", "no", "", false}), "has no loan");
  EXPECT_EQ(column_phrase({"housing", "yes", "", false}), "housing: yes");
  EXPECT_EQ(column_phrase({"age_years", "", "80", true}), "age years is unknown");
}

TEST(Reason, InOneLine) {
  const Reason order = {{{"days_since_order", "12", "80", false}}, true};
  const Reason country = {{{"country", "GB", "", false}}, false};
  const Reason both = {{{"visits", "4", "2", false}, {"country", "GB", "", false}}, true};
  EXPECT_EQ(reasons_text({order, country}),
            "order was 12 days ago, where 80 is usual (raises the score); country is GB (lowers it)");
  EXPECT_EQ(reasons_text({country, both}),
            "country is GB (lowers the score); visits is 4 and country is GB (raises it)");
  EXPECT_EQ(reasons_text({country}, "the chance of plus"), "country is GB (lowers the chance of plus)");
  EXPECT_EQ(reasons_text({}), "nothing sets it apart from the average");
}

}  // namespace
}  // namespace persona::test
