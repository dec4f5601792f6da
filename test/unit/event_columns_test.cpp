// The options that name the source's columns: which columns they ask for, and what a mistake is answered.
#include "core/recommend/event_columns.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/recommend/item_knn.h"
#include "core/recommend/next_item.h"

namespace persona {
namespace {

using Given = std::map<std::string, OptionValue>;

FitRequest request(Given given, const std::string& target = "", const Kind& kind = item_knn()) {
  FitRequest result;
  result.columns = {
      {"note", "text", SourceColumn::Family::label},    {"customer", "bigint", SourceColumn::Family::number},
      {"sku", "text", SourceColumn::Family::label},     {"quantity", "integer", SourceColumn::Family::number},
      {"sold_at", "date", SourceColumn::Family::time},  {"basket", "uuid", SourceColumn::Family::other},
      {"tags", "float8[]", SourceColumn::Family::array}};
  result.target = target;
  result.options = Options(kind.options, std::move(given), kind.name);
  return result;
}

Given named(Given given = {}) {
  given.emplace("user", std::string("customer"));
  given.emplace("item", std::string("sku"));
  return given;
}

Given with(const char* option, const char* column) { return named({{option, std::string(column)}}); }

std::string sqlstate_of(const FitRequest& bad, std::string* hint = nullptr, std::string* message = nullptr,
                        const Kind& kind = item_knn()) {
  try {
    kind.make_fitter(bad);
  } catch (const Error& error) {
    if (hint != nullptr) *hint = error.hint();
    if (message != nullptr) *message = error.what();
    return error.sqlstate();
  }
  return "none";
}

TEST(EventColumns, AsksForItsColumnsByName) {
  const auto plain = item_knn().make_fitter(request(named()));
  ASSERT_EQ(plain->columns().size(), 2U);
  EXPECT_EQ(plain->columns()[0].source, 1);
  EXPECT_EQ(plain->columns()[0].encoding, Encoding::label);  // though it is a bigint
  EXPECT_EQ(plain->columns()[1].source, 2);
  EXPECT_EQ(plain->columns()[1].encoding, Encoding::label);
  const auto weighted = item_knn().make_fitter(request(with("weight", "quantity")));
  ASSERT_EQ(weighted->columns().size(), 3U);
  EXPECT_EQ(weighted->columns()[2].source, 3);
  EXPECT_EQ(weighted->columns()[2].encoding, Encoding::number);
}

TEST(EventColumns, ReadsTimesAsInstantsAndTheRestAsLabels) {
  const EventColumns columns = event_columns(request(named({{"weight", std::string("quantity")},
                                                            {"time", std::string("sold_at")},
                                                            {"basket", std::string("basket")},
                                                            {"segment", std::string("note")},
                                                            {"diversity_key", std::string("note")}})),
                                             "item_knn");
  const auto at = [&](int place) { return columns.stream[static_cast<std::size_t>(place)]; };
  EXPECT_EQ(at(columns.weight).source, 3);
  EXPECT_TRUE(at(columns.time).instant);
  EXPECT_EQ(at(columns.time).source, 4);
  EXPECT_EQ(at(columns.basket).encoding, Encoding::label);
  // A user without a segment, or an item without a category, is still one.
  EXPECT_EQ(at(columns.segment).missing, Missing::pass);
  EXPECT_EQ(at(columns.attribute).missing, Missing::pass);
  EXPECT_EQ(at(columns.segment).source, at(columns.attribute).source);
  EXPECT_EQ(at(columns.basket).missing, Missing::omit);
  const EventColumns none = event_columns(request(named()), "item_knn");
  EXPECT_EQ(none.time, -1);
  EXPECT_EQ(none.basket, -1);
  EXPECT_EQ(none.segment, -1);
}

TEST(EventColumns, ABasketStandsInForAUserOnlyWhereTheKindAllows) {
  const Given anonymous = {{"item", std::string("sku")}, {"basket", std::string("basket")}};
  EventNeeds needs;
  needs.user = false;
  const EventColumns columns = event_columns(request(anonymous), "sessions", needs);
  EXPECT_EQ(columns.user, columns.basket);
  EXPECT_EQ(columns.stream.size(), 2U);
  EXPECT_EQ(sqlstate_of(request(anonymous)), "22023");  // item_knn needs users
  const Given nobody = {{"item", std::string("sku")}};
  EXPECT_THROW(event_columns(request(nobody), "sessions", needs), Error);
}

TEST(EventColumns, BadRequestsNameTheMend) {
  std::string hint, message;
  EXPECT_EQ(sqlstate_of(request({{"item", std::string("sku")}}), &hint, &message), "22023");
  EXPECT_NE(message.find("\"user\""), std::string::npos);
  EXPECT_NE(hint.find("\"customer\""), std::string::npos);
  EXPECT_EQ(sqlstate_of(request({{"user", std::string("sku")}})), "22023");
  EXPECT_EQ(sqlstate_of(request(with("item", "SKU")), &hint, &message), "42703");
  EXPECT_NE(message.find("\"SKU\""), std::string::npos);
  EXPECT_NE(hint.find("\"sku\""), std::string::npos);
  EXPECT_EQ(sqlstate_of(request(with("item", "customer")), nullptr, &message), "22023");
  EXPECT_NE(message.find("\"user\" and \"item\""), std::string::npos);
  for (const char* option : {"weight", "time", "basket", "segment", "diversity_key"}) {
    EXPECT_EQ(sqlstate_of(request(with(option, "absent")), nullptr, &message), "42703") << option;
    EXPECT_NE(message.find("\"absent\""), std::string::npos);
  }
  EXPECT_EQ(sqlstate_of(request(with("weight", "note")), nullptr, &message), "42804");
  EXPECT_NE(message.find("text"), std::string::npos);
  EXPECT_EQ(sqlstate_of(request(with("weight", "sold_at"))), "42804");
  EXPECT_EQ(sqlstate_of(request(with("weight", "customer"))), "22023");
  EXPECT_EQ(sqlstate_of(request(with("time", "note")), &hint, &message), "42804");
  EXPECT_NE(message.find("\"note\" is of type text"), std::string::npos);
  EXPECT_NE(hint.find("timestamptz"), std::string::npos);
  EXPECT_EQ(sqlstate_of(request(with("time", "tags"))), "42804");
  EXPECT_EQ(sqlstate_of(request(with("time", "quantity"))), "none");  // a number is a time
  EXPECT_EQ(
      sqlstate_of(request(named({{"time", std::string("quantity")}, {"weight", std::string("quantity")}}))),
      "22023");
  EXPECT_EQ(sqlstate_of(request(with("diversity_key", "sku"))), "22023");
  EXPECT_EQ(sqlstate_of(request(named(), "quantity"), &hint), "22023");
  EXPECT_FALSE(hint.empty());
  EXPECT_EQ(sqlstate_of(request(named(), "", next_item()), &hint, &message, next_item()), "22023");
  EXPECT_NE(message.find("kind \"next_item\" needs option \"time\""), std::string::npos);
  EXPECT_THROW(request(named({{"neighbors", -1.0}})), Error);
  EXPECT_THROW(request(named({{"min_support", 0.0}})), Error);
  EXPECT_THROW(request(named({{"decay", 1.5}})), Error);
}

TEST(EventColumns, TwoColumnsOfOneNameAreAnError) {
  FitRequest twice = request(named());
  twice.columns[0].name = "sku";
  std::string hint;
  EXPECT_EQ(sqlstate_of(twice, &hint), "22023");
  EXPECT_NE(hint.find("another name"), std::string::npos);
}

}  // namespace
}  // namespace persona
