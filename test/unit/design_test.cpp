// The design itself: columns of other roles, recipes against expanded columns, and the change of columns that
// imputes.
#include "core/regression/design.h"

#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "core/base/random.h"
#include "fit_support.h"

namespace persona::test {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

std::vector<OptionSpec> specs() {
  std::vector<OptionSpec> result = regression_options();
  for (const char* role : {"weight", "offset", "cluster", "group_by"}) {
    const bool declared = std::any_of(result.begin(), result.end(), [role](const OptionSpec& spec) {
      return std::string(role) == spec.name;
    });
    if (!declared) result.push_back({role, OptionType::text, "null", "A column."});
  }
  return result;
}

FitRequest request(const GivenOptions& given) {
  FitRequest result;
  const auto add = [&result](const char* name, SourceColumn::Family family) {
    result.columns.push_back({name, "some type", family, 0});
  };
  add("x", SourceColumn::Family::number);
  add("l", SourceColumn::Family::label);
  add("z", SourceColumn::Family::number);
  add("w", SourceColumn::Family::number);
  add("day", SourceColumn::Family::time);
  add("y", SourceColumn::Family::number);
  result.target = "y";
  result.options = Options(specs(), given, "test");
  return result;
}

TEST(Design, ColumnsOfOtherRolesAreNoFeatures) {
  Design design(request({{"weight", std::string("w")},
                         {"offset", std::string("z")},
                         {"cluster", std::string("day")},
                         {"group_by", std::string("l")}}),
                "test", false);
  ASSERT_EQ(design.features().size(), 1U);
  EXPECT_EQ(design.features()[0].name(), "x");
  EXPECT_EQ(design.stream().size(), 6U);
  EXPECT_EQ(design.target_stream(), 1);
  EXPECT_TRUE(design.stream()[static_cast<std::size_t>(design.weight_stream())].weight);
  EXPECT_EQ(design.stream()[static_cast<std::size_t>(design.group_stream())].encoding, Encoding::label);
  std::vector<Encoding> encodings;
  for (const StreamColumn& column : design.stream()) encodings.push_back(column.encoding);
  RowBlock block(encodings);
  block.set_rows(2);
  for (int r = 0; r < 2; ++r) {
    block.numbers(0)[r] = r;
    block.numbers(1)[r] = r;
    block.numbers(design.weight_stream())[r] = r + 0.5;
    block.numbers(design.offset_stream())[r] = r + 10;
    block.labels(design.cluster_stream())[r] = block.dictionary(design.cluster_stream()).intern("c");
    block.labels(design.group_stream())[r] =
        block.dictionary(design.group_stream()).intern(r == 0 ? "a" : "b");
  }
  EXPECT_EQ(design.weights(), nullptr);
  design.observe(block);
  EXPECT_EQ(design.weights()[1], 1.5);
  EXPECT_EQ(design.offsets()[1], 11);
  EXPECT_EQ(design.cluster_codes()[1], 0);
  EXPECT_EQ(block.dictionary(design.group_stream()).label(design.group_codes()[1]), "b");
}

TEST(Design, RolesAreChecked) {
  const auto with = [](const GivenOptions& given) {
    return sqlstate_of([&] { Design(request(given), "test", false); });
  };
  EXPECT_EQ(with({}), "");
  EXPECT_EQ(with({{"weight", std::string("nobody")}}), "42703");
  EXPECT_EQ(with({{"weight", std::string("l")}}), "42804");
  EXPECT_EQ(with({{"offset", std::string("day")}}), "42804");
  EXPECT_EQ(with({{"group_by", std::string("day")}}), "42804");
  EXPECT_EQ(with({{"weight", std::string("y")}}), "22023");
  EXPECT_EQ(with({{"weight", std::string("x")}, {"features", std::vector<std::string>{"x", "z"}}}), "22023");
}

struct Accumulated {
  std::vector<std::vector<double>> columns;  // by design column, over all rows
  std::vector<std::vector<double>> recipes;  // the same from base columns, once imputed
  CrossProducts products;
};

// Streams rows with gaps through a design in blocks, and keeps its base columns.
Accumulated accumulate(Design& design, int rows) {
  Random random(11);
  std::vector<Encoding> encodings;
  for (const StreamColumn& column : design.stream()) encodings.push_back(column.encoding);
  RowBlock block(encodings);
  CrossProductsAccumulator accumulator(design.columns());
  std::vector<std::vector<double>> numbers(design.base_numbers().size());
  std::vector<std::vector<std::int32_t>> labels(design.base_labels().size());
  for (int first = 0; first < rows; first += 50) {
    block.set_rows(50);
    for (int r = 0; r < 50; ++r) {
      for (std::size_t c = 0; c < encodings.size(); ++c) {
        const int column = static_cast<int>(c);
        const bool missing = column < design.target_stream() && first > 0 && random.below(6) == 0;
        if (encodings[c] == Encoding::number) {
          block.numbers(column)[r] = missing ? kNan : 100 + random.normal();
        } else {
          const std::string label(1, static_cast<char>('a' + random.below(3)));
          block.labels(column)[r] = missing ? kMissingLabel : block.dictionary(column).intern(label);
        }
      }
    }
    design.observe(block);
    const std::vector<const double*>& expanded = design.expand(block);
    const int grown = static_cast<int>(expanded.size()) - accumulator.columns();
    if (grown > 0) accumulator.append_columns(grown);
    accumulator.consume(expanded.data(), block.rows());
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      numbers[i].insert(numbers[i].end(), design.base_numbers()[i], design.base_numbers()[i] + 50);
    }
    for (std::size_t i = 0; i < labels.size(); ++i) {
      labels[i].insert(labels[i].end(), design.base_labels()[i], design.base_labels()[i] + 50);
    }
  }
  Accumulated result;
  result.products = accumulator.result();
  design.impute(result.products, 0);
  for (const Recipe& recipe : design.recipes()) {
    std::vector<double> column(static_cast<std::size_t>(rows), 1.0);
    for (const Factor& factor : {recipe.first, recipe.second}) {
      multiply_by(factor,
                  factor.number >= 0 ? numbers[static_cast<std::size_t>(factor.number)].data() : nullptr,
                  factor.label >= 0 ? labels[static_cast<std::size_t>(factor.label)].data() : nullptr, rows,
                  column.data());
    }
    result.recipes.push_back(std::move(column));
  }
  return result;
}

