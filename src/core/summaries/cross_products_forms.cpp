// Checking a state of cross products, and its text and binary forms.
#include <cmath>
#include <string>

#include "core/summaries/cross_products_rows.h"
#include "core/summaries/cross_products_state.h"
#include "core/summaries/pair_check.h"
#include "core/summaries/state_header.h"
#include "core/summaries/text_form.h"

namespace persona {
namespace {

constexpr const char* kType = "persona.cross_products";
constexpr const char* kBinaryMessage = "invalid binary form of type persona.cross_products";
constexpr std::size_t kLengthWord = 4;
constexpr std::size_t kUnits = 40;
constexpr int kMaxColumns = kMaxFeatures + 1;
constexpr int kMaxUnit = 1100;  // a double has 2^-1074 to 2^1023

// What rounding may have left: relative to the sums, most of it from parts that were taken out, and to the
// square of the mean, from columns that hardly vary.
constexpr double kSlack = 0x1p-30;
constexpr double kSlackOfMean = 0x1p-112;

const char* wrong_units(const char* state, int columns) {
  for (int j = 0; j < columns; ++j) {
    const auto unit = load<std::int32_t>(state + kUnits + 4 * static_cast<std::size_t>(j));
    if (unit < -kMaxUnit || unit > kMaxUnit) return "A unit is out of range.";
  }
  return nullptr;
}

const char* wrong_products(const CrossProducts& products) {
  const auto rows = static_cast<double>(products.rows());
  std::vector<double> lengths;
  for (int j = 0; j < products.columns(); ++j) {
    const DoubleDouble mean = products.mean(j);
    if (!is_canonical_pair(mean) || !std::isfinite(products.mean_value(j)))
      return "A mean is not a finite number in its one form.";
    for (int i = 0; i <= j; ++i) {
      if (!is_canonical_pair(products.product(i, j)))
        return "A product is not a finite number in its one form.";
    }
    const double square = products.product(j, j).hi;
    if (square < 0) return "A sum of squares is negative.";
    lengths.push_back(std::sqrt(square + kSlackOfMean * rows * mean.hi * mean.hi));
    for (int i = 0; i < j; ++i) {
      const double bound = lengths[static_cast<std::size_t>(i)] * lengths.back() * (1 + kSlack);
      if (!(std::fabs(products.product(i, j).hi) <= bound))
        return "A product is greater than the sums of squares of its columns allow.";
    }
  }
  return nullptr;
}

const char* wrong_values(const char* state, std::size_t size) {
  const CrossProductsHead head = CrossProductsHead::read(state);
  if (head.columns < 2 || head.columns > kMaxColumns) return "The number of columns is out of range.";
  if (head.rows < 0 || head.rows > kMaxCount) return "The number of rows is out of range.";
  if (size != head.size()) return "The length does not fit the contents.";
  if (head.rows > 0) {
    if (const char* wrong = wrong_units(state, head.columns)) return wrong;
  }
  CrossProductsState values = CrossProductsState::read(state);
  if (values.skipped() < 0 || values.skipped() > kMaxCount)
    return "The number of skipped rows is out of range.";
  if (head.rows == 0) return values.skipped() == 0 ? "The state counts nothing." : nullptr;
  if (!(values.error() >= 1) || values.error() > CrossProductsState::kMaxError)
    return "The error is out of range.";
  if (const char* wrong = wrong_products(values.products())) return wrong;
  values.settle();
  std::string settled(state, size);
  values.write(settled.data());
  return settled.compare(0, size, state, size) == 0 ? nullptr : "The numbers are not in their one form.";
}

// Swaps every number of a state of this shape; the same both ways.
void swap_state(char* to, const char* from, std::size_t size, std::size_t columns) {
  const auto swap = [&](std::size_t at, int bytes) { swap_network_order(to + at, from + at, bytes); };
  swap(4, 1);
  swap(5, 1);
  swap(6, 2);
  swap(8, 4);
  swap(12, 4);
  swap(16, 8);
  swap(24, 8);
  if (size == kCrossProductsFirstSize) return;
  swap(32, 8);
  std::size_t at = kUnits;
  const std::size_t units_end = at + (4 * columns + 7) / 8 * 8;
  for (; at < units_end; at += 4) swap(at, 4);
  for (; at < size; at += 8) swap(at, 8);
}

}  // namespace

void cross_products_check(const char* state, std::size_t size, const char* sqlstate, const char* message) {
  const char* wrong = nullptr;
  if (size < kCrossProductsFirstSize) {
    wrong = "The length does not fit the contents.";
  } else if (!header_matches(state, size, SummaryKind::cross_products, kCrossProductsVersion,
                             kCrossProductsFirstSize)) {
    wrong = "The kind or the format version is not known.";
  } else if (header_flags(state) != 0 || load<std::uint32_t>(state + 12) != 0) {
    wrong = "Reserved bits are set.";
  } else {
    wrong = wrong_values(state, size);
  }
  if (wrong != nullptr) throw Error(sqlstate, message, wrong);
}

std::string cross_products_to_text(const char* state, std::size_t /*size*/) {
  const CrossProductsState values = CrossProductsState::read(state);
  const CrossProducts& products = values.products();
  std::string to = "cross_products:";
  append_integer(to, kCrossProductsVersion);
  to += " columns=";
  append_integer(to, values.columns());
  to += " rows=";
  append_integer(to, values.rows());
  to += " skipped=";
  append_integer(to, values.skipped());
  if (values.rows() == 0) return to;
  to += " error=";
  append_double(to, values.error());
  const char* before = " units=";
  for (int j = 0; j < values.columns(); ++j, before = ",") append_integer(to += before, products.exponent(j));
  before = " means=";
  for (int j = 0; j < values.columns(); ++j, before = ",") append_pair(to += before, products.mean(j));
  before = " products=";
  for (int j = 0; j < values.columns(); ++j) {
    for (int i = 0; i <= j; ++i, before = ",") append_pair(to += before, products.product(i, j));
  }
  return to;
}

std::string cross_products_from_text(std::string_view text) {
  TextReader in(text, kType);
  in.expect("cross_products:");
  in.expect(std::to_string(kCrossProductsVersion) + " columns=");
  const auto columns = static_cast<int>(in.integer(2, kMaxColumns));
  in.expect(" rows=");
  CrossProducts products(columns);
  products.set_rows(in.integer(0, kMaxCount));
  in.expect(" skipped=");
  const std::int64_t skipped = in.integer(0, kMaxCount);
  double error = 1;
  if (products.rows() > 0) {
    in.expect(" error=");
    error = in.number();
    const char* before = " units=";
    for (int j = 0; j < columns; ++j, before = ",") {
      in.expect(before);
      products.set_exponent(j, static_cast<int>(in.integer(-kMaxUnit, kMaxUnit)));
    }
    before = " means=";
    for (int j = 0; j < columns; ++j, before = ",") {
      in.expect(before);
      products.set_mean(j, in.pair());
    }
    before = " products=";
    for (int j = 0; j < columns; ++j) {
      for (int i = 0; i <= j; ++i, before = ",") {
        in.expect(before);
        products.set_product(i, j, in.pair());
      }
    }
  }
  in.expect_end();
  const CrossProductsState values(std::move(products), skipped, error);
  std::string bytes(values.size(), '\0');
  values.write(bytes.data());
  cross_products_check(bytes.data(), bytes.size(), sqlstate::kInvalidText,
                       invalid_text_message(kType).c_str());
  return bytes;
}

std::string cross_products_to_binary(const char* state, std::size_t /*size*/) {
  const CrossProductsState values = CrossProductsState::read(state);
  std::string bytes(values.size(), '\0');
  values.write(bytes.data());
  swap_state(bytes.data(), bytes.data(), bytes.size(), static_cast<std::size_t>(values.columns()));
  bytes.erase(0, kLengthWord);
  return bytes;
}

std::string cross_products_from_binary(std::string_view message) {
  std::string bytes(kLengthWord, '\0');
  bytes += message;
  // The shape is read first: swapping must stay inside the message whatever it says.
  char shape[4] = {};
  if (bytes.size() >= kCrossProductsFirstSize) swap_network_order(shape, bytes.data() + 8, 4);
  const auto columns = load<std::int32_t>(shape);
  if (columns < 2 || columns > kMaxColumns ||
      (bytes.size() != kCrossProductsFirstSize && bytes.size() != cross_products_size(columns, true)))
    throw Error(sqlstate::kInvalidBinary, kBinaryMessage, "The length does not fit the contents.");
  swap_state(bytes.data(), bytes.data(), bytes.size(), static_cast<std::size_t>(columns));
  cross_products_check(bytes.data(), bytes.size(), sqlstate::kInvalidBinary, kBinaryMessage);
  return bytes;
}

}  // namespace persona
