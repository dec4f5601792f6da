// The options user, item and weight: which columns they ask for, and what a mistake is answered.
#include "core/recommend/interaction_columns.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/recommend/item_knn.h"

namespace persona {
namespace {

using Given = std::map<std::string, OptionValue>;

FitRequest request(Given given, const std::string& target = "") {
  FitRequest result;
  result.columns = {{"note", "text", SourceColumn::Family::label},
                    {"customer", "bigint", SourceColumn::Family::number},
                    {"sku", "text", SourceColumn::Family::label},
                    {"quantity", "integer", SourceColumn::Family::number},
                    {"sold_at", "date", SourceColumn::Family::other}};
  result.target = target;
  result.options = Options(item_knn().options, std::move(given), "item_knn");
  return result;
}

Given named(Given given = {}) {
  given.emplace("user", std::string("customer"));
  given.emplace("item", std::string("sku"));
  return given;
}

std::string sqlstate_of(const FitRequest& bad, std::string* hint = nullptr, std::string* message = nullptr) {
  try {
    item_knn().make_fitter(bad);
  } catch (const Error& error) {
    if (hint != nullptr) *hint = error.hint();
    if (message != nullptr) *message = error.what();
    return error.sqlstate();
  }
  return "none";
}

TEST(InteractionColumns, AsksForItsColumnsByName) {
  const auto plain = item_knn().make_fitter(request(named()));
  ASSERT_EQ(plain->columns().size(), 2U);
  EXPECT_EQ(plain->columns()[0].source, 1);
  EXPECT_EQ(plain->columns()[0].encoding, Encoding::label);  // though it is a bigint
  EXPECT_EQ(plain->columns()[1].source, 2);
  EXPECT_EQ(plain->columns()[1].encoding, Encoding::label);
  const auto weighted = item_knn().make_fitter(request(named({{"weight", std::string("quantity")}})));
  ASSERT_EQ(weighted->columns().size(), 3U);
  EXPECT_EQ(weighted->columns()[2].source, 3);
  EXPECT_EQ(weighted->columns()[2].encoding, Encoding::number);
}

TEST(InteractionColumns, BadRequestsNameTheMend) {
  std::string hint, message;
  EXPECT_EQ(sqlstate_of(request({{"item", std::string("sku")}}), &hint, &message), "22023");
  EXPECT_NE(message.find("\"user\""), std::string::npos);
  EXPECT_NE(hint.find("\"customer\""), std::string::npos);
  EXPECT_EQ(sqlstate_of(request({{"user", std::string("sku")}})), "22023");
  EXPECT_EQ(sqlstate_of(request(named({{"item", std::string("SKU")}})), &hint, &message), "42703");
  EXPECT_NE(message.find("\"SKU\""), std::string::npos);
  EXPECT_NE(hint.find("\"sku\""), std::string::npos);
  EXPECT_EQ(sqlstate_of(request(named({{"item", std::string("customer")}}))), "22023");
  EXPECT_EQ(sqlstate_of(request(named({{"weight", std::string("absent")}}))), "42703");
  EXPECT_EQ(sqlstate_of(request(named({{"weight", std::string("note")}})), nullptr, &message), "42804");
  EXPECT_NE(message.find("text"), std::string::npos);
  EXPECT_EQ(sqlstate_of(request(named({{"weight", std::string("sold_at")}}))), "42804");
  EXPECT_EQ(sqlstate_of(request(named({{"weight", std::string("customer")}}))), "22023");
  EXPECT_EQ(sqlstate_of(request(named(), "quantity"), &hint), "22023");
  EXPECT_FALSE(hint.empty());
  EXPECT_THROW(request(named({{"neighbors", -1.0}})), Error);
  EXPECT_THROW(request(named({{"min_support", 0.0}})), Error);
}

}  // namespace
}  // namespace persona