// The products of what the recipes make of cached rows are the accumulated ones, changed by impute().
TEST(Design, RecipesAndImputedProductsAreTheSameColumns) {
  const GivenOptions given = {{"nulls", std::string("impute")},
                              {"bins", NumberMap{{"w", {true, {99, 100.5}}}}},
                              {"splines", NumberMap{{"z", {true, {98, 99, 101, 102}}}}},
                              {"interactions", std::vector<std::string>{"x:z", "l:x", "w:l", "w:z"}}};
  Design design(request(given), "test", false);
  constexpr int kRows = 1000;
  const Accumulated got = accumulate(design, kRows);
  ASSERT_EQ(got.products.columns(), static_cast<int>(got.recipes.size()));
  // x, x=NULL; four levels each of l and w; three terms of z, and z=NULL; their products.
  EXPECT_EQ(got.recipes.size(), 2U + 4 + 4 + 4 + 2 * 4 + 4 * 2 + 4 * 4 + 4 * 4);
  EXPECT_EQ(design.terms().size(), 2U + 3 + 3 + 4 + 2 * 4 + 3 * 2 + 3 * 3 + 3 * 4);
  for (std::size_t i = 0; i < got.recipes.size(); ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      long double sum = 0;
      for (int r = 0; r < kRows; ++r) {
        sum += static_cast<long double>(got.recipes[i][static_cast<std::size_t>(r)]) *
               static_cast<long double>(got.recipes[j][static_cast<std::size_t>(r)]);
      }
      const int a = static_cast<int>(i);
      const int b = static_cast<int>(j);
      const double product = std::ldexp(got.products.raw_product(a, b).value(),
                                        got.products.exponent(a) + got.products.exponent(b));
      EXPECT_NEAR(product, static_cast<double>(sum), 1e-12 * (1 + std::fabs(product))) << i << " " << j;
    }
  }
}

TEST(CrossProductsChange, AddsAMultipleOfAColumn) {
  const std::vector<double> x = {1e6 + 1, 1e6 + 2, 1e6 + 4, 1e6 - 3};
  const std::vector<double> z = {0, 1, 0, 1};
  const std::vector<double> sum = {1e6 + 1, 1e6 + 2 + 0.1, 1e6 + 4, 1e6 - 3 + 0.1};
  const double* given[] = {x.data(), z.data(), x.data()};
  const double* wanted[] = {sum.data(), z.data(), x.data()};
  CrossProductsAccumulator a(3);
  CrossProductsAccumulator b(3);
  a.consume(given, 4);
  b.consume(wanted, 4);
  CrossProducts got = a.result();
  got.add_multiple(0, 1, DoubleDouble(0.1));
  const CrossProducts want = b.result();
  for (int i = 0; i < 3; ++i) {
    EXPECT_NEAR(got.mean_value(i), want.mean_value(i), 1e-9);
    for (int j = 0; j <= i; ++j) {
      const auto value = [i, j](const CrossProducts& p) {
        return std::ldexp(p.product(i, j).value(), p.exponent(i) + p.exponent(j));
      };
      EXPECT_NEAR(value(got), value(want), 1e-9) << i << j;
    }
  }
}

}  // namespace
}  // namespace persona::test
