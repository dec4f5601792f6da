// cross_products: the pinned bytes of format version 1, round trips through text and binary, and that forged
// input is refused.
#include "cross_products_support.h"

#include <cmath>

#include "core/base/error.h"
#include "fit_support.h"

namespace persona::testing {
namespace {

TEST(CrossProductsBinary, IsPinned) {
  // The state of y 1 2 3, x 2 4 9, byte by byte from docs/summaries/cross_products.md, less the length word.
  std::string expected(cross_products_size(2, true) - 4, '\0');
  const auto put = [&](std::size_t at, const std::string& bytes) {
    expected.replace(at, bytes.size(), bytes);
  };
  expected[0] = 7;
  expected[1] = 1;
  expected[7] = 2;                  // columns
  expected[19] = 3;                 // rows
  put(28, "\x3f\xf0");              // error 1
  put(44, std::string("\x40", 1));  // mean 2
  put(60, "\x40\x14");              // mean 5
  put(76, std::string("\x40", 1));  // product 2
  put(92, "\x40\x1c");              // product 7
  put(108, "\x40\x3a");             // product 26
  const CrossProductsState state = state_of({{1, 2}, {2, 4}, {3, 9}});
  EXPECT_EQ(cross_products_to_binary(bytes_of(state).data(), state.size()), expected);
}

TEST(CrossProductsForms, RoundTripToTheByte) {
  Random random(20);
  for (int round = 0; round < 200; ++round) {
    const int features = 1 + static_cast<int>(random.below(9));
    Rows rows = random_rows(&random, 1 + random.below(60), features, 10 * random.normal(), 1);
    const double scale = std::exp(200 * random.normal());
    for (auto& row : rows) row.back() *= scale;
    Group group(features + 1);
    for (const auto& row : rows) group.add(row);
    if (round % 2 == 0) group.skip();
    const std::string state = bytes_of(group.value());
    // The forms of a group with rows waiting are those of its value.
    const std::string text = cross_products_to_text(group.bytes().data(), group.bytes().size());
    ASSERT_EQ(text, cross_products_to_text(state.data(), state.size()));
    ASSERT_EQ(cross_products_from_text(text), state);
    const std::string binary = cross_products_to_binary(group.bytes().data(), group.bytes().size());
    ASSERT_EQ(binary, cross_products_to_binary(state.data(), state.size()));
    ASSERT_EQ(cross_products_from_binary(binary), state);
  }
}

TEST(CrossProductsForms, ValuesThatHardlyVaryCanBeReadBack) {
  for (const double base : {1.0, 0.1, 1e9}) {
    Rows rows(70000, {base, 3 * base});
    rows[40000][0] = std::nextafter(base, 2 * base);
    rows[40001][1] = std::nextafter(3 * base, 0.0);
    for (const std::size_t last : {std::size_t{40001}, std::size_t{40002}, std::size_t{70000}}) {
      const CrossProductsState state = state_of(rows, 0, last);
      EXPECT_FALSE(state.products().constant(0));
      EXPECT_EQ(cross_products_from_binary(cross_products_to_binary(bytes_of(state).data(), state.size())),
                bytes_of(state));
    }
  }
}

TEST(CrossProductsText, RefusesForgeries) {
  const auto refused = [](const std::string& text) {
    EXPECT_EQ(test::sqlstate_of([&] { cross_products_from_text(text); }), "22P02") << text;
  };
  ASSERT_NO_THROW(cross_products_from_text(
      "cross_products:1 columns=2 rows=3 skipped=1 error=1 units=0,0 means=2,5 products=2,7,26"));
  ASSERT_NO_THROW(cross_products_from_text("cross_products:1 columns=2 rows=0 skipped=5"));
  refused("");
  refused("cross_products:2 columns=2 rows=3 skipped=1 error=1 units=0,0 means=2,5 products=2,7,26");
  refused("cross_products:1 columns=1 rows=3 skipped=1 error=1 units=0 means=2 products=2");
  refused("cross_products:1 columns=102 rows=0 skipped=1");
  refused("cross_products:1 columns=2 rows=0 skipped=0");
  refused("cross_products:1 columns=2 rows=0 skipped=1 error=1 units=0,0 means=0,0 products=0,0,0");
  refused("cross_products:1 columns=2 rows=-3 skipped=1 error=1 units=0,0 means=2,5 products=2,7,26");
  refused("cross_products:1 columns=2 rows=3 skipped=-1 error=1 units=0,0 means=2,5 products=2,7,26");
  refused(
      "cross_products:1 columns=2 rows=9007199254740993 skipped=1 error=1 units=0,0 means=2,5 "
      "products=2,7,26");
  refused("cross_products:1 columns=2 rows=3 skipped=1 error=0.5 units=0,0 means=2,5 products=2,7,26");
  refused("cross_products:1 columns=2 rows=3 skipped=1 error=1e30 units=0,0 means=2,5 products=2,7,26");
  refused("cross_products:1 columns=2 rows=3 skipped=1 error=1 units=1,0 means=2,5 products=2,7,26");
  refused("cross_products:1 columns=2 rows=3 skipped=1 error=1 units=2000,0 means=2,5 products=2,7,26");
  refused("cross_products:1 columns=2 rows=3 skipped=1 error=1 units=0,0 means=1e300,5 products=0,0,26");
  refused("cross_products:1 columns=2 rows=3 skipped=1 error=1 units=0,0 means=inf,5 products=2,7,26");
  refused("cross_products:1 columns=2 rows=3 skipped=1 error=1 units=0,0 means=2+1,5 products=2,7,26");
  refused("cross_products:1 columns=2 rows=3 skipped=1 error=1 units=0,0 means=2,5 products=-2,7,26");
  refused(
      "cross_products:1 columns=2 rows=3 skipped=1 error=1 units=0,0 means=2,5 products=2,7.3,26");  // |r| >
                                                                                                     // 1
  refused("cross_products:1 columns=2 rows=3 skipped=1 error=1 units=0,0 means=2,5 products=2,-7.3,26");
  refused(
      "cross_products:1 columns=2 rows=3 skipped=1 error=1 units=0,0 means=2,5 products=0,1e-40,26");  // constant
  refused("cross_products:1 columns=2 rows=3 skipped=1 error=1 units=0,0 means=2,5 products=1e-60,0,26");
  refused(
      "cross_products:1 columns=2 rows=1 skipped=1 error=1 units=0,0 means=2,5 products=2,7,26");  // of one
                                                                                                   // row
  refused("cross_products:1 columns=2 rows=3 skipped=1 error=1 units=0,0 means=2,5 products=2,7,26 ");
  refused("cross_products:1 columns=2 rows=3 skipped=1 error=1 units=0,0 means=2,5 products=2,7");
}

TEST(CrossProductsBinary, RefusesForgeries) {
  const CrossProductsState state = state_of({{1, 2, 3}, {2, 4, 5}, {3, 9, 1}});
  const std::string good = cross_products_to_binary(bytes_of(state).data(), state.size());
  ASSERT_NO_THROW(cross_products_from_binary(good));
  for (std::size_t size = 0; size < good.size(); ++size)
    EXPECT_THROW(cross_products_from_binary(good.substr(0, size)), Error) << size;
  EXPECT_THROW(cross_products_from_binary(good + '\0'), Error);
  for (const std::size_t at : {0U, 1U, 2U, 3U, 4U, 7U, 8U, 9U, 10U, 11U, 12U, 20U, 36U, 51U}) {
    std::string bad = good;  // 3: the flag of rows that wait; 51: what pads the units
    bad[at] = static_cast<char>(bad[at] ^ (at == 12 || at == 20 ? 0x80 : 1));
    EXPECT_THROW(cross_products_from_binary(bad), Error) << at;
  }
  std::string bad = good;
  bad[60] = static_cast<char>(0x80);  // a low part of minus zero
  EXPECT_THROW(cross_products_from_binary(bad), Error);
}

}  // namespace
}  // namespace persona::testing
