// The text and binary forms of affinity: exact both ways, pinned to the byte, and closed to forgeries.
#include "affinity_support.h"

#include <gtest/gtest.h>

#include "core/base/error.h"

namespace persona::testing {
namespace {

std::string binary_of(const std::string& state) { return affinity_to_binary(state.data(), state.size()); }

// 166 different bigints with a weight of 1 each, of which 139 fit; and one of them once more.
std::string bounded_state() {
  std::vector<AffinityRow> rows;
  for (int i = 0; i < 166; ++i) rows.push_back({bigint_bytes(i), 1});
  rows.push_back({bigint_bytes(500), 1});
  return affinity_of(rows, true);
}

TEST(AffinityText, IsPinned) {
  EXPECT_EQ(text_of(affinity_of({{"toys", 1}, {"garden \"tools\"\\", 3}, {"toys", 4}})),
            R"(affinity:1 text counts exact keys="garden \"tools\"\\":3,"toys":5)");
  EXPECT_EQ(text_of(affinity_of({{bigint_bytes(7), 2.5}, {bigint_bytes(INT64_MIN), 1}}, true)),
            "affinity:1 bigint sums exact keys=-9223372036854775808:1,7:2.5");
  // 0.1 + 0.2 is a pair, exactly: 0.30000000000000004 - 2^-55.
  EXPECT_EQ(text_of(affinity_of({{"a", 0.1}, {"a", 0.2}})),
            "affinity:1 text sums exact keys=\"a\":0.30000000000000004-2.7755575615628914e-17");
  // 65 bytes: 56 are kept, and SipHash-2-4 of all (by an implementation in Python).
  const std::string prefix(56, 'x');
  EXPECT_EQ(text_of(affinity_of({{std::string(65, 'x'), 1}})),
            "affinity:1 text counts exact keys=\"" + prefix + "\"#4ab763c966b56c78:1");
}

TEST(AffinityText, OfABoundedState) {
  const std::string state = bounded_state();
  const std::string text = text_of(state);
  EXPECT_EQ(text.substr(0, 63), "affinity:1 bigint counts bounded total=167 error=1 keys=0:1:0,1");
  EXPECT_EQ(text.substr(text.size() - 16), ",137:1:0,500:2:1");
  EXPECT_EQ(affinity_exact_part(state.data(), state.size()), "affinity:1 bigint bounded total=167");
  const std::string exact = affinity_of({{"a", 2}});
  EXPECT_EQ(affinity_exact_part(exact.data(), exact.size()), text_of(exact));
}

TEST(AffinityBinary, IsPinned) {
  // Byte by byte from docs/summaries/affinity.md.
  const unsigned char counts[] = {4,   1,   0,  0, 0, 0, 0, 2,
                                  0,   0,   0,  0,              // kind, version, flags, dim, reserved
                                  0,   0,   0,  1, 0, 0, 1, 2,  // weights 1 and 258
                                  0,   1,   0,  3,              // ends
                                  'a', 'b', 'c'};
  EXPECT_EQ(binary_of(affinity_of({{"bc", 258}, {"a", 1}})),
            std::string(reinterpret_cast<const char*>(counts), sizeof counts));
  const unsigned char sums[] = {4,    1,    0,    3,    0,    0,    0,    1,   0, 0, 0, 0,  // bigint sums
                                0x3f, 0xe0, 0,    0,    0,    0,    0,    0,   0, 0, 0, 0,
                                0,    0,    0,    0,                              // 0.5 + 0
                                0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};  // -1
  EXPECT_EQ(binary_of(affinity_of({{bigint_bytes(-1), 0.5}}, true)),
            std::string(reinterpret_cast<const char*>(sums), sizeof sums));
}

TEST(AffinityBinary, OfABoundedStateIsPinned) {
  const std::string binary = binary_of(bounded_state());
  const unsigned char head[] = {4,    1,    0,    5, 0, 0, 0, 139, 0, 0, 0, 0,              // 139 keys
                                0x40, 0x64, 0xe0, 0, 0, 0, 0, 0,   0, 0, 0, 0, 0, 0, 0, 0,  // total 167
                                0x3f, 0xf0, 0,    0, 0, 0, 0, 0,   0, 0, 0, 0, 0, 0, 0, 0,  // error 1
                                0,    0,    0,    1};                                       // weight of 0
  EXPECT_EQ(binary.substr(0, sizeof head), std::string(reinterpret_cast<const char*>(head), sizeof head));
  // The last slack stands before the keys: 1 is the float 0x3f800000 without its sign and low bits.
  EXPECT_EQ(binary.substr(binary.size() - 139 * 8 - 2, 2), std::string("\x7f\0", 2));
}

TEST(AffinityForms, RoundTripToTheByte) {
  Random random(52);
  for (int round = 0; round < 300; ++round) {
    const bool bigint = round % 2 == 0;
    const auto rows = random_affinity_rows(&random, 1 + random.below(600), 1 + random.below(400), bigint,
                                           random.below(2) == 0);
    const std::string state = affinity_of(rows, bigint);
    ASSERT_EQ(affinity_from_text(text_of(state)).substr(4), state.substr(4)) << text_of(state);
    ASSERT_EQ(affinity_from_binary(binary_of(state)).substr(4), state.substr(4)) << text_of(state);
  }
  // Weights so great that a slack is none of the 16 bits.
  std::vector<AffinityRow> rows;
  for (int i = 0; i < 300; ++i) rows.push_back({std::to_string(i), 1e290});
  const std::string state = affinity_of(rows);
  EXPECT_NE(text_of(state).find(":*"), std::string::npos);
  EXPECT_EQ(affinity_from_text(text_of(state)).substr(4), state.substr(4));
}

void expect_refused(const std::string& text, const std::string& detail) {
  try {
    affinity_from_text(text);
    ADD_FAILURE() << "accepted: " << text;
  } catch (const Error& e) {
    EXPECT_STREQ(e.sqlstate(), "22P02") << text;
    EXPECT_NE(e.detail().find(detail), std::string::npos) << text << ": " << e.detail();
  }
}

TEST(AffinityText, RefusesForgeries) {
  const std::string exact = "affinity:1 text counts exact keys=";
  ASSERT_NO_THROW(affinity_from_text(exact + "\"a\":3,\"b\":0"));
  expect_refused("", "\"affinity:\"");
  expect_refused("affinity:2 text counts exact keys=\"a\":3", "\"1 \"");
  expect_refused("affinity:1 word counts exact keys=\"a\":3", "\"text\"");
  expect_refused(exact, "\"");
  expect_refused(exact + "\"a\":-3", "an integer from 0");
  expect_refused(exact + "\"a\":0.5", "the end of the value");
  expect_refused(exact + "\"a\":4294967296", "an integer from 0");
  expect_refused(exact + "\"a\":3,\"a\":3", "The keys are not ascending.");
  expect_refused(exact + "\"b\":3,\"a\":3", "The keys are not ascending.");
  expect_refused(exact + "\"a\":3 ", "the end of the value");
  expect_refused(exact + "\"a:3", "a double quote");
  expect_refused(exact + "\"" + std::string(65, 'x') + "\":3", "a key of at most 64 bytes");
  expect_refused(exact + "\"" + std::string(57, 'x') + "\"#1:3", "at most 56 bytes");
  expect_refused(exact + "\"" + std::string(52, 'x') + "\"#1:3", "A cut key is too short.");
  expect_refused(exact + "\"" + std::string("a\0b", 3) + "\":3", "A key has a zero byte.");
  expect_refused("affinity:1 text sums exact keys=\"a\":-1", "A weight is not a number");
  expect_refused("affinity:1 text sums exact keys=\"a\":1e301", "A weight is not a number");
  expect_refused("affinity:1 text sums exact keys=\"a\":1+1", "A weight is not a number");
  expect_refused("affinity:1 text sums exact keys=\"a\":nan", "a finite number");
  expect_refused("affinity:1 bigint counts exact keys=7:1,6:1", "The keys are not ascending.");
  expect_refused("affinity:1 bigint counts exact keys=9223372036854775808:1", "an integer from");
  // An exact state that would not fit.
  std::string keys;
  for (int i = 0; i < 166; ++i) keys += (i > 0 ? "," : "") + std::to_string(i) + ":1";
  expect_refused("affinity:1 bigint counts exact keys=" + keys, "The value is too long.");
  for (int i = 166; i < 400; ++i) keys += "," + std::to_string(i) + ":1";
  expect_refused("affinity:1 bigint counts exact keys=" + keys, "fewer keys");
}

// The text of the bounded state with one piece exchanged.
std::string forged(const std::string& from, const std::string& to) {
  std::string text = text_of(bounded_state());
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(AffinityText, RefusesForgeriesOfBoundedStates) {
  ASSERT_NO_THROW(affinity_from_text(forged("total=167", "total=1000")));
  ASSERT_NO_THROW(affinity_from_text(forged(",500:2:1", ",500:2:0.5")));
  expect_refused(forged("total=167", "total=100"), "The keys have more weight than the total.");
  expect_refused(forged("total=167", "total=-167"), "The total or the error");
  expect_refused(forged("error=1", "error=-1"), "The total or the error");
  expect_refused(forged("error=1", "error=0"), "A key is less certain than the error allows.");
  expect_refused(forged("total=167", "total=167.5"), "Counts have a total or an error that is no whole");
  expect_refused(forged("error=1", "error=0.5"), "Counts have a total or an error that is no whole");
  expect_refused(forged("error=1", "error=2"), "A key that stayed may be lighter");
  expect_refused(forged(",7:1:0", ",7:0:0"), "A key that stayed may be lighter");
  expect_refused(forged(",7:1:0", ",7:100:0"), "The keys have more weight than the total.");
  expect_refused(forged(",500:2:1", ",500:2:3"), "A key is less certain than the error allows.");
  expect_refused(forged(",500:2:1", ",500:2:*"), "A key is less certain than the error allows.");
  expect_refused(forged(",500:2:1", ",500:2:0.123456789"), "a number of nine binary digits");
  expect_refused(forged(",500:2:1", ",500:2:-1"), "a number of nine binary digits");
  expect_refused(forged(",500:2:1", ",500:2"), "\":\"");
  expect_refused(forged(",136:1:0,137:1:0", ""), "Keys have left where there was room.");
}

TEST(AffinityText, TheErrorIsHeldAgainstTheNumberOfKeys) {
  // Every counter is 0 and every key's weight another's: only the bound of Misra and Gries speaks against an
  // error of 2 after 150 rows, since at least 76 keys stayed when one left.
  std::string keys;
  for (int i = 0; i < 139; ++i) keys += (i > 0 ? "," : "") + std::to_string(i) + ":2:2";
  EXPECT_NO_THROW(affinity_from_text("affinity:1 bigint counts bounded total=152 error=2 keys=" + keys));
  expect_refused("affinity:1 bigint counts bounded total=150 error=2 keys=" + keys,
                 "The keys have more weight than the total.");
}

TEST(AffinityBinary, RefusesForgeries) {
  for (const std::string& good :
       {binary_of(affinity_of({{"bc", 258}, {"a", 1}, {std::string(70, 'x'), 1.5}})),
        binary_of(bounded_state())}) {
    ASSERT_NO_THROW(affinity_from_binary(good));
    for (std::size_t size = 0; size < good.size(); ++size)
      EXPECT_THROW(affinity_from_binary(good.substr(0, size)), Error) << size;
    EXPECT_THROW(affinity_from_binary(good + '\0'), Error);
    for (std::size_t at = 0; at < 12; ++at) {
      std::string bad = good;
      bad[at] = static_cast<char>(bad[at] ^ 8);
      EXPECT_THROW(affinity_from_binary(bad), Error) << at;
    }
  }
  const auto expect_forged = [](std::string binary, std::size_t at, const std::string& bytes) {
    EXPECT_THROW(affinity_from_binary(binary.replace(at, bytes.size(), bytes)), Error) << at;
  };
  const std::string counts = binary_of(affinity_of({{"bc", 258}, {"a", 1}}));
  expect_forged(counts, 20, std::string("\0\4", 2));    // a key that ends behind the last
  expect_forged(counts, 22, std::string("\x80\3", 2));  // a cut key of two bytes
  const std::string sums = binary_of(affinity_of({{"a", 0.5}}));
  expect_forged(sums, 12, std::string("\x80\0\0\0\0\0\0\0", 8));    // a negative zero
  expect_forged(sums, 12, std::string("\x7f\xf0\0\0\0\0\0\0", 8));  // infinity
}

}  // namespace
}  // namespace persona::testing
