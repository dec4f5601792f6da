// Mutated text and binary forms of cross products against their readers: nothing may crash, nothing but
// persona::Error may be thrown, and what is accepted must come out as it went in, answer every accessor, take
// rows in, merge, and be subtracted from. Deterministic: cross_products_fuzz [inputs] [seed]. Built with ASan
// and UBSan.
#include "fuzz.h"

#include "core/summaries/cross_products_rows.h"
#include "core/summaries/cross_products_state.h"

namespace persona {
namespace {

using fuzz::require;

volatile double sink;  // keeps accessors from being left out

std::string bytes_of(const CrossProductsState& values) {
  std::string bytes(values.size(), '\0');
  values.write(bytes.data());
  return bytes;
}

void check(const CrossProductsState& values, const char* what) {
  if (values.rows() == 0 && values.skipped() == 0) return;
  const std::string bytes = bytes_of(values);
  cross_products_check(bytes.data(), bytes.size(), sqlstate::kInternalError, what);
}

void use_accessors(const CrossProductsState& values) {
  std::vector<std::string> names;
  for (int j = 1; j < values.columns(); ++j) names.push_back(cross_products_column_name(j));
  try {
    for (const Coefficient& c : values.linear_fit(names))
      sink = c.estimate.value_or(0) + c.p_value.value_or(0);
    sink = values.r_squared().value_or(0);
    for (const auto& r : values.correlation())
      require(std::fabs(r.value_or(0)) <= 1, "a correlation beyond 1");
    for (const auto& c : values.covariance()) sink = c.value_or(0);
  } catch (const Error& e) {
    require(std::strcmp(e.sqlstate(), sqlstate::kNumericOutOfRange) == 0, "the SQLSTATE of an accessor");
  }
}

void use(const std::string& state, Random* random) {
  require(cross_products_size_fits(state.data(), state.size()), "the size of an accepted state");
  require(cross_products_from_binary(cross_products_to_binary(state.data(), state.size())) == state,
          "binary round trip");
  require(cross_products_from_text(cross_products_to_text(state.data(), state.size())) == state,
          "text round trip");
  const CrossProductsState values = CrossProductsState::read(state.data());
  use_accessors(values);

  std::string group(cross_products_room(state.data()), '\0');
  cross_products_make_room(group.data(), state.data());
  CrossProductsState part(values.columns());
  const int rows = 1 + static_cast<int>(random->below(4));
  for (int r = 0; r < rows; ++r) {
    std::vector<double> row(static_cast<std::size_t>(values.columns()));
    for (double& x : row) x = random->normal() * std::exp(100 * random->normal());
    part.add_rows(row.data(), 1);
    CrossProductsHead head = CrossProductsHead::read(group.data());
    if (head.full()) {
      std::string larger(cross_products_room(group.data()), '\0');
      cross_products_make_room(larger.data(), group.data());
      group = larger;
      head = CrossProductsHead::read(group.data());
    }
    std::memcpy(cross_products_next_row(group.data(), head), row.data(), 8 * row.size());
    cross_products_count_row(group.data(), head);
  }
  try {
    check(CrossProductsState::read(group.data()), "added rows broke the state");
    CrossProductsState sum = values;
    sum.merge(part);
    CrossProductsState other = part;
    other.merge(values);
    check(sum, "merging broke the state");
    require(bytes_of(sum) == bytes_of(other), "merging depends on the order");
    CrossProductsState twice = values;
    twice.merge(values);
    check(twice, "merging with itself broke the state");
    CrossProductsState rest = random->below(2) == 0 ? sum : values;
    rest.subtract(random->below(2) == 0 ? part : values);
    check(rest, "subtracting broke the state");
    use_accessors(rest);
  } catch (const Error& e) {
    require(std::strcmp(e.sqlstate(), sqlstate::kInternalError) != 0, e.what());
  }
}

std::vector<std::string> seeds(Random* random, bool text) {
  std::vector<std::string> forms;
  for (int i = 0; i < 64; ++i) {
    const int columns = 2 + static_cast<int>(random->below(4));
    CrossProductsState values(CrossProducts(columns), static_cast<std::int64_t>(1 + random->below(3)), 1);
    const double scale = i % 8 == 0 ? std::exp(150 * random->normal()) : 1;
    std::vector<double> row(static_cast<std::size_t>(columns));
    for (auto n = random->below(20); n > 0; --n) {
      for (double& x : row) x = scale * random->normal();
      if (i % 4 == 0) row[1] = 3;
      values.add_rows(row.data(), 1);
    }
    const std::string bytes = bytes_of(values);
    forms.push_back(text ? cross_products_to_text(bytes.data(), bytes.size())
                         : cross_products_to_binary(bytes.data(), bytes.size()));
  }
  return forms;
}

}  // namespace
}  // namespace persona

int main(int argc, char** argv) {
  using namespace persona;  // NOLINT(google-build-using-namespace)
  Random random(7);
  return fuzz::run("cross_products_fuzz",
                   {{seeds(&random, true), true, cross_products_from_text, use},
                    {seeds(&random, false), false, cross_products_from_binary, use}},
                   argc, argv);
}
